"""The first layer: what is left of a metric without `lane` and `instance`. Everything else is built on it.

Two Collectors tell the same of each process, as two lanes: the larger of both is the one that has missed nothing. A
rate comes before a sum, because a process that restarts begins anew; and the lanes go before the processes are added
up.
"""

from collections.abc import Iterator
from typing import Final

from monitoring.model import Group, Recording
from telemetry.contract import CONTRACT, Combine, Metric, MetricType

INTERVAL: Final = "15s"

# The windows that alerts look at, by the samples that they look at.
WINDOWS: Final = (
    ("techsapo_wallbounce_consensus_confidence_sum", ("5m", "1h")),
    ("techsapo_wallbounce_consensus_confidence_count", ("5m", "1h")),
    ("techsapo_llm_requests_total", ("5m", "1h")),
    ("techsapo_llm_unpriced_calls_total", ("5m",)),
    ("techsapo_http_requests_total", ("1m", "1d")),
    ("techsapo_http_request_duration_seconds_sum", ("5m",)),
    ("techsapo_http_request_duration_seconds_count", ("5m",)),
    ("techsapo_cache_requests_total", ("5m",)),
    ("techsapo_telemetry_overflow_total", ("5m",)),
    ("techsapo_wallbounce_cost_usd", ("1h",)),
)

_AGGREGATION: Final = {Combine.SUM: "sum", Combine.MAX: "max", Combine.STATE: "max"}


def rate_of(sample: str, window: str) -> str:
    """Return the name of a sample's rate over a window, a second, of all processes of a job."""
    return f"job:{_bare(sample)}:rate{window}"


def gauge_of(metric: str) -> str:
    """Return the name of a gauge over all processes of a job."""
    return f"job:{_bare(metric)}:{_AGGREGATION[_combine(CONTRACT.by_name[metric])]}"


def group() -> Group:
    """Return the group."""
    return Group("techsapo-first-layer", INTERVAL, (*_rates(), *_gauges()))


def _rates() -> Iterator[Recording]:
    for sample, windows in WINDOWS:
        for window in windows:
            expr = f"sum without (instance) (max without (lane) (rate({sample}[{window}])))"
            yield Recording(rate_of(sample, window), expr)


def _gauges() -> Iterator[Recording]:
    for metric in CONTRACT.metrics:
        if metric.type is MetricType.GAUGE and metric.combine is not Combine.RATIO:
            how = _AGGREGATION[_combine(metric)]
            yield Recording(gauge_of(metric.name), f"{how} without (instance) (max without (lane) ({metric.name}))")


def _combine(metric: Metric) -> Combine:
    if metric.combine is None:
        msg = f"{metric.name} is a {metric.type.value}: only gauges say how they add up"
        raise ValueError(msg)
    return metric.combine


def _bare(sample: str) -> str:
    return sample.removeprefix("techsapo_").removesuffix("_total")
