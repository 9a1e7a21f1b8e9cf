"""What a cumulative receiver ends up with: the newest point of each series in a list of OTLP payloads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, Metric, NumberDataPoint

INSTANCE = "service.instance.id"


@dataclass(frozen=True)
class PointKey:
    """Whose point it is: the sender's `service.instance.id` ("" where it has none) and the sorted attributes."""

    instance: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Point:
    """A cumulative point. `value` is the number, a histogram's sum; `bucket_counts` is empty for a number.

    Times are in nanoseconds since 1970.
    """

    value: float
    count: int | None
    bucket_counts: tuple[int, ...]
    boundaries: tuple[float, ...]
    start_ns: int
    time_ns: int

    @property
    def total(self) -> float:
        """What is counted: the number, or how many measurements a histogram took."""
        return self.value if self.count is None else self.count


def newest_points(messages: Iterable[ExportMetricsServiceRequest], metric: str) -> dict[PointKey, Point]:
    """Return the newest point of `metric` a key; of two with the same time, the one that came last."""
    newest: dict[PointKey, Point] = {}
    for message in messages:
        for resource in message.resource_metrics:
            instance = _attributes(resource.resource.attributes).get(INSTANCE, "")
            for found in (m for scope in resource.scope_metrics for m in scope.metrics if m.name == metric):
                for data_point in _data_points(found):
                    key = PointKey(instance, tuple(sorted(_attributes(data_point.attributes).items())))
                    point = _point(data_point)
                    if key not in newest or newest[key].time_ns <= point.time_ns:
                        newest[key] = point
    return newest


def _data_points(metric: Metric) -> Iterator[NumberDataPoint | HistogramDataPoint]:
    yield from metric.sum.data_points
    yield from metric.gauge.data_points
    yield from metric.histogram.data_points


def _point(data_point: NumberDataPoint | HistogramDataPoint) -> Point:
    if isinstance(data_point, HistogramDataPoint):
        return Point(
            value=data_point.sum,
            count=data_point.count,
            bucket_counts=tuple(data_point.bucket_counts),
            boundaries=tuple(data_point.explicit_bounds),
            start_ns=data_point.start_time_unix_nano,
            time_ns=data_point.time_unix_nano,
        )
    return Point(
        value=data_point.as_int if data_point.WhichOneof("value") == "as_int" else data_point.as_double,
        count=None,
        bucket_counts=(),
        boundaries=(),
        start_ns=data_point.start_time_unix_nano,
        time_ns=data_point.time_unix_nano,
    )


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, str]:
    return {pair.key: _text(pair.value) for pair in pairs}


def _text(value: AnyValue) -> str:
    kind = value.WhichOneof("value")
    return "" if kind is None else str(getattr(value, kind))
