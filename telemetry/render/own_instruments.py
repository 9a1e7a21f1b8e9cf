"""The project's own instruments: what an application records, found in the contract's views."""

from dataclasses import dataclass

from telemetry.contract import Contract, Metric, Take, View
from telemetry.contract.sources import attributes_of
from telemetry.engine.kinds import Kind

OWN_PREFIX = "techsapo."

# As an application would choose among those that a view takes from.
_PREFERENCE = (
    Kind.COUNTER,
    Kind.UP_DOWN_COUNTER,
    Kind.GAUGE,
    Kind.OBSERVABLE_COUNTER,
    Kind.OBSERVABLE_UP_DOWN_COUNTER,
    Kind.OBSERVABLE_GAUGE,
    Kind.HISTOGRAM,
)


@dataclass(frozen=True, slots=True)
class OwnInstrument:
    """An instrument that this project names: what it may be, and what it may carry.

    `kinds` begin with the one that fits best; `attributes` maps a label to the names of the attributes that it is read
    from, the first that is there; `unit` is empty where a view counts measurements, whatever they measure.
    """

    name: str
    kinds: tuple[Kind, ...]
    unit: str
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    feeds: tuple[str, ...]


def own_instruments(contract: Contract) -> tuple[OwnInstrument, ...]:
    """Return every instrument of the project's own that a view asks for, by name."""
    views = {name: views for name, views in contract.views_of.items() if name.startswith(OWN_PREFIX)}
    return tuple(_instrument(name, views[name]) for name in sorted(views))


def _instrument(name: str, views: tuple[tuple[Metric, View], ...]) -> OwnInstrument:
    attributes = {
        label: names for _, view in views for label, source in view.labels.items() if (names := attributes_of(source))
    }
    units = dict.fromkeys(metric.unit for metric, view in views if view.take is not Take.COUNT)
    return OwnInstrument(
        name=name,
        kinds=_kinds(views),
        unit=" or ".join(units),
        attributes=tuple(attributes.items()),
        feeds=tuple(dict.fromkeys(metric.name for metric, _ in views)),
    )


def _kinds(views: tuple[tuple[Metric, View], ...]) -> tuple[Kind, ...]:
    accepted = [kind for kind in _PREFERENCE if all(kind.feeds(metric, view) for metric, view in views)]
    return tuple(sorted(accepted, key=lambda kind: any(_fits_less(kind, view) for _, view in views)))


def _fits_less(kind: Kind, view: View) -> bool:
    """Tell whether a kind gives what a view takes, but not by its nature: a last value is what a gauge has."""
    gauge = kind in (Kind.GAUGE, Kind.OBSERVABLE_GAUGE)
    return view.take is not Take.COUNT and kind is not Kind.HISTOGRAM and gauge is not (view.take is Take.LAST)
