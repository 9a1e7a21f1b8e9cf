"""Collection: what every series holds, as a snapshot for pages and as the SDK's data model for readers."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics.export import Metric as MetricData
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from telemetry.contract import Metric, MetricType, Ratio
from telemetry.engine.observed import Observed
from telemetry.engine.one_hot import worst_holds
from telemetry.engine.record import Locks
from telemetry.engine.series import FIRST_BUCKET, MAX, MIN, SUM, Cell, Labels, Number, Series, SeriesTable, combined

# All metrics leave under one scope: exporters take one name under two scopes for two metrics.
SCOPE = InstrumentationScope("techsapo.telemetry")

_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class MetricSnapshot:
    """A metric and its points: each a series with its value, for a histogram a copy of its cell."""

    metric: Metric
    points: Sequence[tuple[Series, Number | Cell]]


def snapshot(
    metrics: Sequence[Metric], tables: Mapping[str, SeriesTable], observed: Observed, locks: Locks
) -> list[MetricSnapshot]:
    """Take all metrics that have points, in the contract's order, under the lock that records are made under."""
    with locks[0] if locks else contextlib.nullcontext():
        taken = []
        for metric in metrics:
            if metric.ratio is None:
                points = _points(tables[metric.name], observed)
            else:
                counted = _numbers(tables[metric.ratio.counter], observed)
                points = _ratio(metric, metric.ratio, tables[metric.name], counted)
            if points:
                taken.append(MetricSnapshot(metric, points))
        return taken


def _points(table: SeriesTable, observed: Observed) -> Sequence[tuple[Series, Number | Cell]]:
    if table.metric.type is MetricType.HISTOGRAM:
        return [(series, cell) for series in table.series() if (cell := series.cell.copy())[MIN] <= cell[MAX]]
    if table.metric.one_hot is not None:
        with table.lock:  # so that no state is seen in the midst of its change
            return worst_holds(table.metric, _numbers(table, observed))
    return _numbers(table, observed)


def _numbers(table: SeriesTable, observed: Observed) -> list[tuple[Series, Number]]:
    rule, told = table.metric.combine, observed.of(table.metric.name)
    points: list[tuple[Series, Number]] = []
    for series in table.series():
        if series.recorded and not series.merged and series not in told:
            points.append((series, series.cell[0]))
            continue
        values = [series.cell[0]] if series.recorded else []
        values += [cell[0] for cell in list(series.merged.values())]
        if series in told:
            values.append(told[series])
        if values:
            points.append((series, combined(rule, values)))
    return points


def _ratio(
    metric: Metric, ratio: Ratio, table: SeriesTable, counted: Sequence[tuple[Series, Number]]
) -> list[tuple[Series, Number]]:
    parts: dict[Labels, Number] = {}
    wholes: dict[Labels, Number] = {}
    for series, value in counted:
        labels = tuple(series.attributes[name] for name in metric.label_names)
        wholes[labels] = wholes.get(labels, 0) + value
        if series.attributes[ratio.label] == ratio.value:
            parts[labels] = parts.get(labels, 0) + value
    return [(table.find(labels)[0], parts.get(labels, 0) / whole) for labels, whole in wholes.items() if whole]


def metrics_data(snapshots: Sequence[MetricSnapshot], resource: Resource, now_ns: int) -> MetricsData | None:
    """Return snapshots as the SDK's MetricsData, cumulative; None when there is nothing to tell."""
    if not snapshots:
        return None
    metrics = [
        MetricData(taken.metric.name, taken.metric.description, taken.metric.unit, _data(taken, now_ns))
        for taken in snapshots
    ]
    return MetricsData([ResourceMetrics(resource, [ScopeMetrics(SCOPE, metrics, "")], resource.schema_url)])


def _data(taken: MetricSnapshot, now_ns: int) -> Sum | Gauge | Histogram:
    metric = taken.metric
    if metric.type is MetricType.HISTOGRAM:
        points = [_histogram_point(metric, series, cast(Cell, cell), now_ns) for series, cell in taken.points]
        return Histogram(points, AggregationTemporality.CUMULATIVE)
    numbers = [
        NumberDataPoint(series.attributes, series.birth_ns, now_ns, _encodable(cast(Number, value)))
        for series, value in taken.points
    ]
    if metric.type is MetricType.GAUGE:
        return Gauge(numbers)
    return Sum(numbers, AggregationTemporality.CUMULATIVE, is_monotonic=True)


def _histogram_point(metric: Metric, series: Series, cell: Cell, now_ns: int) -> HistogramDataPoint:
    counts = cast(list[int], cell[FIRST_BUCKET:])
    return HistogramDataPoint(
        attributes=series.attributes,
        start_time_unix_nano=series.birth_ns,
        time_unix_nano=now_ns,
        count=sum(counts),
        sum=_encodable(cell[SUM]),
        bucket_counts=counts,
        explicit_bounds=metric.boundaries,
        min=_encodable(cell[MIN]),
        max=_encodable(cell[MAX]),
    )


def _encodable(value: Number) -> Number:
    """Return an integer that OTLP's int64 cannot hold as a float."""
    return value if type(value) is float or -_INT64 <= value < _INT64 else float(value)
