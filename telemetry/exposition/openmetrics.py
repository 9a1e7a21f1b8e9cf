"""The OpenMetrics 1.0 text format, with the start of each counter and histogram as a `_created` line.

Its counters end in `_total`, and are declared without it. The cost counter has no `_total` and is written as it is: a
strict parser refuses that, Prometheus takes it as the counter that it is (docs/adr/0002-page-writer.md).
"""

from collections.abc import Iterable, Sequence
from typing import cast

from telemetry.contract import Metric, MetricType
from telemetry.exposition.source import Cell, Number, Series, Snapshot, kept
from telemetry.exposition.syntax import TARGET_HELP, braced, escape, family, label_pairs, number, unit
from telemetry.exposition.text import encode, histogram_lines, sample_start, target_info

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def write(snapshots: Iterable[Snapshot], service_version: str | None = None, *, created: bool = True) -> bytes:
    """Return a page, with or without the `_created` lines."""
    parts = []
    if service_version:
        parts.append(f"# HELP target {TARGET_HELP}\n# TYPE target info\n{target_info(service_version)}")
    for snapshot in snapshots:
        metric = snapshot.metric
        parts.append(_head(metric))
        start = _created if created and metric.type is not MetricType.GAUGE else _no_line
        if metric.type is MetricType.HISTOGRAM:
            points = cast("Sequence[tuple[Series, Cell]]", snapshot.points)
            parts += [histogram_lines(metric, series, cell) + start(metric, series) for series, cell in points]
        else:
            values = cast("Sequence[tuple[Series, Number]]", snapshot.points)
            parts += [
                f"{sample_start(metric, series)}{number(value)}\n{start(metric, series)}" for series, value in values
            ]
    parts.append("# EOF\n")
    return encode(parts)


def _head(metric: Metric) -> str:
    name, named_unit = family(metric), unit(metric)
    head = f"# HELP {name} {escape(metric.description)}\n# TYPE {name} {metric.type.value}\n"
    return f"{head}# UNIT {name} {named_unit}\n" if named_unit else head


def _created(metric: Metric, series: Series) -> str:
    held = kept(series)
    if held.created is None:
        seconds, nanoseconds = divmod(series.birth_ns, 1_000_000_000)
        labels = braced(label_pairs(metric, series))
        held.created = f"{family(metric)}_created{labels} {seconds}.{nanoseconds:09d}\n"
    return held.created


def _no_line(metric: Metric, series: Series) -> str:  # noqa: ARG001  # stands in for `_created`
    return ""
