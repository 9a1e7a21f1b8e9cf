"""How fast time passes for rules: as written, or shorter throughout for a proof that cannot wait hours."""

import re
from dataclasses import dataclass
from typing import Final

_DURATION: Final = re.compile(r"(\d+)(ms|s|m|h|d|w)")
_WORDS: Final = {"ms": "millisecond", "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}


@dataclass(frozen=True, slots=True)
class Pace:
    """Every time is divided by `divisor`, and none that was changed is longer than `longest_seconds`.

    A count that is asked for within a time becomes less in the same proportion. A divisor of 15 makes the 15 s between
    scrapes to one.
    """

    divisor: float = 1.0
    longest_seconds: float = 60.0

    def seconds(self, duration: str) -> float:
        """Return how long a duration of Prometheus' notation (`5m`) is at this pace, in seconds."""
        told = seconds_of(duration)
        return told if self.divisor == 1 else min(told / self.divisor, self.longest_seconds)

    def time(self, duration: str) -> str:
        """Return a duration at this pace, in Prometheus' notation."""
        if self.divisor == 1:
            return duration
        milliseconds = round(self.seconds(duration) * 1_000)
        return f"{milliseconds}ms" if milliseconds % 1_000 else f"{milliseconds // 1_000}s"

    def count(self, count: float, within: str) -> float:
        """Return how many are to be asked for where `count` are within a duration as written."""
        return count * self.seconds(within) / seconds_of(within)


def seconds_of(duration: str) -> float:
    """Return how many seconds a duration is. Raises ValueError where it is none."""
    count, unit = _parts(duration)
    return count * _SECONDS[unit]


def words(duration: str) -> str:
    """Return a duration in words: 5m is `5 minutes`. Raises ValueError where it is none."""
    count, unit = _parts(duration)
    return f"{count} {_WORDS[unit]}{'' if count == 1 else 's'}"


def _parts(duration: str) -> tuple[int, str]:
    found = _DURATION.fullmatch(duration)
    if found is None:
        msg = f"got {duration!r}; a duration such as 5m is needed"
        raise ValueError(msg)
    return int(found[1]), found[2]
