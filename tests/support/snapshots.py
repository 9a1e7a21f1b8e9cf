"""Snapshots for the page's tests: of the engine's own classes, with the values that a test wants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opentelemetry.sdk.resources import Resource

from telemetry.contract import CONTRACT, Bounded, Enum, Label, Masked, Metric, MetricType
from telemetry.engine import Cell, MeterProvider, MetricSnapshot, Number, Series, Weight

BIRTH_NS = 1_767_225_600_123_456_789
COST = CONTRACT.by_name["techsapo_wallbounce_cost_usd"]


@dataclass(frozen=True)
class Fixed:
    """A source that gives the same snapshot at each scrape."""

    snapshots: Sequence[MetricSnapshot]

    def snapshot(self, timeout_millis: float = 10_000) -> Sequence[MetricSnapshot]:  # noqa: ARG002  # the interface has it
        """Return the snapshot."""
        return self.snapshots


def take(name: str, points: Mapping[tuple[str, ...], Number | Cell], birth_ns: int = BIRTH_NS) -> MetricSnapshot:
    """Return a snapshot of a metric of the contract: its label values, and the value or cell of each."""
    metric = CONTRACT.by_name[name]
    made = [(Series(metric, labels, birth_ns), value) for labels, value in points.items()]
    return MetricSnapshot(metric, made)


def every_metric() -> list[MetricSnapshot]:
    """Return a snapshot with two series of each metric that has labels, one of each that has none."""
    return [
        MetricSnapshot(
            metric,
            [
                (Series(metric, labels, BIRTH_NS), value_of(metric, index))
                for index, labels in enumerate(dict.fromkeys(labels_of(metric, second) for second in (False, True)))
            ],
        )
        for metric in CONTRACT.metrics
    ]


def labels_of(metric: Metric, second: bool) -> tuple[str, ...]:
    """Return values of a metric's labels, out of their domains."""
    return tuple(_value(label, second) for label in metric.labels)


def _value(label: Label, second: bool) -> str:
    domain = label.domain
    if isinstance(domain, Enum):
        return domain.values[second]
    if isinstance(domain, Bounded):
        return "other" if second else (*domain.known, "one")[0]
    if isinstance(domain, Masked):
        return "private" if second else "v4-0f"
    return "unmatched" if second else "/users/{user_id}"


def value_of(metric: Metric, index: int) -> Number | Cell:
    """Return a value that differs from series to series; a histogram's has one measurement in each bucket."""
    if metric.type is MetricType.HISTOGRAM:
        counts = [index + 1] * (len(metric.boundaries) + 1)
        return [0.25 + index, 0.001, 9.5, *counts]
    return index + (1 if metric.type is MetricType.COUNTER and metric is not COST else 0.5)


def provider() -> MeterProvider:
    """Return an engine on the contract, in which every model costs a thousandth of a dollar a token."""
    price = Weight(("gen_ai.request.model",), lambda _: 0.001)
    return MeterProvider(
        CONTRACT, resource=Resource({}), salt=b"a salt of the tests only", weights={"model_price": price}
    )
