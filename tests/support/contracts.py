"""Small contracts for tests of the engine: metrics whose labels read the attributes of the same name."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from opentelemetry.sdk.resources import Resource

from telemetry.contract import (
    Bounded,
    Combine,
    Contract,
    Domain,
    Editions,
    Label,
    Metric,
    MetricType,
    Source,
    Take,
    View,
    attribute,
)
from telemetry.engine import MeterProvider, Weight

SALT = b"a salt for tests"

Value = int | float | list[int | float]


def metric(
    name: str,
    kind: MetricType,
    take: Take,
    instrument: str,
    labels: Mapping[str, Domain] | None = None,
    *,
    sources: Mapping[str, Source] | None = None,
    where: Mapping[str, tuple[str, ...]] | None = None,
    ignore_scopes: Sequence[str] = (),
    weight: str | None = None,
    unless_weight: str | None = None,
    boundaries: Sequence[float] = (),
    combine: Combine | None = None,
    one_hot: str | None = None,
    series_limit: int = 2_000,
) -> Metric:
    """A metric with one view; a label's source is the attribute of its name where `sources` says nothing else."""
    domains = labels or {}
    view = View(
        (instrument,),
        take,
        {label: (sources or {}).get(label, attribute(label)) for label in domains},
        where=where or {},
        ignore_scopes=tuple(ignore_scopes),
        weight=weight,
        unless_weight=unless_weight,
    )
    return Metric(
        name=name,
        type=kind,
        description=f"What {instrument} measures.",
        unit="1",
        views=(view,),
        labels=tuple(Label(label, domain) for label, domain in domains.items()),
        boundaries=tuple(boundaries),
        combine=combine,
        one_hot=one_hot,
        series_limit=series_limit,
    )


def counter(labels: Mapping[str, Domain] | None = None, *, series_limit: int = 2_000) -> Metric:
    """The counter `things_total`, the sum of the instrument `things`."""
    return metric("things_total", MetricType.COUNTER, Take.SUM, "things", labels, series_limit=series_limit)


def gauge(labels: Mapping[str, Domain] | None = None, combine: Combine = Combine.SUM, take: Take = Take.LAST) -> Metric:
    """The gauge `level` of the instrument `level`."""
    return metric("level", MetricType.GAUGE, take, "level", labels, combine=combine)


def histogram(labels: Mapping[str, Domain] | None = None, boundaries: Sequence[float] = (1.0, 10.0)) -> Metric:
    """The histogram `size` of the instrument `size`."""
    return metric("size", MetricType.HISTOGRAM, Take.DISTRIBUTION, "size", labels, boundaries=boundaries)


# What counts the measurements that meet a limit, as in the contract proper.
OVERFLOW = metric(
    "techsapo_telemetry_overflow_total",
    MetricType.COUNTER,
    Take.SUM,
    "techsapo.telemetry.overflow",
    {"metric": Bounded(64, pattern="[a-z_]{1,99}")},
)


def provider(
    *metrics: Metric,
    editions: Sequence[Editions] = (),
    weights: Mapping[str, Weight] | None = None,
    locked: bool | None = None,
) -> MeterProvider:
    """A meter provider of a contract of these metrics alone."""
    contract = Contract(metrics, tuple(editions))
    if locked is None:
        return MeterProvider(contract, resource=Resource({}), salt=SALT, weights=weights)
    return MeterProvider(contract, resource=Resource({}), salt=SALT, weights=weights, locked=locked)


def values(source: MeterProvider, name: str) -> dict[tuple[str, ...], Value]:
    """Collect, and return a metric's values by label values, in the order of its labels."""
    for taken in source.snapshot():
        if taken.metric.name == name:
            return {series.labels: value for series, value in taken.points}
    return {}


def refused(source: MeterProvider) -> dict[str, int]:
    """How often the provider has refused something, by reason."""
    counts: dict[str, int] = {}
    for (reason, _), times in source.stats().refusals.items():
        counts[reason] = counts.get(reason, 0) + times
    return counts


def clocked() -> tuple[MeterProvider, Iterator[int]]:
    """A provider whose clock ticks at each look, and the clock."""
    clock = itertools.count(1)
    contract = Contract((counter({"x": Bounded(9)}), gauge(), OVERFLOW))
    return MeterProvider(contract, resource=Resource({}), salt=SALT, clock=lambda: next(clock)), clock


def births(source: MeterProvider) -> dict[tuple[str, ...], int]:
    """Start timestamps of the counter's series."""
    return {
        series.labels: series.birth_ns
        for taken in source.snapshot()
        for series, _ in taken.points
        if taken.metric.name == "things_total"
    }
