"""P2: somebody looks within the hour, in the day."""

from typing import Final

from monitoring.model import Alert, Group
from monitoring.pace import words
from monitoring.rules.first_layer import rate_of
from monitoring.rules.history import EVERY, growth_of
from monitoring.thresholds import Thresholds

# The share of a day that must be known to compare with it.
_KNOWN: Final = 0.95


def group(thresholds: Thresholds) -> Group:
    """Return the group."""
    return Group(
        "techsapo-alerts-p2",
        "1m",
        (
            _volume(thresholds),
            _provider(thresholds, "added"),
            _provider(thresholds, "removed"),
            _cache(thresholds),
            _overflow(thresholds),
            _watchdog(),
        ),
    )


def _volume(thresholds: Thresholds) -> Alert:
    limit, pace = thresholds["request_volume_up"], thresholds.pace
    grown = f"{growth_of('techsapo_http_requests_total')}[{pace.time('1d')}]"
    now, before = (f"sum by (job) (sum_over_time({grown}{at}))" for at in ("", f" offset {pace.time('1w')}"))
    # Of a day that is known in part, as the first one is, there would be too few.
    per_job = f"sum by (job) ({growth_of('techsapo_http_requests_total')})"
    known = f"count_over_time(({per_job})[{pace.time('1d')}:{pace.time(EVERY)}] offset {pace.time('1w')})"
    samples = int(_KNOWN * pace.seconds("1d") / pace.seconds(EVERY))
    return Alert(
        "RequestVolumeUp",
        "P2",
        "api",
        f"{now} / {before} - 1 > {limit.number}\nand {before} >= {limit.least:g}\nand {known} >= {samples:g}",
        limit.for_,
        "{{ $value | humanizePercentage }} more requests a day than a week ago",
        "Costs and load grow with it; it may be success, a loop in a client, or abuse.",
        "executive",
        decided="The last 24 hours beside the same 24 hours a week before, of which nearly all must be known.",
    )


def _provider(thresholds: Thresholds, change: str) -> Alert:
    limit, pace = thresholds[f"provider_{change}"], thresholds.pace
    calls, hour = growth_of("techsapo_llm_requests_total"), pace.time(limit.window)
    now, before = f"{calls}[{hour}]", f"{calls}[{pace.time('1d')}] offset {hour}"
    called, was = (f"sum by (job, provider) (sum_over_time({of}))" for of in (now, before))
    if change == "added":
        expr = f"{called} > 0\nunless {was} > 0\nand on (job) sum by (job) (sum_over_time({before})) >= {limit.least:g}"
    else:
        # One that is called now and then is not removed in an hour without a call.
        least = f">= {limit.least:g}"
        expr = f"{was} {least}\nunless {called} > 0\nand on (job) sum by (job) (sum_over_time({now})) {least}"
    return Alert(
        "LlmProviderSetChanged",
        "P2",
        "llm",
        expr,
        limit.for_,
        f"{{{{ $labels.provider }}}} was {change}: "
        + (
            "its first calls in a day"
            if change == "added"
            else f"no call within {words(limit.window)}, after a day of calls"
        ),
        "Cost, speed and verdicts change with the set of providers; where nobody decided it, somebody should know.",
        "operations",
        decided="Calls of the last hour beside those of the day before it: a restart changes neither. Only where the "
        "job itself made calls in both.",
        narrows=("job", "provider"),
        labels={"change": change},
        keeps_for=limit.keeps_for,
    )


def _cache(thresholds: Thresholds) -> Alert:
    limit = thresholds["cache_hits_low"]
    look_ups = rate_of("techsapo_cache_requests_total", "5m")
    by = "sum by (job, cache_type)"
    hits = f'({by} ({look_ups}{{result="hit"}}) or 0 * {by} ({look_ups})) / {by} ({look_ups})'
    return Alert(
        "CacheHitsLow",
        "P2",
        "cache",
        f"{limit.under(hits)}\nand {limit.enough(f'{by} ({look_ups})')}",
        limit.for_,
        "Only {{ $value | humanizePercentage }} of the look-ups in {{ $labels.cache_type }} find something",
        "Each look-up that finds nothing is an analysis that is paid for.",
        "development",
        decided="From the counters of five minutes, not from the gauge, which goes back to the start of the process. "
        "No hit at all is a rate of 0.",
    )


def _overflow(thresholds: Thresholds) -> Alert:
    in_process = f"sum by (job, metric) ({rate_of('techsapo_telemetry_overflow_total', '5m')}) > 0"
    # Both Collectors meet the same measurements.
    points = f"rate(otelcol_processor_techsapo_policy_overflow_points[{thresholds.pace.time('5m')}])"
    in_collector = f"max by (job, metric) ({points}) > 0"
    return Alert(
        "CardinalityOverflow",
        "P2",
        "telemetry",
        f"{in_process}\nor {in_collector}",
        thresholds["cardinality_overflow"].for_,
        "{{ printf `%.3g` $value }} measurements a second of {{ $labels.metric }} are past a limit",
        "Sums stay right; what is past the limit is told apart no more, it is under `other`.",
        "operations",
        decided="Past the limit of a process, by its job; or past that of a Collector, which is the only one for "
        "services without this library, by the Collector's job.",
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
        "operations",
        narrows=(),
    )
