"""P0: somebody is woken."""

from typing import Final

from monitoring.model import Alert, Group, Recording
from monitoring.pace import words
from monitoring.rules.first_layer import BREAKER, FAILED, PROCESSES, SERVER_ERROR, rate_of
from monitoring.thresholds import Thresholds

_CONFIDENCE = "techsapo_wallbounce_consensus_confidence"
_CALLS = "techsapo_llm_requests_total"
_REQUESTS = "techsapo_http_requests_total"

# Which share of the calls of a provider fails.
FAILING: Final = "job:llm_failing:ratio_rate5m"


def group(thresholds: Thresholds) -> Group:
    """Return the group."""
    return Group(
        "techsapo-alerts-p0",
        "15s",
        (
            _confidence(thresholds),
            _failing(),
            _provider(thresholds),
            _server_errors(thresholds),
            _memory(thresholds),
            _silent(thresholds),
        ),
    )


def _confidence(thresholds: Thresholds) -> Alert:
    limit = thresholds["consensus_confidence_low"]
    total, count = (f"sum by (job) ({rate_of(f'{_CONFIDENCE}_{part}', '5m')})" for part in ("sum", "count"))
    return Alert(
        "ConsensusConfidenceLow",
        "P0",
        "wallbounce",
        f"{limit.under(f'{total} / {count}')}\nand {limit.enough(count)}",
        limit.for_,
        "Mean consensus confidence is {{ $value | humanizePercentage }}",
        "The providers' answers contradict each other: users get verdicts that are hardly better than one model's.",
        "operations",
        keeps_for=limit.keeps_for,
        decided="The mean of the analyses of five minutes, from the histogram's sum and count.",
    )


def _failing() -> Recording:
    calls = rate_of(_CALLS, "5m")
    by = "sum by (job, provider)"
    return Recording(FAILING, f"{by} ({calls}{{{FAILED}}}) / {by} ({calls})")


def _provider(thresholds: Thresholds) -> Alert:
    limit, pace = thresholds["llm_provider_failing"], thresholds.pace
    calls = f"sum by (job, provider) ({rate_of(_CALLS, '5m')})"
    failing = limit.over(FAILING)
    was = f"last_over_time(({failing})[{pace.time(limit.window)}:{pace.time('1m')}])"
    # Its breaker is named for it.
    broken = f'label_join({BREAKER} > 0, "provider", "", "service")'
    return Alert(
        "LlmProviderFailing",
        "P0",
        "llm",
        f"{failing}\nand {limit.enough(calls)}\nor ({failing} or {was})\nand on (job, provider) {broken}",
        limit.for_,
        "{{ $value | humanizePercentage }} of the calls of {{ $labels.provider }} fail",
        "Analyses go on with the providers that are left, with less to agree on; with fewer than two they end in 502.",
        "operations",
        keeps_for=limit.keeps_for,
        decided="Errors, timeouts and refusals for rate over all calls of five minutes; what the application broke off "
        "itself (`other`) is in the whole and no failure. Few calls are enough behind a breaker of the provider's name "
        f"that is not closed, and so is the share of up to {words(limit.window)} ago: it lets hardly any through, and "
        "the provider is out all the same.",
        narrows=("job", "provider"),
    )


def _server_errors(thresholds: Thresholds) -> Alert:
    limit = thresholds["http_server_errors"]
    # Two samples, also of who scrapes once a minute.
    requests = rate_of(_REQUESTS, "2m")
    return Alert(
        "HttpServerErrors",
        "P0",
        "api",
        f"{limit.over(f'sum by (job) ({requests}{{{SERVER_ERROR}}}) / sum by (job) ({requests})')}\n"
        f"and {limit.enough(f'sum by (job) ({requests})')}",
        limit.for_,
        "{{ $value | humanizePercentage }} of all requests end in 5xx",
        f"Users see errors, or did within the last {words(limit.keeps_for)}.",
        "development",
        keeps_for=limit.keeps_for,
        decided="Answers of 500 to 599 over all requests of two minutes, those without a route included.",
    )


def _memory(thresholds: Thresholds) -> Alert:
    limit = thresholds["memory_near_limit"]
    usage, most = (f"max without (lane) (techsapo_memory_{of}_bytes)" for of in ("usage", "limit"))
    return Alert(
        "MemoryNearLimit",
        "P0",
        "runtime",
        f"{usage} / ({most} > 0) > {limit.number}",
        limit.for_,
        "{{ $labels.component }} of {{ $labels.instance }} has {{ $value | humanizePercentage }} of its memory in use",
        "The kernel is about to end it: requests under way are lost, and it starts cold.",
        "operations",
        keeps_for=limit.keeps_for,
        decided="Within an instance and a component, never added up over processes first.",
    )


def _silent(thresholds: Thresholds) -> Alert:
    limit = thresholds["service_silent"]
    window = thresholds.pace.time(limit.window)
    return Alert(
        "ServiceSilent",
        "P0",
        "telemetry",
        f"max_over_time({PROCESSES}[{window}])\nunless {PROCESSES}\nunless on (job) (up == 0)",
        limit.for_,
        f"{{{{ $labels.job }}}} has told no figures for {words(limit.for_)}, where {{{{ $value }}}} of its processes "
        f"did within {words(limit.window)}",
        "It is down, or none of its alerts can fire: nobody knows what its users see.",
        "operations",
        decided="A job whose processes told figures of their own (target_info, a push, dropped instruments) within the "
        "hour, and tell none. `up` is the Collector's and stays 1; a job that Prometheus scrapes itself, and cannot, "
        "has TargetDown.",
    )
