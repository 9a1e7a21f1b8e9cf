"""What an instrumentation has recorded of calls, by the instruments of the GenAI conventions."""

from dataclasses import dataclass

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader


@dataclass(frozen=True)
class Recorded:
    """One point: how often, the sum, and the attributes."""

    times: int
    sum: float
    attributes: dict[str, object]


class RecordedCalls:
    """`provider` is what is instrumented: the stock SDK's, which keeps every attribute."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.provider = MeterProvider([self._reader])

    def durations(self) -> list[Recorded]:
        """Return the points of `gen_ai.client.operation.duration`."""
        return self._points("gen_ai.client.operation.duration")

    def tokens(self) -> dict[str, int]:
        """Return the tokens by type, or by rate where that is another."""
        points = self._points("gen_ai.client.token.usage")
        kinds = (point.attributes.get("techsapo.token.rate", point.attributes["gen_ai.token.type"]) for point in points)
        return {str(kind): int(point.sum) for kind, point in zip(kinds, points, strict=True)}

    def sums(self) -> dict[str, int]:
        """Return the tokens of all providers and models, by type or rate."""
        sums: dict[str, int] = {}
        for point in self._points("gen_ai.client.token.usage"):
            kind = str(point.attributes.get("techsapo.token.rate", point.attributes["gen_ai.token.type"]))
            sums[kind] = sums.get(kind, 0) + int(point.sum)
        return sums

    def tiers(self) -> set[object]:
        """Return the service tiers that tokens were used in; None for the ordinary one."""
        return {
            point.attributes.get("gen_ai.response.service_tier") for point in self._points("gen_ai.client.token.usage")
        }

    def _points(self, name: str) -> list[Recorded]:
        data = self._reader.get_metrics_data()
        return [
            Recorded(point.count, point.sum, dict(point.attributes or {}))
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
            if isinstance(point, HistogramDataPoint)
        ]
