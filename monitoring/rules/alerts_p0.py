"""P0: somebody is woken."""

from monitoring.model import Alert, Group
from monitoring.rules.first_layer import rate_of
from monitoring.thresholds import Thresholds

_CONFIDENCE = "techsapo_wallbounce_consensus_confidence"
_CALLS = "techsapo_llm_requests_total"
_REQUESTS = "techsapo_http_requests_total"


def group(thresholds: Thresholds) -> Group:
    """Return the group."""
    return Group(
        "techsapo-alerts-p0",
        "15s",
        (_confidence(thresholds), _provider(thresholds), _server_errors(thresholds), _memory(thresholds)),
    )


def _confidence(thresholds: Thresholds) -> Alert:
    limit = thresholds["consensus_confidence_low"]
    total, count = (rate_of(f"{_CONFIDENCE}_{part}", "5m") for part in ("sum", "count"))
    return Alert(
        "ConsensusConfidenceLow",
        "P0",
        "wallbounce",
        f"sum by (job) ({total}) / sum by (job) ({count}) < {limit.number}\n"
        f"and sum by (job) ({count}) * 300 >= {limit.at_least:g}",
        limit.for_,
        "Mean consensus confidence is {{ $value | humanizePercentage }}",
        "The providers' answers contradict each other: users get verdicts that are hardly better than one model's.",
        decided="The mean of the analyses of five minutes, from the histogram's sum and count.",
    )


def _provider(thresholds: Thresholds) -> Alert:
    limit = thresholds["llm_provider_failing"]
    calls = rate_of(_CALLS, "5m")
    by = "sum by (job, provider)"
    return Alert(
        "LlmProviderFailing",
        "P0",
        "llm",
        f'{by} ({calls}{{status=~"error|timeout|rate_limited"}}) / {by} ({calls}) > {limit.number}\n'
        f"and {by} ({calls}) * 300 >= {limit.at_least:g}",
        limit.for_,
        "{{ $value | humanizePercentage }} of the calls of {{ $labels.provider }} fail",
        "Analyses go on with the providers that are left, with less to agree on; without two of them they end in 502.",
        decided="Errors, timeouts and refusals for rate over all calls of five minutes; what the application broke off "
        "itself (`other`) is in the whole and no failure.",
    )


def _server_errors(thresholds: Thresholds) -> Alert:
    limit = thresholds["http_server_errors"]
    requests = rate_of(_REQUESTS, "1m")
    return Alert(
        "HttpServerErrors",
        "P0",
        "api",
        f'sum by (job) ({requests}{{status_code=~"5.."}}) / sum by (job) ({requests}) > {limit.number}\n'
        f"and sum by (job) ({requests}) * 60 >= {limit.at_least:g}",
        limit.for_,
        "{{ $value | humanizePercentage }} of all requests end in 5xx",
        "Users see errors now.",
        decided="Answers of 500 to 599 over all requests of one minute, those without a route included.",
    )


def _memory(thresholds: Thresholds) -> Alert:
    limit = thresholds["memory_near_limit"]
    usage, most = (
        "max without (lane) (techsapo_memory_usage_bytes)",
        "max without (lane) (techsapo_memory_limit_bytes)",
    )
    return Alert(
        "MemoryNearLimit",
        "P0",
        "runtime",
        f"{usage} / {most} > {limit.number}",
        limit.for_,
        "{{ $labels.component }} of {{ $labels.instance }} has {{ $value | humanizePercentage }} of its memory in use",
        "The kernel is about to end it: requests under way are lost, and it starts cold.",
        decided="Within an instance and a component, never added up over processes first.",
    )
