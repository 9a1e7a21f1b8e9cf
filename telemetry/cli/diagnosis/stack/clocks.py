"""How far another host's clock is from this one's, and how well that is known."""

from dataclasses import dataclass

from telemetry.cli.diagnosis.finding import Finding, broken, ok, warn
from telemetry.cli.diagnosis.web import Answer

# Start times and ages of figures are compared across clocks. Past an interval of 15 s ages are told wrongly.
_WARN_SECONDS = 1.0
_BROKEN_SECONDS = 15.0
_REMEDY = "Have a time service (chrony, systemd-timesyncd) set both: ages and start times are compared across them"


@dataclass(frozen=True, slots=True)
class Offset:
    """How many seconds another clock is ahead of this host's, how far off that may be, and how it was measured."""

    seconds: float
    uncertainty: float
    by: str


def offset(told: float, resolution: float, asked: float, answered: float, by: str) -> Offset:
    """Return the offset of a clock that told a time, rounded down to `resolution`, between two times of this host's."""
    lowest, highest = told - answered, told + resolution - asked
    return Offset((lowest + highest) / 2, (highest - lowest) / 2, by)


def by_date(answer: Answer) -> Offset | None:
    """Return the offset that an answer's header Date tells; None without one."""
    if answer.date is None:
        return None
    return offset(answer.date, 1.0, answer.asked, answer.answered, "the Date of its answer")


def check_clock(whose: str, measured: Offset) -> Finding:
    """Tell whether another clock agrees with this host's."""
    certain = abs(measured.seconds) - measured.uncertainty
    shown = f"{abs(measured.seconds):.3f} s ± {measured.uncertainty:.3f} s, by {measured.by}"
    if certain <= _WARN_SECONDS:
        return ok("clock", f"The clocks of {whose} and of this host agree: they differ by {shown}")
    direction = "ahead of" if measured.seconds > 0 else "behind"
    sentence = f"The clock of {whose} is {direction} this host's ({shown})"
    return broken("clock", sentence, _REMEDY) if certain > _BROKEN_SECONDS else warn("clock", sentence, _REMEDY)
