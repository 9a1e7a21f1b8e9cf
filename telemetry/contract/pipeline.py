"""What the telemetry says about itself."""

from types import MappingProxyType

from telemetry.contract.domains import Bounded
from telemetry.contract.model import Combine, Label, Metric, MetricType, Take, View
from telemetry.contract.sources import attribute

_METRIC_NAME = r"(?:techsapo|nodejs)_[a-z0-9_]{1,80}"

METRICS = (
    Metric(
        name="techsapo_telemetry_overflow_total",
        type=MetricType.COUNTER,
        description="Measurements that met a limit of a label or of a metric and were counted under `other`.",
        unit="{measurement}",
        labels=(Label("metric", Bounded(64, pattern=_METRIC_NAME)),),
        views=(View(("techsapo.telemetry.overflow",), Take.SUM, MappingProxyType({"metric": attribute("metric")})),),
    ),
    Metric(
        name="techsapo_telemetry_dropped_instruments",
        type=MetricType.GAUGE,
        description="Distinct instruments that nothing in the contract asks for: their measurements are dropped.",
        unit="{instrument}",
        combine=Combine.MAX,
        views=(View(("techsapo.telemetry.dropped_instruments",), Take.LAST),),
    ),
    Metric(
        name="techsapo_telemetry_last_push_timestamp_seconds",
        type=MetricType.GAUGE,
        description="When the process last delivered its figures to a Collector, in Unix time.",
        unit="s",
        combine=Combine.MAX,
        views=(View(("techsapo.telemetry.last_push",), Take.LAST),),
    ),
)
