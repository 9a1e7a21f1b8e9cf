"""The plan of an instrument: all views on it, fused, so that one look-up leads to every cell."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from opentelemetry.context import Context

from telemetry.contract import Enum, Metric, Take, View
from telemetry.engine.kinds import Kind
from telemetry.engine.refusals import Refusals
from telemetry.engine.series import Cell, Labels, Number, Series, SeriesTable, combine, new_cell
from telemetry.engine.sources import Raw, attributes_read, compile_labels, context_keys_read, context_value
from telemetry.engine.values import MAX_TEXT, AddressBuckets
from telemetry.engine.weights import Weight

# Attribute sets remembered for one instrument; past it all are forgotten and looked up anew.
MEMO_LIMIT = 4_096

_REMEMBERED = frozenset({str, int, float, bool, type(None)})


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

    def excluded(self, labels: Labels) -> list[Labels]:
        """Label sets that cannot hold while `labels` does: the other values of a one-hot label."""
        if self.metric.one_hot is None:
            return []
        at = self.metric.label_names.index(self.metric.one_hot)
        domain = self.metric.labels[at].domain
        values = domain.values if isinstance(domain, Enum) else ()
        return [(*labels[:at], value, *labels[at + 1 :]) for value in values if value != labels[at]]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the measurements of one set of raw values go.

    `steps` holds a cell for each operation, followed by the factor where the operation is weighted.
    `overflow` names the metrics in which a limit led to `other`; `merged` are the gauges among them.
    """

    steps: tuple[Cell | Number, ...]
    overflow: tuple[str, ...]
    merged: tuple[tuple[SeriesTable, Series, Labels], ...]


class Plan:
    """All views on one instrument, and a bounded memory of where each set of raw attribute values goes.

    `fast` maps raw values to the steps of an entry and is all that the hot path reads; `weighed` tells for each
    operation whether a factor follows its cell.
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
        self._resolved = resolved
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
        self.weighed = tuple(operation.view.weight is not None for operation in self.operations)

    def raw(self, attributes: object, context: Context | None) -> Raw:
        """Read the raw values; whatever is wrong with the attributes, the measurement itself is kept."""
        values: list[object] = []
        readable = attributes is not None
        for name in self.attributes:
            try:
                values.append(attributes.get(name) if readable else None)  # type: ignore[attr-defined]  # anything may be passed; what has no get() is refused below
            except Exception:  # noqa: BLE001  # an application's mapping may raise anything
                self._refusals.count(
                    "attributes that cannot be read", self.instrument, "pass a mapping of plain values"
                )
                values.append(None)
                readable = False
        for key in self.context_keys:
            try:
                values.append(context_value(key, context))
            except Exception:  # noqa: BLE001  # whatever was passed as the context
                self._refusals.count("a context that cannot be read", self.instrument, "pass an OpenTelemetry context")
                values.append(None)
        return values

    def resolve(self, attributes: object, context: Context | None, amount: Number) -> object:
        """Find where a measurement goes when the fast memory does not know; counts what overflows."""
        raw = self.raw(attributes, context)
        entry = self._remembered(raw, amount)
        self._resolved(entry.overflow)
        for table, series, labels in entry.merged:
            table.merge(series, labels, amount)
        return entry.steps[0] if len(entry.steps) == 1 else entry.steps

    def _remembered(self, raw: Raw, amount: Number) -> Entry:
        if any(type(value) not in _REMEMBERED or (type(value) is str and len(value) > MAX_TEXT) for value in raw):
            return self.entry(raw, amount)
        typed = tuple((type(value), value) for value in raw)
        entry = self._typed.get(typed)
        if entry is None:
            entry = self.entry(raw, amount)
            with self._lock:
                if len(self._typed) >= MEMO_LIMIT:
                    self.forget()
                self._typed[typed] = entry
        # True == 1 == 1.0: values that look-ups take for each other stay out of the fast memory.
        if not entry.overflow and not any(value == 0 or value == 1 for value in raw if type(value) is not str):
            key = raw[0] if len(raw) == 1 else tuple(raw)
            self.fast[key] = entry.steps[0] if len(entry.steps) == 1 else entry.steps
        return entry

    def entry(self, raw: Raw, amount: Number) -> Entry:
        """Apply every view to raw values; a new gauge begins with `amount`, never with a 0 that nobody set."""
        steps: list[Cell | Number] = []
        overflow: list[str] = []
        merged: list[tuple[SeriesTable, Series, Labels]] = []
        for operation, weighed in zip(self.operations, self.weighed, strict=True):
            factor = self._factor(operation, raw)
            labels = operation.labels(raw) if factor is not None else None
            cell = operation.nowhere
            if labels is not None:
                series, limited = operation.table.find(labels)
                cell = series.cell
                if operation.take is Take.LAST and not series.recorded:
                    cell[0] = amount
                series.recorded = True
                if limited:
                    overflow.append(operation.metric.name)
                    if operation.take is Take.LAST:
                        merged.append((operation.table, series, labels))
            steps.append(cell)
            if weighed:
                steps.append(0 if factor is None else factor)
        return Entry(tuple(steps), tuple(overflow), tuple(merged))

    def _factor(self, operation: Operation, raw: Raw) -> Number | None:
        """The factor of a weighted view; 1 where a view has none; None where the view leaves the measurement out."""
        view, weight = operation.view, operation.weight
        if view.weight is None and view.unless_weight is None:
            return 1
        found: float | None = None
        if weight is not None:
            values = {name: raw[self._index[name]] for name in weight.attributes}
            try:
                found = weight.factor(values)
            except Exception:  # noqa: BLE001  # a price table of the application's may raise anything
                self._refusals.count("a weight that raised", self.instrument, "its function returns a float or None")
        if view.unless_weight is not None:
            return 1 if found is None else None
        return found

    def observe(self, amount: Number, attributes: object) -> None:
        """Add one observation of an asynchronous instrument to what this collection has observed."""
        raw = self.raw(attributes, None)
        for operation in self.operations:
            labels = operation.labels(raw)
            if labels is None:
                continue
            series, limited = operation.table.find(labels)
            if limited:
                self._resolved((operation.metric.name,))
            observed = operation.table.observed
            rule = operation.metric.combine
            observed[series] = combine(rule, observed[series], amount) if series in observed else amount
            if amount:
                for excluded in operation.excluded(labels):
                    observed.setdefault(operation.table.find(excluded)[0], 0)

    def forget(self) -> None:
        """Empty the memory of attribute sets; the series stay."""
        self._typed.clear()
        self.fast.clear()

    def set_one_hot(self, amount: Number, attributes: object, context: Context | None) -> None:
        """Set a gauge of which one label excludes its other values: 1 for one of them is 0 for the rest."""
        raw = self.raw(attributes, context)
        entry = self.entry(raw, amount)
        self._resolved(entry.overflow)
        for operation, cell in zip(self.operations, entry.steps, strict=True):
            labels = operation.labels(raw)
            if labels is None or not isinstance(cell, list):
                continue
            cell[0] = amount
            for excluded in operation.excluded(labels) if amount else ():
                series = operation.table.find(excluded)[0]
                series.cell[0] = 0
                series.recorded = True

    def restart(self) -> None:
        """Begin anew in the child of a fork."""
        self._lock = threading.RLock()
        self.forget()
