"""The plan of an instrument: all views on it, fused, so that one look-up leads to every cell."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from opentelemetry.context import Context

from telemetry.contract import Metric, MetricType, Take, View
from telemetry.engine.amounts import LARGEST_FACTOR, exact
from telemetry.engine.kinds import Kind
from telemetry.engine.refusals import Refusals
from telemetry.engine.series import Cell, Labels, Number, SeriesTable, new_cell
from telemetry.engine.sources import Raw, attributes_read, compile_labels, context_keys_read, context_value
from telemetry.engine.values import MAX_TEXT, AddressBuckets
from telemetry.engine.weights import Weight

# Attribute sets remembered for one instrument; past it all are forgotten and looked up anew.
MEMO_LIMIT = 4_096

_PLAIN = "pass a mapping of plain values"
_SMALL = frozenset({float, bool, type(None)})
_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class Operation:
    """What one view does with a measurement."""

    metric: Metric
    view: View
    take: Take
    table: SeriesTable
    labels: Callable[[Raw], Labels | None]
    weight: Weight | None
    nowhere: Cell

    @property
    def weighed(self) -> bool:
        """Tell whether amounts are multiplied with a factor."""
        return self.view.weight is not None

    def cell(self, labels: Labels, amount: Number) -> tuple[Cell, bool]:
        """Return the cell of a label set, made if need be, and whether a limit led to `other`."""
        if self.metric.type is MetricType.GAUGE:
            return self.table.cell(labels, amount if self.take is Take.LAST else 0)
        series, limited = self.table.find(labels)
        series.recorded = True
        return series.cell, limited


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the measurements of one set of raw values go.

    `steps` holds a cell for each operation, followed by the factor where the operation is weighted.
    `overflow` names the metrics in which a limit led to `other`.
    """

    steps: tuple[Cell | Number, ...]
    overflow: tuple[str, ...]

    @property
    def unpacked(self) -> object:
        """The steps as the compiled code takes them: a single cell stands alone."""
        return self.steps[0] if len(self.steps) == 1 else self.steps


class Plan:
    """All views on one instrument, and a bounded memory of where each set of raw attribute values goes.

    `fast` maps raw values to the steps of an entry and is all that the hot path reads.
    """

    def __init__(
        self,
        instrument: str,
        kind: Kind,
        selected: tuple[tuple[Metric, View], ...],
        tables: Mapping[str, SeriesTable],
        weights: Mapping[str, Weight],
        buckets: AddressBuckets,
        refusals: Refusals,
        resolved: Callable[[Sequence[str]], None],
    ) -> None:
        self.instrument = instrument
        self.kind = kind
        self.fast: dict[object, object] = {}
        self._typed: dict[tuple[tuple[type, object], ...], Entry] = {}
        self._refusals = refusals
        self.resolved = resolved
        self._lock = threading.RLock()
        attributes: list[str] = []
        keys: list[str] = []
        for _, view in selected:
            weight = weights.get(view.weight or view.unless_weight or "")
            attributes += (*attributes_read(view), *(weight.attributes if weight else ()))
            keys += context_keys_read(view)
        self.attributes = tuple(dict.fromkeys(attributes))
        self.context_keys = tuple(dict.fromkeys(keys))
        self._index = {name: position for position, name in enumerate((*self.attributes, *self.context_keys))}
        self.operations = tuple(
            Operation(
                metric,
                view,
                kind.effective(view.take),
                tables[metric.name],
                compile_labels(metric, view, self._index, buckets),
                weights.get(view.weight or view.unless_weight or ""),
                new_cell(metric),
            )
            for metric, view in selected
        )

    def raw(self, attributes: object, context: Context | None) -> Raw:
        """Read the raw values; whatever is wrong with the attributes, the measurement itself is kept."""
        values: list[object] = []
        readable = attributes is not None
        for name in self.attributes:
            try:
                values.append(attributes.get(name) if readable else None)  # type: ignore[attr-defined]  # anything may be passed; what has no get() is refused below
            except Exception:  # noqa: BLE001  # an application's mapping may raise anything
                self._refusals.count("attributes that cannot be read", self.instrument, _PLAIN)
                values.append(None)
                readable = False
        for key in self.context_keys:
            try:
                values.append(context_value(key, context))
            except Exception:  # noqa: BLE001  # whatever was passed as the context
                self._refusals.count("a context that cannot be read", self.instrument, "pass an OpenTelemetry context")
                values.append(None)
        return values

    def kept(self, attributes: object) -> Mapping[str, object]:
        """Copy what the views read of an attribute set: what is done to it later changes nothing."""
        raw = self.raw(attributes, None)
        return {name: value for name, value in zip(self.attributes, raw, strict=False) if value is not None}

    def resolve(self, attributes: object, context: Context | None, amount: Number) -> object:
        """Find where a measurement goes when the fast memory does not know; counts what overflows."""
        entry = self.find(attributes, context, amount)
        self.resolved(entry.overflow)
        return entry.unpacked

    def find(self, attributes: object, context: Context | None, amount: Number) -> Entry:
        """Return the entry of an attribute set; never raises, whatever the attributes are."""
        raw = self.raw(attributes, context)
        try:
            return self._remembered(raw, amount)
        except Exception:  # noqa: BLE001  # an attribute's value may be any object; the measurement is kept
            self._refusals.count("attributes that cannot be read", self.instrument, _PLAIN)
            return self._entry([None] * len(raw), amount)

    def _remembered(self, raw: Raw, amount: Number) -> Entry:
        if not all(_memorable(value) for value in raw):
            return self._entry(raw, amount)
        typed = tuple((type(value), value) for value in raw)
        entry = self._typed.get(typed)
        if entry is None:
            entry = self._entry(raw, amount)
            with self._lock:
                if len(self._typed) >= MEMO_LIMIT:
                    self.forget()
                self._typed[typed] = entry
        # True == 1 == 1.0: values that look-ups take for each other stay out of the fast memory.
        if not entry.overflow and not any(value == 0 or value == 1 for value in raw if type(value) is not str):
            self.fast[raw[0] if len(raw) == 1 else tuple(raw)] = entry.unpacked
        return entry

    def _entry(self, raw: Raw, amount: Number) -> Entry:
        """Apply every view to raw values; a new gauge begins with `amount`, never with a 0 that nobody set."""
        steps: list[Cell | Number] = []
        overflow: list[str] = []
        for operation in self.operations:
            factor = self.factor(operation, raw)
            labels = operation.labels(raw) if factor is not None else None
            cell, limited = operation.nowhere, False
            if labels is not None:
                cell, limited = operation.cell(labels, amount)
            if limited:
                overflow.append(operation.metric.name)
            steps.append(cell)
            if operation.weighed:
                steps.append(0 if factor is None else factor)
        return Entry(tuple(steps), tuple(overflow))

    def factor(self, operation: Operation, raw: Raw) -> Number | None:
        """The factor of a weighted view; 1 where a view has none; None where the view leaves the measurement out."""
        view, weight = operation.view, operation.weight
        if view.weight is None and view.unless_weight is None:
            return 1
        found = self._weight(weight, raw, view.given) if weight is not None else None
        if view.unless_weight is not None:
            return 1 if found is None else None
        return found

    def _weight(self, weight: Weight, raw: Raw, given: Mapping[str, str]) -> Number | None:
        try:
            found = weight.factor({name: given.get(name, raw[self._index[name]]) for name in weight.attributes})
        except Exception:  # noqa: BLE001  # a price table of the application's may raise anything
            self._refusals.count("a weight that raised", self.instrument, "its function returns a float or None")
            return None
        factor = exact(found)
        if found is not None and (factor is None or not 0 <= factor <= LARGEST_FACTOR):
            self._refusals.count(
                "a weight that is no factor", self.instrument, f"from 0 to {LARGEST_FACTOR:g}, or None"
            )
            return None
        return factor

    def forget(self) -> None:
        """Empty the memory of attribute sets; the series stay."""
        self._typed.clear()
        self.fast.clear()

    def restart(self) -> None:
        """Begin anew in the child of a fork."""
        self._lock = threading.RLock()
        self.forget()


def _memorable(value: object) -> bool:
    """Tell whether a raw value may be kept: of a plain type, whose size is bounded."""
    kind = type(value)
    if kind is str:
        return len(cast(str, value)) <= MAX_TEXT
    return kind in _SMALL or (kind is int and -_INT64 <= cast(int, value) < _INT64)
