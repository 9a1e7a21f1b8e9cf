"""The service level objectives: what is promised, and how far it is kept."""

from typing import Final

from monitoring.dashboards.model import Panel, Query, Row, Step, Unit
from monitoring.dashboards.palette import BAD, GOOD, WARNING
from monitoring.dashboards.windows import window_of
from monitoring.rules import slos

_OBJECTIVE: Final = f"max by (slo) ({slos.OBJECTIVE}{{}})"


def row() -> Row:
    """Return the row."""
    return Row("Promises kept (SLA)", (_compliance(), _good(), _budget()))


def _bad(window: str) -> str:
    return f'max by (slo) ({slos.errors_of(window)}{{job=~"$job"}})'


def _left() -> str:
    return f"1 - {_bad('3d')} / (1 - {_OBJECTIVE})"


def _compliance() -> Panel:
    return Panel(
        "table",
        "Compliance",
        "Each promise with its share of good events: `availability`, requests without 5xx; `latency`, requests "
        "answered in time; `analysis`, analyses that end in time; `consensus`, clear verdicts. `Budget left` is "
        "what three days have left of the errors that the objective allows; below 0 it is broken at this rate.",
        (
            Query(_OBJECTIVE, "objective", Unit.SHARE, 2, vmui=False),
            Query(f"1 - {_bad('1h')}", "last hour", Unit.SHARE, 3, vmui=False),
            Query(f"1 - {_bad('3d')}", "last 3 days", Unit.SHARE, 3),
            Query(_left(), "budget left", Unit.SHARE, 0, vmui=False),
        ),
        Unit.SHARE,
        "objectives are not evaluated",
        8,
        decimals=3,
        rows=("slo",),
    )


def _good() -> Panel:
    bad = _bad("5m")
    return Panel(
        "timeseries",
        "Good events",
        f"Share of good events of the last {window_of(bad)}, for each promise.",
        (Query(f"1 - {bad}", "{{slo}}"),),
        Unit.SHARE,
        "no events",
        8,
        decimals=2,
        most=1,
    )


def _budget() -> Panel:
    return Panel(
        "timeseries",
        "Budget of errors left",
        "What three days have left of the errors that each objective allows: 100 % is untouched, 0 % is used up, below "
        "it the objective is broken at this rate.",
        (Query(_left(), "{{slo}}"),),
        Unit.SHARE,
        "no events",
        8,
        decimals=0,
        most=1,
        steps=(Step(None, BAD), Step(0, WARNING), Step(0.5, GOOD)),
    )
