"""Where an alert leads: its dashboard shows all that it looks at."""

import re
from typing import Final

import pytest

from monitoring.model import Alert, Recording
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.monitoring import panels

RULES: Final = [rule for group in groups(Thresholds.load()) for rule in group.rules]
RECORDED: Final = {rule.record: rule.expr for rule in RULES if isinstance(rule, Recording)}
NAME: Final = re.compile(r"[a-z]+:\w+:\w+")
TOLD: Final = re.compile(r"\b(?:(?:techsapo|nodejs|otelcol|prometheus|alertmanager)_\w+|up|target_info)\b")
QUOTED: Final = re.compile(r'"[^"]*"')


def looked_at(expr: str) -> set[str]:
    """Return the series that an expression is made of, through whatever is recorded of them."""
    recorded = (looked_at(RECORDED[name]) for name in NAME.findall(expr) if name in RECORDED)
    return set(TOLD.findall(QUOTED.sub("", expr))).union(*recorded)


@pytest.mark.parametrize(
    "alert",
    [rule for rule in RULES if isinstance(rule, Alert)],
    ids=lambda alert: "-".join((alert.name, alert.priority)),
)
def test_the_dashboard_shows_what_the_alert_looks_at(alert: Alert) -> None:
    """Whoever is paged sees there what fired."""
    shown = (looked_at(query.expr) for query in panels.asked() if query.uid == f"techsapo-{alert.dashboard}")
    assert set() == looked_at(alert.expr) - set().union(*shown)
