"""P0: somebody is woken."""

from monitoring.model import Alert, Group
from monitoring.pace import words
from monitoring.rules.first_layer import BREAKER, FAILED, PROCESSES, SERVER_ERROR, rate_of
from monitoring.thresholds import Thresholds

_CONFIDENCE = "techsapo_wallbounce_consensus_confidence"
_CALLS = "techsapo_llm_requests_total"
_REQUESTS = "techsapo_http_requests_total"


def group(thresholds: Thresholds) -> Group:
    """Return the group."""
    return Group(
        "techsapo-alerts-p0",
        "15s",
        (
            _confidence(thresholds),
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
        f"{total} / {count} < {limit.number}\nand {limit.enough(count)}",
        limit.for_,
        "Mean consensus confidence is {{ $value | humanizePercentage }}",
        "The providers' answers contradict each other: users get verdicts that are hardly better than one model's.",
        "operations",
        decided="The mean of the analyses of five minutes, from the histogram's sum and count.",
    )


def _provider(thresholds: Thresholds) -> Alert:
    limit = thresholds["llm_provider_failing"]
    calls = rate_of(_CALLS, "5m")
    by = "sum by (job, provider)"
    # Its breaker is named for it.
    broken = f'label_join({BREAKER} > 0, "provider", "", "service")'
    return Alert(
        "LlmProviderFailing",
        "P0",
        "llm",
        f"{by} ({calls}{{{FAILED}}}) / {by} ({calls}) > {limit.number}\n"
        f"and on (job, provider) ({limit.enough(f'{by} ({calls})')} or {broken})",
        limit.for_,
        "{{ $value | humanizePercentage }} of the calls of {{ $labels.provider }} fail",
        "Analyses go on with the providers that are left, with less to agree on; with fewer than two they end in 502.",
        "operations",
        decided="Errors, timeouts and refusals for rate over all calls of five minutes; what the application broke off "
        "itself (`other`) is in the whole and no failure. Few calls are enough behind a breaker of the provider's name "
        "that is not closed: it lets hardly any through, and the provider is out all the same.",
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
        f"sum by (job) ({requests}{{{SERVER_ERROR}}}) / sum by (job) ({requests}) > {limit.number}\n"
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
        decided="A job whose processes told target_info or a push within the hour, and tell none. `up` is the "
        "Collector's and stays 1; a job that Prometheus scrapes itself, and cannot, has TargetDown.",
    )
