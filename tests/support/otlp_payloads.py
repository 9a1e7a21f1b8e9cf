"""OTLP metrics as a sender of any language might put them together: every field is the test's."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
)

from telemetry.contract import CONTRACT
from tests.support.collector import attributes

CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
UNSPECIFIED = AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED
DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA


@dataclass(frozen=True)
class Number:
    """A data point of a counter or a gauge; an int is sent as an int. Times are in nanoseconds since 1970."""

    labels: Mapping[str, str]
    value: float
    start_ns: int = 0
    time_ns: int = field(default_factory=time.time_ns)

    def proto(self) -> NumberDataPoint:
        """Return the point as OTLP has it."""
        point = NumberDataPoint(start_time_unix_nano=self.start_ns, time_unix_nano=self.time_ns)
        point.attributes.extend(attributes(self.labels))
        if isinstance(self.value, int):
            point.as_int = self.value
        else:
            point.as_double = self.value
        return point


def counter(name: str, points: Iterable[Number]) -> Metric:
    """Return a cumulative monotonic sum."""
    metric = Metric(name=name)
    metric.sum.is_monotonic = True
    metric.sum.aggregation_temporality = CUMULATIVE
    metric.sum.data_points.extend(point.proto() for point in points)
    return metric


def gauge(name: str, points: Iterable[Number]) -> Metric:
    """Return a gauge."""
    metric = Metric(name=name)
    metric.gauge.data_points.extend(point.proto() for point in points)
    return metric


def distribution(
    name: str, labels: Mapping[str, str], counts: Sequence[int], total: float, start_ns: int = 0
) -> HistogramDataPoint:
    """Return a point of a histogram of the contract: its counts by bucket, and the sum of its measurements."""
    return HistogramDataPoint(
        attributes=attributes(labels),
        explicit_bounds=CONTRACT.by_name[name].boundaries,
        bucket_counts=counts,
        count=sum(counts),
        sum=total,
        start_time_unix_nano=start_ns,
        time_unix_nano=time.time_ns(),
    )


def histogram(name: str, points: Iterable[HistogramDataPoint]) -> Metric:
    """Return a cumulative histogram."""
    metric = Metric(name=name)
    metric.histogram.aggregation_temporality = CUMULATIVE
    metric.histogram.data_points.extend(points)
    return metric


def instance(
    metrics: Iterable[Metric], instance_id: str = "1", service: str = "web", **resource: str
) -> ResourceMetrics:
    """Return metrics of one instance of a service, in one scope; `_` in the resource's names is a full stop."""
    found = ResourceMetrics()
    told = {"service.name": service, "service.instance.id": instance_id}
    told.update({name.replace("_", "."): value for name, value in resource.items()})
    found.resource.attributes.extend(attributes(told))
    found.scope_metrics.add(metrics=metrics)
    return found


def body(*resources: ResourceMetrics) -> bytes:
    """Return one payload as it goes over the wire."""
    return ExportMetricsServiceRequest(resource_metrics=resources).SerializeToString()
