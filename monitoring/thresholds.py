"""The thresholds: read from thresholds.toml, checked, and handed to rules by name."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

FILE: Final = Path(__file__).with_name("thresholds.toml")

_DURATION: Final = re.compile(r"\d+(?:s|m|h|d)")
_NUMBERS: Final = ("above", "below", "above_seconds")


class ThresholdsError(ValueError):
    """A threshold is wrong; the message names it, what was got, and what would be right."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """What an alert compares with: `value` in the unit of its key, for how long, and from how much traffic on."""

    name: str
    reason: str
    for_: str
    value: float | None = None
    at_least: float = 0.0
    window: str = ""
    analysis_routes: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """The value as PromQL has it."""
        return f"{self.value:g}"


@dataclass(frozen=True)
class Thresholds:
    """All of them, by name."""

    by_name: Mapping[str, Threshold] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path = FILE) -> "Thresholds":
        """Read a file.

        Raises:
            ThresholdsError: an entry has no reason, no duration, an unknown key, or a number that is none.
        """
        told = tomllib.loads(path.read_text())
        return cls(MappingProxyType({name: _read(name, entry) for name, entry in told.items()}))

    def __getitem__(self, name: str) -> Threshold:
        return self.by_name[name]


def _read(name: str, entry: object) -> Threshold:
    if not isinstance(entry, dict):
        raise ThresholdsError(f"{name}: got {entry!r}; a threshold is a table")
    rest = dict(entry)
    reason, for_ = rest.pop("reason", None), rest.pop("for", None)
    if not isinstance(reason, str) or not reason.endswith("."):
        raise ThresholdsError(f"{name}.reason: got {reason!r}; a sentence is needed")
    if not isinstance(for_, str) or not _DURATION.fullmatch(for_):
        raise ThresholdsError(f"{name}.for: got {for_!r}; a duration such as 5m is needed")
    value = next((rest.pop(key) for key in _NUMBERS if key in rest), None)
    at_least, window = rest.pop("at_least", 0), rest.pop("window", "")
    routes = rest.pop("analysis_routes", [])
    for key, number in (("value", 0 if value is None else value), ("at_least", at_least)):
        if isinstance(number, bool) or not isinstance(number, int | float) or number < 0:
            raise ThresholdsError(f"{name}.{key}: got {number!r}; a number from 0 on is needed")
    if window and not _DURATION.fullmatch(window):
        raise ThresholdsError(f"{name}.window: got {window!r}; a duration such as 5m is needed")
    if rest:
        raise ThresholdsError(
            f"{name}: got {', '.join(sorted(rest))}; known are {', '.join(_NUMBERS)}, at_least, window"
        )
    return Threshold(name, reason, for_, value, at_least, window, tuple(routes))
