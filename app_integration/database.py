"""What every database client records: the duration of each operation.

Source: OpenTelemetry semantic conventions for database client metrics (stable since 1.33).
"""

from time import perf_counter

from opentelemetry.metrics import Histogram, Meter

# The conventions' boundaries.
_BOUNDARIES = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)

Attributes = dict[str, str | int]


class OperationDuration:
    """Records operations of one database system, each once, with its error where it failed."""

    def __init__(self, meter: Meter, system: str) -> None:
        self._system = system
        self._histogram: Histogram = meter.create_histogram(
            "db.client.operation.duration",
            unit="s",
            description="Duration of database client operations.",
            explicit_bucket_boundaries_advisory=_BOUNDARIES,
        )

    def record(self, started: float, attributes: Attributes, error: BaseException | None) -> None:
        """Record an operation that began at `started` (`time.perf_counter`) and is over now."""
        attributes["db.system.name"] = self._system
        if error is not None:
            attributes["error.type"] = type(error).__qualname__
        self._histogram.record(perf_counter() - started, attributes)
