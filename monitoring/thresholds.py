"""The thresholds: read from thresholds.toml, checked, and handed to rules by name."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from monitoring.pace import Pace, seconds_of

FILE: Final = Path(__file__).with_name("thresholds.toml")

# Each says on which side of the value an alert fires, and of which unit it is.
_NUMBERS: Final = ("above", "below", "above_seconds", "burns_above")
_OTHER_NUMBERS: Final = ("objective", "at_least")
_TIMES: Final = ("for", "keep_firing_for", "window", "short_window", "within", "older_than", "gone_within")


class ThresholdsError(ValueError):
    """A threshold is wrong; the message names it, what was got, and what would be right."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """What an alert compares with: `value` in the unit of its key, for how long, and from how much traffic on.

    `at_least` measurements `within` a time are the fewest of which a share or a mean says something. `time` is there
    instead of `value` where it is a time of its own, and becomes shorter with the pace, as do `for_` and the windows.
    """

    name: str
    reason: str
    for_: str = "0s"
    keeps_for: str = "0s"
    value: float | None = None
    time: str = ""
    objective: float = 0.0
    at_least: float = 0.0
    within: str = "5m"
    window: str = ""
    short_window: str = ""
    analysis_routes: tuple[str, ...] = ()
    pace: Pace = field(default_factory=Pace)

    @property
    def number(self) -> str:
        """The value as PromQL has it."""
        return f"{self.pace.seconds(self.time) if self.time else self.value:g}"

    def enough(self, rate: str) -> str:
        """Return the condition that a rate (a second, over `within`) stands for enough measurements."""
        # Rates that are added up are off by some billionths.
        return f"round({rate} * {self.pace.seconds(self.within):g}, 0.01) >= {self.least:g}"

    def over(self, share: str) -> str:
        """Return the condition that a share or a mean is above the value."""
        return f"{_rounded(share)} > {self.number}"

    def under(self, share: str) -> str:
        """Return the condition that a share or a mean is below the value."""
        return f"{_rounded(share)} < {self.number}"

    @property
    def least(self) -> float:
        """`at_least`, at the pace."""
        return self.pace.count(self.at_least, self.within)


@dataclass(frozen=True)
class Thresholds:
    """All of them, by name, at a pace."""

    by_name: Mapping[str, Threshold] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)

    @classmethod
    def load(cls, path: Path = FILE, pace: Pace | None = None) -> "Thresholds":
        """Read a file.

        Raises:
            ThresholdsError: an entry has no reason, an unknown key, a time or a number that is none.
        """
        told = tomllib.loads(path.read_text())
        pace = pace or Pace()
        return cls(MappingProxyType({name: _read(name, entry, pace) for name, entry in told.items()}), pace)

    def __getitem__(self, name: str) -> Threshold:
        return self.by_name[name]

    def named(self, beginning: str) -> tuple[Threshold, ...]:
        """Return those whose names begin so, without that beginning, in the file's order."""
        found = [each for name, each in self.by_name.items() if name.startswith(beginning)]
        return tuple(replace(each, name=each.name.removeprefix(beginning)) for each in found)


def _rounded(expr: str) -> str:
    # One that is just its threshold is off by some billionths, too.
    return f"round({expr}, 0.000001)"


def _read(name: str, entry: object, pace: Pace) -> Threshold:
    if not isinstance(entry, dict):
        raise ThresholdsError(f"{name}: got {entry!r}; a threshold is a table")
    rest = dict(entry)
    reason, routes = rest.pop("reason", None), rest.pop("analysis_routes", [])
    if not isinstance(reason, str) or not reason.endswith("."):
        raise ThresholdsError(f"{name}.reason: got {reason!r}; a sentence is needed")
    times = {key: _time(f"{name}.{key}", rest.pop(key)) for key in _TIMES if key in rest}
    numbers = {key: _number(f"{name}.{key}", rest.pop(key)) for key in (*_NUMBERS, *_OTHER_NUMBERS) if key in rest}
    if rest:
        known = ", ".join((*_NUMBERS, *_OTHER_NUMBERS, *_TIMES, "analysis_routes", "reason"))
        raise ThresholdsError(f"{name}: got {', '.join(sorted(rest))}; known are {known}")
    return Threshold(
        name=name,
        reason=reason,
        for_=times.get("for", "0s"),
        keeps_for=times.get("keep_firing_for", "0s"),
        value=next((numbers[key] for key in _NUMBERS if key in numbers), None),
        time=next((times[key] for key in ("older_than", "gone_within") if key in times), ""),
        objective=numbers.get("objective", 0.0),
        at_least=numbers.get("at_least", 0.0),
        within=times.get("within", "5m"),
        window=times.get("window", ""),
        short_window=times.get("short_window", ""),
        analysis_routes=tuple(routes),
        pace=pace,
    )


def _time(where: str, told: object) -> str:
    try:
        seconds_of(str(told))
    except ValueError as error:
        raise ThresholdsError(f"{where}: {error}") from None
    return str(told)


def _number(where: str, told: object) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or told < 0:
        raise ThresholdsError(f"{where}: got {told!r}; a number from 0 on is needed")
    return told
