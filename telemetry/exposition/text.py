"""The Prometheus text format 0.0.4.

Everything of a series but its numbers is written once and kept with it; a scrape fills the numbers in.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import cast

from telemetry.contract import Metric, MetricType
from telemetry.exposition.source import FIRST_BUCKET, SUM, Cell, Kept, Number, Series, Snapshot, kept
from telemetry.exposition.syntax import TARGET_HELP, bound, braced, escape, escape_help, label_pairs, number

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def write(snapshots: Iterable[Snapshot], service_version: str | None = None) -> bytes:
    """Return a page. With a version of the service there is a `target_info` that carries it, and nothing else."""
    parts = []
    if service_version:
        parts.append(f"# HELP target_info {TARGET_HELP}\n# TYPE target_info gauge\n{target_info(service_version)}")
    for snapshot in snapshots:
        metric = snapshot.metric
        parts.append(f"# HELP {metric.name} {escape_help(metric.description)}\n")
        parts.append(f"# TYPE {metric.name} {metric.type.value}\n")
        if metric.type is MetricType.HISTOGRAM:
            points = cast("Sequence[tuple[Series, Cell]]", snapshot.points)
            parts += [histogram_lines(metric, series, cell) for series, cell in points]
        else:
            values = cast("Sequence[tuple[Series, Number]]", snapshot.points)
            parts += [f"{sample_start(metric, series)}{number(value)}\n" for series, value in values]
    return encode(parts)


def encode(parts: Iterable[str]) -> bytes:
    """Join a page's parts. A lone surrogate, which UTF-8 has no bytes for, becomes a question mark."""
    return "".join(parts).encode("utf-8", "replace")


def target_info(service_version: str) -> str:
    """Return the sample of `target_info`."""
    return f'target_info{{service_version="{escape(service_version)}"}} 1\n'


def sample_start(metric: Metric, series: Series) -> str:
    """Return the line of a counter or gauge up to its value."""
    held = kept(series)
    return held.line or _keep(held, f"{metric.name}{braced(label_pairs(metric, series))} ")


def histogram_lines(metric: Metric, series: Series, cell: Cell) -> str:
    """Return all lines of one histogram: buckets, sum and count."""
    held = kept(series)
    form = held.line or _keep(held, _histogram_form(metric, series))
    counts = list(accumulate(cell[FIRST_BUCKET:]))
    return form % (*counts, number(cell[SUM]), counts[-1])


def _keep(held: Kept, line: str) -> str:
    held.line = line
    return line


def _histogram_form(metric: Metric, series: Series) -> str:
    # A form for the % operator, one %d for each bucket: per cent signs of label values are doubled.
    name, pairs = metric.name, label_pairs(metric, series).replace("%", "%%")
    start = f"{name}_bucket{{{pairs}{',' if pairs else ''}"
    bounds = [*map(bound, metric.boundaries), "+Inf"]
    buckets = "".join(f'{start}le="{le}"}} %d\n' for le in bounds)
    return f"{buckets}{name}_sum{braced(pairs)} %s\n{name}_count{braced(pairs)} %d\n"
