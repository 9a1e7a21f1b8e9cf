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
        meaning=(
            "Label values or label sets past a limit: they are under `other` and the sums stay right, but are told "
            "apart no more. Look for what makes names up as it goes."
        ),
        unit="{measurement}",
        labels=(Label("metric", Bounded(64, pattern=_METRIC_NAME)),),
        views=(View(("techsapo.telemetry.overflow",), Take.SUM, MappingProxyType({"metric": attribute("metric")})),),
    ),
    Metric(
        name="techsapo_telemetry_dropped_instruments",
        type=MetricType.GAUGE,
        description="Distinct instruments that nothing in the contract asks for: their measurements are dropped.",
        meaning=(
            "Instruments that nothing asks for: the log of each process names them. A rise after a deployment is a "
            "misspelt name, or a library that renamed its instruments."
        ),
        unit="{instrument}",
        combine=Combine.MAX,
        views=(View(("techsapo.telemetry.dropped_instruments",), Take.LAST),),
    ),
    Metric(
        name="techsapo_telemetry_last_push_timestamp_seconds",
        type=MetricType.GAUGE,
        description="When the process last delivered its figures to a Collector, in Unix time.",
        meaning=(
            "When figures last left the process. timestamp() of it minus it above three intervals, one of which is "
            "always under way: the figures are old, although Prometheus sees the Collector."
        ),
        unit="s",
        combine=Combine.MAX,
        views=(View(("techsapo.telemetry.last_push",), Take.LAST),),
    ),
)
