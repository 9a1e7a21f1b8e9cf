"""The first layer: what is left of a metric without `lane` and `instance`. Everything else is built on it.

Two Collectors tell the same of each process, as two lanes: the larger of both is the one that has missed nothing. A
rate comes before a sum, because a process that restarts begins anew; and the lanes go before the processes are added
up.
"""

from collections.abc import Iterator
from typing import Final

from monitoring.model import Group, Recording
from monitoring.pace import Pace, seconds_of
from telemetry.contract import CONTRACT, Combine, Metric, MetricType

# The windows that the rules look at, by the samples that they look at.
WINDOWS: Final = (
    ("techsapo_wallbounce_consensus_confidence_sum", ("5m", "1h")),
    ("techsapo_wallbounce_consensus_confidence_count", ("5m", "1h")),
    ("techsapo_wallbounce_consensus_confidence_bucket", ("5m",)),
    ("techsapo_wallbounce_processing_duration_seconds_bucket", ("5m",)),
    ("techsapo_wallbounce_processing_duration_seconds_count", ("5m",)),
    ("techsapo_wallbounce_cost_usd", ("1h",)),
    ("techsapo_llm_requests_total", ("5m",)),
    ("techsapo_llm_unpriced_calls_total", ("5m",)),
    ("techsapo_http_requests_total", ("2m", "5m")),
    ("techsapo_http_request_duration_seconds_sum", ("5m",)),
    ("techsapo_http_request_duration_seconds_count", ("5m",)),
    ("techsapo_http_request_duration_seconds_bucket", ("5m",)),
    ("techsapo_cache_requests_total", ("5m",)),
    ("techsapo_telemetry_overflow_total", ("5m",)),
)

# An hour's samples are looked at once a minute: what an hour says does not change faster.
_SLOW_FROM: Final = 3_600
AGGREGATION: Final = {Combine.SUM: "sum", Combine.MAX: "max", Combine.STATE: "max"}

# A process without attributes of its own has no target_info, and pushes all the same.
PUSHED: Final = "techsapo_telemetry_last_push_timestamp_seconds"
_DROPPED: Final = "techsapo_telemetry_dropped_instruments"

# What counts as failed.
FAILED: Final = 'status=~"error|timeout|rate_limited"'
SERVER_ERROR: Final = 'status_code=~"5.."'

PROCESSES: Final = "job:processes:count"
BREAKER: Final = "job:circuit_breaker_state:worst"


def rate_of(sample: str, window: str) -> str:
    """Return the name of a sample's rate over a window, a second, of all processes of a job."""
    return f"job:{bare(sample)}:rate{window}"


def gauge_of(metric: str) -> str:
    """Return the name of a gauge over all processes of a job."""
    return f"job:{bare(metric)}:{AGGREGATION[_combine(CONTRACT.by_name[metric])]}"


def bare(sample: str) -> str:
    """Return a sample's name without what all names, or all counters' names, have."""
    return sample.removeprefix("techsapo_").removesuffix("_total")


def groups(pace: Pace) -> tuple[Group, Group]:
    """Return what is evaluated with each scrape, and what once a minute."""
    fast, slow = (tuple(_rates(pace, slow=slow)) for slow in (False, True))
    return (
        Group("techsapo-first-layer", "15s", (*fast, *_gauges(), _breaker(), _processes())),
        Group("techsapo-first-layer-slow", "1m", slow),
    )


def _rates(pace: Pace, *, slow: bool) -> Iterator[Recording]:
    for sample, windows in WINDOWS:
        for window in windows:
            if slow == (seconds_of(window) >= _SLOW_FROM):
                expr = f"sum without (instance) (max without (lane) (rate({sample}[{pace.time(window)}])))"
                yield Recording(rate_of(sample, window), expr)


def _gauges() -> Iterator[Recording]:
    for metric in CONTRACT.metrics:
        if metric.type is MetricType.GAUGE and metric.combine is not Combine.RATIO:
            how = AGGREGATION[_combine(metric)]
            yield Recording(gauge_of(metric.name), f"{how} without (instance) (max without (lane) ({metric.name}))")


def _breaker() -> Recording:
    """The worst state of a breaker over all processes: 0 closed, 1 half open, 2 open."""
    state = gauge_of("techsapo_circuit_breaker_state")
    # Where it is closed both others are told as 0.
    weights = {"open": 2, "half_open": 1}
    weighed = " or ".join(f'({weight} * {state}{{state="{name}"}})' for name, weight in weights.items())
    return Recording(BREAKER, f"max without (state) ({weighed})")


def _processes() -> Recording:
    """How many processes of a job tell their figures."""
    # A Collector tells of itself, too, and is no service. A page of a process need not have target_info.
    told = f"target_info unless on (job, instance) otelcol_process_uptime or {PUSHED} or {_DROPPED}"
    return Recording(PROCESSES, f"count by (job) (max by (job, instance) ({told}))")


def _combine(metric: Metric) -> Combine:
    if metric.combine is None:
        msg = f"{metric.name} is a {metric.type.value}: only gauges say how they add up"
        raise ValueError(msg)
    return metric.combine
