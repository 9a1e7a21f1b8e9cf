"""The service level objectives: what is promised, what breaks it, and how far it is kept."""

from typing import Final

from monitoring.dashboards.model import Panel, Query, Row, Step, Unit
from monitoring.dashboards.palette import BAD, GOOD, WARNING
from monitoring.dashboards.signals import Signals
from monitoring.dashboards.windows import window_of
from monitoring.rules import slos
from monitoring.thresholds import Threshold, Thresholds

_OBJECTIVE: Final = f"max by (slo) ({slos.OBJECTIVE}{{}})"
# Used up, half of it left.
_LEFT: Final = (Step(None, BAD), Step(0, WARNING), Step(0.5, GOOD))


def row(signals: Signals) -> Row:
    """Return the row."""
    bad = f"Bad are {_bad_events(signals.thresholds)}."
    return Row("Promises kept (SLA)", (_compliance(bad), _good(bad), _budget(bad)))


def _bad_events(thresholds: Thresholds) -> str:
    routes = ", ".join(f"`{route}`" for route in thresholds["responses_slow"].analysis_routes)
    return "; ".join(f"`{slo.name}`: {_bad_of(slo, routes)}" for slo in thresholds.named("slo_"))


def _bad_of(slo: Threshold, routes: str) -> str:
    match slo.name:
        case "availability":
            return "requests that end in 5xx"
        case "latency":
            return f"requests that take more than {slo.number} s, those to {routes} left out"
        case "analysis":
            return f"analyses that take more than {slo.number} s"
        case "consensus":
            return f"verdicts with a confidence of {slo.number} or less"
        case name:
            msg = f"slo_{name}: nothing says what is bad of it; known are availability, latency, analysis, consensus"
            raise ValueError(msg)


def _bad(window: str) -> str:
    return f'max by (slo) ({slos.errors_of(window)}{{job=~"$job"}})'


def _left() -> str:
    return f"1 - {_bad('3d')} / (1 - {_OBJECTIVE})"


def _compliance(bad: str) -> Panel:
    return Panel(
        "table",
        "Compliance",
        f"Each promise with its share of good events. {bad} `Budget left` is what three days have left of the errors "
        "that the objective allows; below 0 it is broken at this rate.",
        (
            Query(_OBJECTIVE, "objective", Unit.SHARE, 2, vmui=False),
            Query(f"1 - {_bad('1h')}", "last hour", Unit.SHARE, 3, vmui=False),
            Query(f"1 - {_bad('3d')}", "last 3 days", Unit.SHARE, 3),
            Query(_left(), "budget left", Unit.SHARE, 0, steps=_LEFT, vmui=False),
        ),
        Unit.SHARE,
        "objectives are not evaluated",
        8,
        decimals=3,
        rows=("slo",),
    )


def _good(bad: str) -> Panel:
    errors = _bad("5m")
    return Panel(
        "timeseries",
        "Good events",
        f"Share of good events of the last {window_of(errors)}, for each promise. {bad}",
        (Query(f"1 - {errors}", "{{slo}}"),),
        Unit.SHARE,
        "no events",
        8,
        decimals=2,
        most=1,
    )


def _budget(bad: str) -> Panel:
    return Panel(
        "timeseries",
        "Budget of errors left",
        "What three days have left of the errors that each objective allows: 100 % is untouched, at the line, 0 %, it "
        f"is used up, and below it the objective is broken at this rate. {bad}",
        (Query(_left(), "{{slo}}"),),
        Unit.SHARE,
        "no events",
        8,
        decimals=0,
        most=1,
        steps=(Step(0, BAD, "used up"),),
    )
