"""Sources compiled: from the raw attribute values that an instrument's views read, to labels."""

from collections.abc import Callable, Mapping, Sequence

from opentelemetry import baggage
from opentelemetry.context import Context, get_value

from telemetry.contract import (
    Attribute,
    Classified,
    Constant,
    FromContext,
    Metric,
    Overridden,
    Source,
    View,
)
from telemetry.contract.sources import attributes_of
from telemetry.engine.series import Labels
from telemetry.engine.values import AddressBuckets, label_value, text_of

Raw = Sequence[object]
Read = Callable[[Raw], object]


def attributes_read(view: View) -> tuple[str, ...]:
    """Names of the attributes that a view reads, each once, in a fixed order."""
    names = [name for source in view.labels.values() for name in attributes_of(source)]
    return tuple(dict.fromkeys((*names, *view.where)))


def context_keys_read(view: View) -> tuple[str, ...]:
    """Keys that a view reads from the context."""
    return tuple(source.key for source in view.labels.values() if isinstance(source, FromContext))


def context_value(key: str, context: Context | None) -> object:
    """Return what travels with the request under `key`: from the context itself, else from its baggage."""
    value = get_value(key, context)
    return baggage.get_baggage(key, context) if value is None else value


def compile_labels(
    metric: Metric, view: View, index: Mapping[str, int], buckets: AddressBuckets
) -> Callable[[Raw], Labels | None]:
    """Compile a view to a function from raw values to labels, or to None where the view does not select them.

    `index` tells the position of each attribute name and context key in the raw values.
    """
    readers = tuple(
        (_reader(view.labels[label.name], index), label_value(label.domain, buckets)) for label in metric.labels
    )
    conditions = tuple((index[name], frozenset(values)) for name, values in view.where.items())

    def labels(raw: Raw) -> Labels | None:
        for position, accepted in conditions:
            if text_of(raw[position]) not in accepted:
                return None
        return tuple(value(read(raw)) for read, value in readers)

    return labels


def _reader(source: Source, index: Mapping[str, int]) -> Read:
    match source:
        case Constant(value):
            return lambda _: value
        case FromContext(key):
            at = index[key]
            return lambda raw: raw[at]
        case Attribute(names):
            return _first(names, index)
        case Classified(name, absent, otherwise, classes):
            return _classified(index[name], absent, otherwise, classes)
        case Overridden(name, table, inner):
            return _overridden(index[name], table, _first(inner.names, index))


def _first(names: tuple[str, ...], index: Mapping[str, int]) -> Read:
    positions = tuple(index[name] for name in names)
    if len(positions) == 1:
        (only,) = positions
        return lambda raw: raw[only]
    return lambda raw: next((raw[at] for at in positions if raw[at] is not None), None)


def _classified(at: int, absent: str, otherwise: str, classes: Mapping[str, str]) -> Read:
    def read(raw: Raw) -> str:
        text = text_of(raw[at])
        return absent if text is None else classes.get(text, otherwise)

    return read


def _overridden(at: int, table: Mapping[str, str], inner: Read) -> Read:
    def read(raw: Raw) -> object:
        value = table.get(text_of(raw[at]) or "")
        return inner(raw) if value is None else value

    return read
