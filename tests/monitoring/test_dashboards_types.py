"""Grafana's dashboards against the types that Grafana publishes."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.monitoring import panels
from tests.monitoring.panels import Page, panels_of
from tests.support import npm, typescript

# One of each kind.
FEW = ("Health score", "What the score is made of", "Firing now", "Spent today")
Change = Callable[[Page], object]


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    """The compiler and the types."""
    if not npm.installed():
        pytest.skip(npm.MISSING)
    typescript.install()


def test_the_dashboards_are_of_grafanas_types(tmp_path: Path) -> None:
    """Every panel with the options and the field settings of its plugin."""
    assert "" == typescript.errors(tmp_path, panels.pages())


def _first(page: Page, kind: str) -> dict[str, object]:
    return next(dict_of(panel) for panel in panels_of(page) if panel["type"] == kind)


def dict_of(value: object) -> dict[str, object]:
    """Return what is an object of JSON, to be changed."""
    assert isinstance(value, dict)
    return value


def _within(value: dict[str, object], *keys: str) -> dict[str, object]:
    for key in keys:
        value = dict_of(value[key])
    return value


WRONG: dict[str, Change] = {
    "an unknown kind": lambda page: _first(page, "stat").update(type="gauge2"),
    "an unknown field": lambda page: _first(page, "stat").update(drilldown="/d/x"),
    "no description": lambda page: _first(page, "table").pop("description"),
    "an option of another plugin": lambda page: _within(_first(page, "stat"), "options").update(showValue="auto"),
    "a value that an option has not": lambda page: _within(_first(page, "stat"), "options").update(graphMode="bars"),
    "no such draw style": lambda page: _within(_first(page, "timeseries"), "fieldConfig", "defaults", "custom").update(
        drawStyle="dots"
    ),
    "a decimal as text": lambda page: _within(_first(page, "stat"), "fieldConfig", "defaults").update(decimals="1"),
    "a format that Prometheus has not": lambda page: dict_of(panels_of(page)[0]["targets"][0]).update(format="csv"),
    "time as a number": lambda page: _within(dict_of(page), "time").update({"from": 24}),
}


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    """Each change of a dashboard is told, under its own file."""
    small = panels.pages()["techsapo-executive"]
    small["panels"] = [panel for panel in small["panels"] if panel["title"] in FEW]
    wrong: dict[str, object] = {}
    for number, change in enumerate(WRONG.values()):
        page = copy.deepcopy(small)
        change(page)
        wrong[f"wrong{number}"] = page
    told = typescript.errors(tmp_path, wrong)
    assert [] == [name for number, name in enumerate(WRONG) if f"wrong{number}.ts" not in told]
