"""P2: somebody looks within the hour, in the day."""

from monitoring.model import Alert, Group
from monitoring.rules.first_layer import rate_of
from monitoring.thresholds import Thresholds

_DAY = 86_400


def group(thresholds: Thresholds) -> Group:
    """Return the group."""
    return Group("techsapo-alerts-p2", "1m", (_volume(thresholds), _cache(thresholds), _overflow(), _watchdog()))


def _volume(thresholds: Thresholds) -> Alert:
    limit = thresholds["request_volume_up"]
    requests = f"sum by (job) ({rate_of('techsapo_http_requests_total', '1d')})"
    week = f"sum by (job) ({rate_of('techsapo_http_requests_total', '1d')} offset 1w)"
    return Alert(
        "RequestVolumeUp",
        "P2",
        "api",
        f"{requests} / {week} - 1 > {limit.number}\nand {week} * {_DAY} >= {limit.at_least:g}",
        limit.for_,
        "{{ $value | humanizePercentage }} more requests a day than a week ago",
        "Costs and load grow with it; it may be success, a loop in a client, or abuse.",
        decided="The last 24 hours beside the same 24 hours a week before.",
    )


def _cache(thresholds: Thresholds) -> Alert:
    limit = thresholds["cache_hits_low"]
    look_ups = rate_of("techsapo_cache_requests_total", "5m")
    by = "sum by (job, cache_type)"
    return Alert(
        "CacheHitsLow",
        "P2",
        "cache",
        f'{by} ({look_ups}{{result="hit"}}) / {by} ({look_ups}) < {limit.number}\n'
        f"and {by} ({look_ups}) * 300 >= {limit.at_least:g}",
        limit.for_,
        "Only {{ $value | humanizePercentage }} of the look-ups in {{ $labels.cache_type }} find something",
        "Each look-up that finds nothing is an analysis that is paid for.",
        decided="From the counters of five minutes, not from the gauge, which goes back to the start of the process.",
    )


def _overflow() -> Alert:
    return Alert(
        "CardinalityOverflow",
        "P2",
        "telemetry",
        f"sum by (job, metric) ({rate_of('techsapo_telemetry_overflow_total', '5m')}) > 0",
        "15m",
        "Label values of {{ $labels.metric }} are past their limit",
        "Sums stay right; what is past the limit is told apart no more, it is under `other`.",
    )


def _watchdog() -> Alert:
    return Alert(
        "Watchdog",
        "P2",
        "telemetry",
        "vector(1)",
        "0s",
        "Alerts arrive",
        "It always fires: when it stops arriving, no alert arrives.",
    )
