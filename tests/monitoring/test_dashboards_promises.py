"""Panels on service level objectives: what is bad for each, and what is left."""

import re

from monitoring.dashboards import dashboards
from monitoring.dashboards.palette import BAD, GOOD, WARNING
from monitoring.thresholds import Thresholds
from tests.monitoring import panels


def test_what_is_left_of_a_budget_has_a_colour_in_the_table() -> None:
    """Used up is vermilion, and untouched blue."""
    (table,) = [
        panel for panel in panels.panels_of(panels.pages()["techsapo-executive"]) if panel["title"] == "Compliance"
    ]
    (left,) = [
        {each["id"]: each["value"] for each in override["properties"]}
        for override in table["fieldConfig"]["overrides"]
        if override["matcher"]["options"] == "budget left"
    ]
    steps = [{"color": BAD, "value": None}, {"color": WARNING, "value": 0}, {"color": GOOD, "value": 0.5}]
    assert {"mode": "absolute", "steps": steps} == left["thresholds"]
    assert {"mode": "thresholds"} == left["color"]
    assert {"type": "color-background", "mode": "basic"} == left["custom.cellOptions"]


def test_panels_on_promises_say_what_breaks_them() -> None:
    """For each objective, with its own value: the name `analysis` does not say what is bad of one."""
    (executive,) = [page for page in dashboards() if page.uid == "techsapo-executive"]
    (row,) = [row for row in executive.rows if row.title == "Promises kept (SLA)"]
    for panel in row.panels:
        for slo in Thresholds.load().named("slo_"):
            told = panel.description.partition(f"`{slo.name}`: ")[2].partition("`")[0]
            assert re.search(rf"\b{re.escape('5xx' if slo.value is None else slo.number)}\b", told), panel.title


def test_victoriametrics_draws_where_a_budget_is_used_up() -> None:
    """As a line with a name, which the description speaks of."""
    charts = [chart for tab in panels.tabs().values() for row in tab["rows"] for chart in row["panels"]]
    (chart,) = [chart for chart in charts if chart["title"] == "Budget of errors left"]
    assert ("0", "line: used up") == (chart["expr"][-1], chart["alias"][-1])
