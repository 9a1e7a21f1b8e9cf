"""What the first rows of the dashboards share: who is called, how near the next alert is, and where to read on."""

from typing import Final

from monitoring.dashboards.model import Panel, Query, Step, Unit
from monitoring.dashboards.palette import BAD, GOOD, NEAR, PRIORITIES, WARNING
from monitoring.dashboards.signals import HEALTH, Signals

EXECUTIVE: Final = "techsapo-executive"
OPERATIONS: Final = "techsapo-operations"
DEVELOPMENT: Final = "techsapo-development"

_FIRING: Final = 'ALERTS{alertstate="firing",alertname!="Watchdog"'
# Who evaluates no rules has no watchdog: then no alert is no news, good or bad.
_EVALUATED: Final = 'max(ALERTS{alertname="Watchdog",alertstate="firing"})'

_NEAR_STEPS: Final = (Step(None, GOOD), Step(NEAR, WARNING), Step(1.0, BAD, "an alert's condition holds"))


def health(signals: Signals, width: int, height: int) -> Panel:
    """Return the health score."""
    return Panel(
        "stat",
        "Health score",
        HEALTH,
        (Query(signals.health(), "health"),),
        Unit.SCORE,
        "no traffic",
        width,
        height,
        decimals=0,
        steps=(Step(None, BAD, "IN TROUBLE"), Step(50, WARNING, "STRAINED"), Step(75, GOOD, "HEALTHY")),
        least=0,
        most=100,
        drill=OPERATIONS,
    )


def near(title: str, expr: str, width: int, height: int) -> Panel:
    """Return bars of signals: how far each is on the way to its alert."""
    return Panel(
        "bargauge",
        title,
        "Each signal as a share of the threshold of its alert: at 100 % the alert's condition holds, and it fires once "
        "that has lasted as long as the rule says. 0 % where there is too little traffic for the alert to judge.",
        (Query(expr, "{{signal}}"),),
        Unit.SHARE,
        "no traffic",
        width,
        height,
        decimals=0,
        steps=_NEAR_STEPS,
        least=0,
        most=1,
        drill=OPERATIONS,
    )


def called(width: int, height: int) -> Panel:
    """Return how many alerts of each priority fire."""
    queries = tuple(
        Query(
            f'count({_FIRING},priority="{priority}"}}) or on () 0 * {_EVALUATED}',
            priority,
            steps=(Step(None, GOOD), Step(1, colour)),
        )
        for priority, colour in PRIORITIES.items()
    )
    return Panel(
        "stat",
        "Alerts firing",
        "Alerts that fire now, the watchdog left out: P0 pages at once, P1 wants somebody within a quarter of an hour, "
        "P2 within the hour. 0 is said only where rules are evaluated: the watchdog fires.",
        queries,
        Unit.NUMBER,
        "rules are not evaluated",
        width,
        height,
        decimals=0,
        steps=(Step(None, GOOD), Step(1, BAD)),
        least=0,
        drill=OPERATIONS,
        vmui=False,
    )


def firing(width: int, height: int) -> Panel:
    """Return the table of alerts that fire, with their age."""
    subject = ("priority", "alertname", "job", "service", "provider", "slo")
    since = 'ALERTS_FOR_STATE{alertname!="Watchdog"}'
    age = f"max by ({', '.join(subject)}) (time() - {since} and ignoring (alertstate) {_FIRING}}})"
    return Panel(
        "table",
        "Firing now",
        "What fires, what it is about and for how long its condition has held. The name leads to its runbook: what it "
        "means, where to look, what to do. An empty table is good news where `Alerts firing` says 0.",
        (
            Query(age, "held for", Unit.DURATION, 0, vmui=False),
            Query(_heights(), "{{priority}} {{alertname}} {{provider}} {{slo}}", grafana=False),
            Query("3", "line: P0 is at 3, P1 at 2, P2 at 1, what has ended at 0", grafana=False),
        ),
        Unit.DURATION,
        "Nothing fires",
        width,
        height,
        rows=subject,
    )


def _heights() -> str:
    """Return what fires, the watchdog included, as high as it is urgent: P0 at 3, P1 at 2, P2 at 1; at 0 what did."""
    by = "max by (priority, alertname, provider, slo)"
    firing = [f'{3 - rank} * {by} (ALERTS{{alertstate="firing",priority="P{rank}"}})' for rank in range(3)]
    ended = f'0 * {by} (max_over_time(ALERTS{{alertstate="firing"}}[$__range]))'
    return " or ".join([*firing, ended])
