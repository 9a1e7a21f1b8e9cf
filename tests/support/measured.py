"""A meter provider of the engine's own, and what has reached it, metric by metric."""

from collections.abc import Mapping

from opentelemetry.sdk.resources import Resource

from telemetry.engine import FIRST_BUCKET, SUM, MeterProvider, Number, Weight

Labels = tuple[str, ...]


class Measured:
    """`provider` is what is instrumented; the rest reads the contract's metrics. Labels are in the contract's order."""

    def __init__(self, weights: Mapping[str, Weight] | None = None) -> None:
        self.provider = MeterProvider(resource=Resource.get_empty(), salt=b"the tests' own", weights=weights)

    def values(self, metric: str) -> Mapping[Labels, Number]:
        """Return the values of a counter or gauge by labels; empty where nothing has been recorded."""
        return {labels: value for labels, value in self._points(metric).items() if isinstance(value, int | float)}

    def value(self, metric: str, *labels: str) -> Number:
        """Return the value of one series, 0 where there is none."""
        return self.values(metric).get(labels, 0)

    def distribution(self, metric: str, *labels: str) -> tuple[Number, Number]:
        """Return count and sum of one series of a histogram."""
        cell = self._points(metric).get(labels)
        if not isinstance(cell, list):
            return 0, 0
        return sum(cell[FIRST_BUCKET:]), cell[SUM]

    def counts(self, metric: str) -> Mapping[Labels, Number]:
        """Return the counts of a histogram by labels."""
        return {labels: self.distribution(metric, *labels)[0] for labels in self._points(metric)}

    def _points(self, metric: str) -> Mapping[Labels, object]:
        for taken in self.provider.snapshot(timeout_millis=10_000):
            if taken.metric.name == metric:
                return {series.labels: value for series, value in taken.points}
        return {}
