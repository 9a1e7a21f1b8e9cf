"""The dashboards in VictoriaMetrics' UI, as a browser draws them."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from monitoring.dashboards import rendered_files
from monitoring.render import ROOT
from tests.monitoring import panels
from tests.monitoring.panels import Tab
from tests.support import chromium, victoriametrics, wait
from tests.support.chromium import Seen
from tests.support.prometheus import BUILD, Prometheus
from tests.support.ruled_prometheus import PACE
from tests.support.victoriametrics import VICTORIAMETRICS, VictoriaMetrics

PICTURES = BUILD / "screenshots"
TABS = [pytest.param(tab, id=tab["title"]) for tab in panels.tabs(PACE).values()]


@pytest.fixture(scope="module")
def history(live: Prometheus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VictoriaMetrics]:
    """A VictoriaMetrics that has an answer to every query of the dashboards."""
    if not VICTORIAMETRICS.exists():
        pytest.skip(victoriametrics.MISSING)
    if chromium.PROGRAM is None:
        pytest.skip(chromium.MISSING)
    directory: Path = tmp_path_factory.mktemp("victoriametrics")
    dashboards = directory / "dashboards"
    dashboards.mkdir()
    for path, text in rendered_files(PACE).items():
        if path.match("vmui/*.json"):
            (dashboards / path.name).write_text(text)
    with VictoriaMetrics(directory, dashboards, live) as server:
        for query in panels.drawn(PACE):
            wait.until(partial(server.has, query.expr), 90, f"an answer to {query.expr}")
        yield server


@pytest.fixture(scope="module", params=TABS)
def screen(request: pytest.FixtureRequest, history: VictoriaMetrics) -> tuple[Tab, list[list[Seen]]]:
    """A dashboard, and what a browser sees of it, row by row."""
    tab: Tab = request.param
    PICTURES.mkdir(exist_ok=True)
    with chromium.opened(history.url) as page:
        return tab, chromium.seen(page, tab["title"], PICTURES)


def test_every_chart_is_drawn_with_every_line(screen: tuple[Tab, list[list[Seen]]]) -> None:
    """Each query is in its chart's legend, which has a name for what has figures only, and nothing is complained of."""
    tab, rows = screen
    drawn = [[chart["title"] for chart in row["panels"]] for row in tab["rows"]]
    assert drawn == [[chart.title for chart in row] for row in rows]
    charts = [chart for row in tab["rows"] for chart in row["panels"]]
    for chart, there in zip(charts, (chart for row in rows for chart in row), strict=True):
        assert () == there.complaints, chart["title"]
        for alias in chart["alias"]:
            name = re.compile(re.sub(r"\\{\\{\w+\\}\\}", ".*", re.escape(alias)))
            assert [each for each in there.names if name.fullmatch(each.strip())], (chart["title"], alias)


def test_every_line_has_a_name(screen: tuple[Tab, list[list[Seen]]]) -> None:
    """A legend without names tells nothing apart."""
    assert all(name.strip() for row in screen[1] for chart in row for name in chart.names)


def test_the_documents_know_how_to_leave_the_queries_out() -> None:
    """What the browser of the tests opens is what a reader is told to open."""
    assert chromium.UNGROUPED in (ROOT / "docs" / "dashboards.md").read_text()


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").iterdir()), ids=lambda path: path.name)
def test_pictures_of_the_documents_are_small(picture: Path) -> None:
    """Who clones the repository loads them."""
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert 300_000 > picture.stat().st_size
