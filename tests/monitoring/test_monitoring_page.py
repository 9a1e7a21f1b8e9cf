"""docs/monitoring.md: it has every alert and every layer as they are, and what it tells to type is there."""

import re

import pytest

from app_integration.demo.scenarios import SCENARIOS
from monitoring.model import Alert
from monitoring.render import ROOT, RULES
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.monitoring.runbooks import Runbook
from tests.monitoring.test_runbook_queries import counts_once
from tests.monitoring.test_runbooks import PLACE
from tests.support.prometheus import Prometheus

PAGE = Runbook("", (ROOT / "docs" / "monitoring.md").read_text())
GROUPS = groups(Thresholds.load())
ROW = re.compile(r"^\| ((?:P\d(?:, )?)+) \| \[(\w+)\]\(\.\./monitoring/runbooks/(\w+)\.md\) \| .+ \|$", re.MULTILINE)
LAYER = re.compile(r"^\| `(techsapo-[\w-]+)` \| (\w+) \| (alerts)?", re.MULTILINE)


def test_every_alert_is_in_the_table() -> None:
    """With its priorities, in their order, and its own runbook."""
    priorities: dict[str, set[str]] = {}
    for group in GROUPS:
        for rule in group.rules:
            if isinstance(rule, Alert):
                priorities.setdefault(rule.name, set()).add(rule.priority)
    rows = ROW.findall(PAGE.text)
    assert {alert: ", ".join(sorted(each)) for alert, each in priorities.items()} == {row[1]: row[0] for row in rows}
    assert [row[1] for row in rows] == [row[2] for row in rows]
    assert sorted(row[0][:2] for row in rows) == [row[0][:2] for row in rows]


def test_every_group_is_in_the_table_of_layers() -> None:
    """With its interval, and whether it alerts; its file has its name."""
    layers = {name: (interval, bool(alerts)) for name, interval, alerts in LAYER.findall(PAGE.text)}
    assert {
        group.name: (group.interval, any(isinstance(rule, Alert) for rule in group.rules)) for group in GROUPS
    } == layers
    assert set(layers) == {path.stem for path in (ROOT / RULES).glob("*.yaml")}


def test_alerts_and_scenarios_in_the_page_exist() -> None:
    """Also those that the prose names, and those that the demo brings about."""
    alerts = {rule.name for group in GROUPS for rule in group.rules if isinstance(rule, Alert)}
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.+) \|$", PAGE.text.partition("## A trial")[2], re.MULTILINE))
    del rows["SCENARIO"]
    assert len(rows) > 4
    assert set() == set(rows) - set(SCENARIOS)
    named = [set(re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", row)) for row in rows.values()]
    assert all(named)
    assert set() == set().union(*named) - alerts


def test_files_in_the_page_exist() -> None:
    """Those of this repository."""
    assert [] == sorted(place for place in PLACE.findall(PAGE.text) if not (ROOT / place).exists())


@pytest.mark.parametrize("query", [query.text for query in PAGE.queries], ids=range(len(PAGE.queries)))
def test_queries_in_the_page_find_something_and_count_once(query: str, live: Prometheus) -> None:
    """They are there to be copied."""
    assert live.query(query)
    assert counts_once(live, query)
