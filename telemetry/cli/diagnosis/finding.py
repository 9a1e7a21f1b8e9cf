"""A finding: what was seen, how bad it is, and what to do about it."""

import enum
from dataclasses import dataclass


class Level(enum.Enum):
    """How bad a finding is: as it should be, worth a look, or nothing works until it is mended."""

    OK = "ok"
    WARN = "warn"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of `about`, in a sentence; `remedy` is empty where there is nothing to do."""

    level: Level
    about: str
    sentence: str
    remedy: str = ""


def ok(about: str, sentence: str) -> Finding:
    """Return a finding that is as it should be."""
    return Finding(Level.OK, about, sentence)


def counted(number: float, what: str) -> str:
    """Return a number of things as a sentence has it: "1 point", "2 points"."""
    return f"{number:.0f} {what}" if number == 1 else f"{number:.0f} {what}s"


def warn(about: str, sentence: str, remedy: str) -> Finding:
    """Return a finding that is worth a look."""
    return Finding(Level.WARN, about, sentence, remedy)


def broken(about: str, sentence: str, remedy: str = "") -> Finding:
    """Return a finding that keeps the telemetry from working."""
    return Finding(Level.BROKEN, about, sentence, remedy)
