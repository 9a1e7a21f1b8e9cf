"""Meters: they hand out instruments. All meters of a provider share its plans, so that a name is one metric."""

from collections.abc import Sequence
from typing import Protocol, TypeVar, cast

from opentelemetry import metrics
from opentelemetry.metrics import CallbackT

from telemetry.engine.instruments import (
    Bind,
    Counter,
    Gauge,
    Histogram,
    ObservableCounter,
    ObservableGauge,
    ObservableUpDownCounter,
    UpDownCounter,
    bind_nothing,
    record_nothing,
)
from telemetry.engine.kinds import Kind
from telemetry.engine.record import Record

Synchronous = TypeVar("Synchronous", Counter, UpDownCounter, Histogram, Gauge)


class Engine(Protocol):
    """What a meter needs of its provider. Nothing here raises."""

    def synchronous(self, name: object, kind: Kind, scope: str) -> tuple[Record, Bind] | None:
        """Return how an instrument records and binds; None, said once and counted, where nothing asks for it."""

    def asynchronous(self, name: object, kind: Kind, scope: str, callbacks: Sequence[CallbackT] | None) -> None:
        """Register an instrument's callbacks where something asks for it."""


class Meter(metrics.Meter):
    """A meter of our provider. Creating an instrument never raises; one that nothing asks for records nothing."""

    def __init__(self, engine: Engine, name: str, version: str | None, schema_url: str | None) -> None:
        super().__init__(name, version, schema_url)
        self._engine = engine
        self._instruments: dict[tuple[Kind, str], Counter | UpDownCounter | Histogram | Gauge] = {}

    def create_counter(self, name: str, unit: str = "", description: str = "") -> Counter:
        """Create a counter: a sum that only rises."""
        return self._synchronous(Counter, Kind.COUNTER, name, unit, description)

    def create_up_down_counter(self, name: str, unit: str = "", description: str = "") -> UpDownCounter:
        """Create an up-down counter: a sum that may fall."""
        return self._synchronous(UpDownCounter, Kind.UP_DOWN_COUNTER, name, unit, description)

    def create_histogram(
        self,
        name: str,
        unit: str = "",
        description: str = "",
        *,
        explicit_bucket_boundaries_advisory: Sequence[float] | None = None,  # noqa: ARG002  # the contract decides
    ) -> Histogram:
        """Create a histogram. The boundaries are the contract's: the advisory ones are not used."""
        return self._synchronous(Histogram, Kind.HISTOGRAM, name, unit, description)

    def create_gauge(self, name: str, unit: str = "", description: str = "") -> Gauge:
        """Create a gauge: a value that is set."""
        return self._synchronous(Gauge, Kind.GAUGE, name, unit, description)

    def create_observable_counter(
        self, name: str, callbacks: Sequence[CallbackT] | None = None, unit: str = "", description: str = ""
    ) -> ObservableCounter:
        """Create a counter whose callbacks tell its sum at each collection."""
        self._engine.asynchronous(name, Kind.OBSERVABLE_COUNTER, self.name, callbacks)
        return ObservableCounter(name, unit, description)

    def create_observable_up_down_counter(
        self, name: str, callbacks: Sequence[CallbackT] | None = None, unit: str = "", description: str = ""
    ) -> ObservableUpDownCounter:
        """Create an up-down counter whose callbacks tell its sum at each collection."""
        self._engine.asynchronous(name, Kind.OBSERVABLE_UP_DOWN_COUNTER, self.name, callbacks)
        return ObservableUpDownCounter(name, unit, description)

    def create_observable_gauge(
        self, name: str, callbacks: Sequence[CallbackT] | None = None, unit: str = "", description: str = ""
    ) -> ObservableGauge:
        """Create a gauge whose callbacks tell its value at each collection."""
        self._engine.asynchronous(name, Kind.OBSERVABLE_GAUGE, self.name, callbacks)
        return ObservableGauge(name, unit, description)

    def _synchronous(
        self, instrument: type[Synchronous], kind: Kind, name: str, unit: str, description: str
    ) -> Synchronous:
        found = self._engine.synchronous(name, kind, self.name)
        if found is None:
            return instrument(name, unit, description, record_nothing, bind_nothing, enabled=False)
        # The contract names it, so these are few: an application that creates it again is given the same.
        key = (kind, str.lower(name))
        made = self._instruments.setdefault(key, instrument(name, unit, description, *found, enabled=True))
        return cast(Synchronous, made)
