"""Sources: where a semantic view takes a label's value from."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attribute:
    """The first of these attributes that the measurement carries (newer names first)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """One value, whatever the measurement carries."""

    value: str


@dataclass(frozen=True, slots=True)
class Classified:
    """A class of an attribute's value: `absent` without it, `table`'s entry for it, else `otherwise`."""

    attribute: str
    absent: str
    otherwise: str
    table: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Overridden:
    """`table`'s entry for the value of `attribute` where there is one, else `source`."""

    attribute: str
    table: Mapping[str, str]
    source: Attribute


@dataclass(frozen=True, slots=True)
class FromContext:
    """A value that travels with the request (OpenTelemetry context, then baggage), not with the measurement."""

    key: str


Source = Attribute | Constant | Classified | Overridden | FromContext


def attribute(*names: str) -> Attribute:
    """Take the first of the named attributes that is present."""
    return Attribute(names)


def attributes_of(source: Source) -> tuple[str, ...]:
    """Names of all attributes that a source reads."""
    match source:
        case Attribute(names):
            return names
        case Classified(name):
            return (name,)
        case Overridden(name, _, inner):
            return (name, *inner.names)
        case Constant() | FromContext():
            return ()
