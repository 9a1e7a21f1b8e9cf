"""Chromium without a screen, and what it sees of the dashboards in VictoriaMetrics' UI."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error, Locator, Page, sync_playwright

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = "Chromium is not installed: apt-get install chromium"
# A query without its text above each legend: the UI groups by a label that no series has.
UNGROUPED = "legend_group=panel"

_WIDTH, _HEIGHT = 1600, 900
# Milliseconds; a chart is drawn in less than one second, on a machine that has nothing else to do.
_DRAWN_WITHIN = 20_000
_TAB = ".vm-predefined-panels-tabs__tab"
_ROW = ".vm-predefined-dashboard"
_CHART = ".vm-predefined-panel"
_CLOSED = ".vm-accordion-header:not(.vm-accordion-header_open)"
# The title of a row is made anew while it is clicked, and the click is lost: its arrow is not.
_OPEN_ROWS = (
    f"document.querySelectorAll('{_ROW} > {_CLOSED} .vm-accordion-header__arrow').forEach(each => each.click())"
)


@dataclass(frozen=True)
class Seen:
    """A chart as it is on the screen: its title, the names in its legend, and what is complained of."""

    title: str
    names: tuple[str, ...]
    complaints: tuple[str, ...]


@contextmanager
def opened(url: str) -> Iterator[Page]:
    """Open the dashboards of a VictoriaMetrics, of the last minute."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM)
        try:
            page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
            page.set_default_timeout(60_000)
            page.goto(f"{url}/vmui/#/dashboards?g0.range_input=1m&g0.relative_time=none&{UNGROUPED}")
            page.wait_for_selector(_TAB)
            yield page
        finally:
            browser.close()


def seen(page: Page, tab: str, pictures: Path) -> list[list[Seen]]:
    """Open a dashboard by its title, with all of its rows, and return the charts of each; keep a picture of each."""
    page.locator(_TAB).get_by_text(tab, exact=True).click()
    page.wait_for_selector(f"{_ROW} {_CHART}")
    page.evaluate(_OPEN_ROWS)
    rows = page.locator(_ROW).all()
    found = []
    for number, row in enumerate(rows, 1):
        row.locator(_CHART).first.wait_for()
        found.append([_seen(chart) for chart in row.locator(_CHART).all()])
        row.screenshot(path=pictures / f"{tab.rpartition(' ')[2]}-{number}.png")
    return found


def _seen(chart: Locator) -> Seen:
    # It asks for nothing before it is looked at.
    chart.scroll_into_view_if_needed()
    title = chart.locator("h3").inner_text()
    try:
        chart.locator(".vm-legend-item, .vm-alert").first.wait_for(timeout=_DRAWN_WITHIN)
    except Error:
        return Seen(title, (), ("no line, and no word of why",))
    return Seen(
        title,
        tuple(chart.locator(".vm-legend-item-info__label").all_inner_texts()),
        tuple(chart.locator(".vm-alert").all_inner_texts()),
    )
