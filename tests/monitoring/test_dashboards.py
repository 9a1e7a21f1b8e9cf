"""The dashboards as data and as Grafana's JSON: what each panel must have, and what nobody should have to look for."""

import re
from itertools import combinations

import pytest

from monitoring.dashboards import UNSHOWN, Dashboard, Panel, dashboards
from monitoring.dashboards.grafana.links import limits_of
from monitoring.dashboards.palette import BAD, GOOD, NEUTRAL, PRIORITIES, SERIES, WARNING
from monitoring.model import Alert
from monitoring.render import ROOT
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from telemetry.contract import CONTRACT, OTHER, Bounded, Enum, Masked, Template
from tests.monitoring import panels
from tests.monitoring.panels import Page

OURS = [pytest.param(panel, id=f"{page.title}: {panel.title}") for page in dashboards() for panel in page.panels]
PAGES = [pytest.param(page, id=uid) for uid, page in panels.pages().items()]
UIDS = {"techsapo-executive", "techsapo-operations", "techsapo-development"}
# How many series a reader follows in a picture of this kind.
READABLE = {"timeseries": 8, "bars": 16, "bargauge": 16, "table": 25, "stat": 3}
COLOURS = {GOOD, WARNING, BAD, NEUTRAL, "transparent", *SERIES, *PRIORITIES.values()}


def alerts() -> dict[str, Alert]:
    """Return the alerts by name."""
    found = groups(Thresholds.load())
    return {rule.name: rule for group in found for rule in group.rules if isinstance(rule, Alert)}


def drawn_as(panel: panels.Panel) -> object:
    """Return whether a chart of Grafana's is of lines or bars; None of what is no chart."""
    return panel["fieldConfig"]["defaults"].get("custom", {}).get("drawStyle")


def size_of(label: str) -> int:
    """Return how many values a label may have; 1 where the contract has no such label."""
    sizes = [1]
    for domain in (each.domain for metric in CONTRACT.metrics for each in metric.labels if each.name == label):
        match domain:
            case Enum():
                sizes.append(len({*domain.values, OTHER}))
            case Bounded() | Template():
                sizes.append(domain.limit)
            case Masked():
                sizes.append(512)
    return max(sizes)


@pytest.mark.parametrize("panel", OURS)
def test_a_panel_says_what_it_is(panel: Panel) -> None:
    """A title, sentences, a unit, and what it means where there is nothing."""
    assert panel.title
    assert panel.description.endswith(".")
    assert panel.no_value
    assert panel.no_value != "No data"
    assert panel.queries


@pytest.mark.parametrize("panel", OURS)
def test_a_limit_is_the_alerts_own(panel: Panel) -> None:
    """The line that is drawn is the value in the alert's condition."""
    for limit in limits_of(panel):
        sign = {"above": ">", "below": "<"}[limit.worse]
        assert re.search(rf"{sign} {re.escape(f'{limit.value:g}')}(?![\d.])", alerts()[limit.alert].expr)


@pytest.mark.parametrize("panel", OURS)
def test_a_window_that_is_told_is_asked_for(panel: Panel) -> None:
    """Whoever reads of minutes in a description sees what was recorded over as many."""
    counts = {"last": "1", "one": "1", "two": "2", "five": "5"}
    told = {counts.get(each, each) for each in re.findall(r"(\w+) minutes?\b", panel.description)}
    asked = {each for query in panel.queries for each in re.findall(r":\w*(?:rate|increase)(\d+)m\b", query.expr)}
    assert told <= asked


@pytest.mark.parametrize("panel", OURS)
def test_a_panel_is_readable_with_all_the_series_that_may_come(panel: Panel) -> None:
    """Sixteen providers, or two hundred routes, are no two hundred lines."""
    # One is about all that fires, and two kinds put any number beneath each other.
    if panel.title == "Firing now" or panel.kind in ("heatmap", "state-timeline"):
        return
    for query in panel.queries:
        labels = panel.rows or [part.split("}}")[0] for part in query.legend.split("{{")[1:]]
        number = 1
        for label in labels:
            number *= size_of(label)
        if number > READABLE[panel.kind] and query.grafana:
            assert "topk(" in query.expr or "bottomk(" in query.expr, query.legend


def test_there_are_three_and_each_begins_with_the_state() -> None:
    """The first row tells it, and fits on a screen."""
    assert {page.uid for page in dashboards()} == UIDS
    for page in dashboards():
        first = page.rows[0]
        assert "Now" == first.title
        assert {"stat"} <= {panel.kind for panel in first.panels} <= {"stat", "bargauge", "table"}
        assert 24 * 12 >= sum(panel.width * panel.height for panel in first.panels)


def test_a_metric_is_left_out_with_a_reason_only() -> None:
    """And what is left out is of the contract."""
    assert set(UNSHOWN) <= set(CONTRACT.by_name)
    assert all(reason.endswith(".") for reason in UNSHOWN.values())


@pytest.mark.parametrize("page", dashboards(), ids=lambda page: page.title)
def test_titles_are_unique_on_a_dashboard(page: Dashboard) -> None:
    """A finding can be told by the name of its panel."""
    titles = [panel.title for panel in page.panels]
    assert sorted(set(titles)) == sorted(titles)


@pytest.mark.parametrize("page", PAGES)
def test_panels_of_the_json_have_numbers_and_places_of_their_own(page: Page) -> None:
    """None covers another, and none is wider than the page."""
    numbers = [panel["id"] for panel in page["panels"]]
    assert len(numbers) == len(set(numbers))
    places = [panel["gridPos"] for panel in page["panels"]]
    for place in places:
        assert 24 >= place["x"] + place["w"]
    for one, other in combinations(places, 2):
        apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart or above


@pytest.mark.parametrize("page", PAGES)
def test_everything_is_asked_of_the_chosen_data_source(page: Page) -> None:
    """No uid of some Grafana's data source is in it."""
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    asking = [*panels.panels_of(page), *(target for panel in panels.panels_of(page) for target in panel["targets"])]
    assert [chosen] * len(asking) == [each["datasource"] for each in asking]
    listed = [*page["templating"]["list"][1:], *page["annotations"]["list"]]
    assert [chosen] * len(listed) == [each["datasource"] for each in listed]


@pytest.mark.parametrize("page", PAGES)
def test_variables_select_many_or_all(page: Page) -> None:
    """Series without the label stay, where all are selected."""
    datasource, *others = page["templating"]["list"]
    assert ("datasource", "prometheus") == (datasource["type"], datasource["query"])
    assert ["job", "provider", "model", "route", "task_type"] == [each["name"] for each in others]
    for variable in others:
        told = [variable[key] for key in ("multi", "includeAll", "allValue", "refresh")]
        assert [True, True, ".*", 2] == told


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_on_with_time_and_selection(page: Page) -> None:
    """To the other dashboards, to the detail, and to runbooks that are there."""
    others = {f"/d/{uid}" for uid in UIDS - {page["uid"]}}
    assert others == {link["url"] for link in page["links"]}
    assert all(link["keepTime"] and link["includeVars"] for link in page["links"])
    for panel in panels.panels_of(page):
        for link in panel["links"]:
            if link["title"].startswith("Runbook: "):
                assert (ROOT / "monitoring" / "runbooks" / link["url"].rpartition("/")[2]).exists()
            else:
                address, _, kept = link["url"].partition("?")
                assert address in others
                assert "${__url_time_range}&${__all_variables}" == kept


def test_every_limit_has_a_link_to_its_runbook() -> None:
    """Who sees red reads on."""
    for ours in dashboards():
        page = panels.pages()[ours.uid]
        for panel, drawn in zip(ours.panels, panels.panels_of(page), strict=True):
            titles = {link["title"] for link in drawn["links"]}
            assert {f"Runbook: {limit.alert}" for limit in limits_of(panel)} <= titles


@pytest.mark.parametrize("page", PAGES)
def test_single_figures_are_as_of_now(page: Page) -> None:
    """A range would show the last value of what has stopped, and it would look well."""
    for panel in panels.panels_of(page):
        for target in panel["targets"]:
            now = panel["type"] in ("stat", "bargauge", "table")
            assert (now, not now) == (target["instant"], target["range"])


@pytest.mark.parametrize("page", PAGES)
def test_the_json_says_what_the_panels_say(page: Page) -> None:
    """Descriptions, units, decimals and texts arrive, and rows are open."""
    for panel in panels.panels_of(page):
        told = panel["fieldConfig"]["defaults"]
        assert panel.get("description")
        assert told["unit"]
        assert told["noValue"]
        assert 0 <= told["decimals"] <= 4
    assert not any(panel.get("collapsed") for panel in page["panels"])


@pytest.mark.parametrize("page", PAGES)
def test_colours_are_told_apart_by_everybody(page: Page) -> None:
    """Those that are set are of the palette of Okabe and Ito."""
    for panel in panels.panels_of(page):
        told = panel["fieldConfig"]
        found = {step["color"] for step in told["defaults"]["thresholds"]["steps"]}
        for value in (each["value"] for override in told["overrides"] for each in override["properties"]):
            if isinstance(value, dict):
                found |= {value["fixedColor"]} if "fixedColor" in value else set()
                found |= {step["color"] for step in value.get("steps", [])}
        assert found <= COLOURS


def test_a_line_across_a_chart_is_drawn_and_of_the_colour_of_trouble() -> None:
    """On whichever side an alert fires: blue is well. Where there is none no threshold is said to be one."""
    for ours in dashboards():
        for each, panel in zip(ours.panels, panels.panels_of(panels.pages()[ours.uid]), strict=True):
            if each.kind in ("timeseries", "bars"):
                told = panel["fieldConfig"]["defaults"]
                crossed = bool(each.limit or each.steps)
                colours = [step["color"] for step in told["thresholds"]["steps"]]
                assert ["transparent", *([BAD] if crossed else [])] == colours, panel["title"]
                assert {"mode": "dashed" if crossed else "off"} == told.get("custom", {})["thresholdsStyle"]


@pytest.mark.parametrize("page", PAGES)
def test_bars_stand_side_by_side(page: Page) -> None:
    """Each looks back to the one before it, in a range of any length: else their sum lacks what lies between."""
    for panel in (each for each in panels.panels_of(page) if "bars" == drawn_as(each)):
        for target in panel["targets"]:
            (window,) = re.findall(r"\[(.+?)\]", target["expr"])
            # A range of its own is short enough for the least interval at any width.
            assert window == (panel["interval"] if panel.get("timeFrom") else "$__interval"), panel["title"]
            assert panel["interval"]


@pytest.mark.parametrize("page", PAGES)
def test_a_day_is_that_of_the_browser(page: Page) -> None:
    """Grafana begins steps at midnight of the dashboard's time zone, and the descriptions say of which."""
    assert "browser" == page["timezone"]
    for panel in (each for each in panels.panels_of(page) if "1d" == each.get("interval")):
        assert "midnight where the browser is" in panel.get("description", "")


@pytest.mark.parametrize("page", PAGES)
def test_alerts_and_deployments_are_marked(page: Page) -> None:
    """On every chart, with what it was."""
    alerting, deployed = page["annotations"]["list"]
    assert "Alerts" == alerting["name"]
    assert "ALERTS{alertstate=" in str(alerting["expr"])
    assert "Deployments" == deployed["name"]
    assert "{{job}} {{service_version}}" == deployed["titleFormat"]


@pytest.mark.parametrize("name", sorted(panels.tabs()))
def test_charts_of_victoriametrics_fill_their_lines(name: str) -> None:
    """Each has a name for every query, a text, and a place in a grid of twelve."""
    for row in panels.tabs()[name]["rows"]:
        width = 0
        for chart in row["panels"]:
            assert len(chart["expr"]) == len(chart["alias"])
            assert chart["description"]
            assert chart["showLegend"]
            assert not any("$" in expr for expr in chart["expr"])
            width = (width + chart["width"]) % 12
        assert 0 == width
