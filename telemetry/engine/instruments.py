"""Instruments: the seven kinds of the OpenTelemetry metrics API, and the ones that nothing asked for.

Source: OpenTelemetry specification, metrics API. `bind` is this engine's own: it remembers one attribute set.
"""

from collections.abc import Callable

from opentelemetry import metrics
from opentelemetry.context import Context
from opentelemetry.metrics import _Gauge as GaugeBase
from opentelemetry.util.types import Attributes

from telemetry.engine.record import Record

Bind = Callable[[object], "Bound"]


class Bound:
    """One series of an instrument, looked up once: the fastest way to record.

    `add`, `record` and `set` are one function; each takes an amount and never raises.
    """

    __slots__ = ("add", "record", "set")

    def __init__(self, function: Callable[[float], None]) -> None:
        self.add = self.record = self.set = function


class _Enabled:
    """What a synchronous instrument of ours has beyond the API."""

    _bind: Bind
    _enabled: bool

    def enabled(self, *, context: Context | None = None) -> bool:  # noqa: ARG002  # the specification's parameter
        """Tell whether a measurement would go anywhere: False where the contract has no view on the instrument."""
        return self._enabled

    def bind(self, attributes: Attributes = None) -> Bound:
        """Remember an attribute set; the returned object records to its series."""
        return self._bind(attributes)


class Counter(_Enabled, metrics.Counter):
    """A monotonic sum. A negative, infinite or non-numeric amount is refused, said once and counted."""

    def __init__(self, name: str, unit: str, description: str, record: Record, bind: Bind, *, enabled: bool) -> None:
        self.name, self.unit, self.description = name, unit, description
        self._bind, self._enabled = bind, enabled
        self.add = record  # type: ignore[method-assign]  # the compiled function is the method

    def add(self, amount: float, attributes: Attributes = None, context: Context | None = None) -> None:
        """Add `amount`, at least 0."""


class UpDownCounter(_Enabled, metrics.UpDownCounter):
    """A sum that may fall."""

    def __init__(self, name: str, unit: str, description: str, record: Record, bind: Bind, *, enabled: bool) -> None:
        self.name, self.unit, self.description = name, unit, description
        self._bind, self._enabled = bind, enabled
        self.add = record  # type: ignore[method-assign]  # the compiled function is the method

    def add(self, amount: float, attributes: Attributes = None, context: Context | None = None) -> None:
        """Add `amount`, of either sign."""


class Histogram(_Enabled, metrics.Histogram):
    """A distribution; the contract sets the boundaries, an instrument's advice is not asked."""

    def __init__(self, name: str, unit: str, description: str, record: Record, bind: Bind, *, enabled: bool) -> None:
        self.name, self.unit, self.description = name, unit, description
        self._bind, self._enabled = bind, enabled
        self.record = record  # type: ignore[method-assign]  # the compiled function is the method

    def record(self, amount: float, attributes: Attributes = None, context: Context | None = None) -> None:
        """Record `amount`, at least 0."""


class Gauge(_Enabled, GaugeBase):
    """A last value."""

    def __init__(self, name: str, unit: str, description: str, record: Record, bind: Bind, *, enabled: bool) -> None:
        self.name, self.unit, self.description = name, unit, description
        self._bind, self._enabled = bind, enabled
        self.set = record  # type: ignore[method-assign]  # the compiled function is the method

    def set(self, amount: float, attributes: Attributes = None, context: Context | None = None) -> None:
        """Set the value to `amount`."""


class ObservableCounter(metrics.ObservableCounter):
    """A monotonic sum that callbacks tell when it is collected."""

    def __init__(self, name: str, unit: str, description: str) -> None:
        self.name, self.unit, self.description = name, unit, description


class ObservableUpDownCounter(metrics.ObservableUpDownCounter):
    """A sum that callbacks tell when it is collected."""

    def __init__(self, name: str, unit: str, description: str) -> None:
        self.name, self.unit, self.description = name, unit, description


class ObservableGauge(metrics.ObservableGauge):
    """A value that callbacks tell when it is collected."""

    def __init__(self, name: str, unit: str, description: str) -> None:
        self.name, self.unit, self.description = name, unit, description


def record_nothing(amount: float, attributes: object = None, context: Context | None = None) -> None:
    """Take a measurement that nothing in the contract asks for."""


def bind_nothing(_: object) -> Bound:
    """Bind to nothing."""
    return Bound(record_nothing)
