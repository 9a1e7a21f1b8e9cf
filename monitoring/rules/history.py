"""Aggregated history: what is kept for ninety days. Figures that add up, and nothing else.

Each is how much a counter grew within five minutes, exactly (`anchored`): the figures of consecutive evaluations have
no gap and no overlap, so a sum of them over any time is what was counted then, and shares and means are taken of such
sums when somebody asks. Clients' buckets are not kept.
"""

from collections.abc import Iterator
from typing import Final

from monitoring.model import Group, Recording
from monitoring.pace import Pace
from monitoring.rules.first_layer import bare
from telemetry.contract import CONTRACT, MetricType

EVERY: Final = "5m"

_PARTS: Final = {MetricType.COUNTER: ("",), MetricType.HISTOGRAM: ("_bucket", "_sum", "_count")}


def growth_of(sample: str) -> str:
    """Return the name of how much a sample grew within five minutes, of all processes of a job."""
    return f"history:{bare(sample)}:increase{EVERY}"


def group(pace: Pace) -> Group:
    """Return the group."""
    return Group("techsapo-history", EVERY, tuple(_growths(pace)))


def _growths(pace: Pace) -> Iterator[Recording]:
    for metric in CONTRACT.metrics:
        dropped = ", ".join(["instance", *(label.name for label in metric.labels if label.name == "client_ip")])
        for part in _PARTS.get(metric.type, ()):
            sample = f"{metric.name}{part}"
            exact = f"increase({sample}[{pace.time(EVERY)}] anchored)"
            yield Recording(growth_of(sample), f"sum without ({dropped}) (max without (lane) ({exact}))")
