"""The dashboards as VictoriaMetrics' own UI reads them (`-vmui.customDashboardsPath`): charts of lines, in rows.

It has no variables, no macros and one kind of panel, and writes numbers as they are: queries are of everything, over
windows of a fixed length, in the unit that stands beside the chart; thresholds are lines. Single figures of a row that
have a unit in common share a chart, whose legend has the newest value of each: the state at a glance.
Source: VictoriaMetrics 1.150, app/vmui/README.md and app/vmselect/vmui.go.
"""

import json
from collections.abc import Iterator
from typing import Final

from monitoring.dashboards.expansion import with_macros, without_variables
from monitoring.dashboards.grafana.page import NOTICE
from monitoring.dashboards.grafana.panels import described
from monitoring.dashboards.model import Dashboard, Panel, Query, Row, Unit
from monitoring.pace import Pace

# What its grid is wide, and how many charts are side by side: in the first row, and in the others.
_COLUMNS: Final = 12
_FIRST: Final = 4
_ABREAST: Final = 3
_WINDOW: Final = "5m"
_RANGE: Final = "1h"


def rendered(page: Dashboard, pace: Pace) -> str:
    """Return a dashboard's JSON."""
    told = {
        "notice": NOTICE,
        "title": page.title,
        "rows": list(_rows(page, pace)),
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _rows(page: Dashboard, pace: Pace) -> Iterator[dict[str, object]]:
    for number, row in enumerate(page.rows):
        charts = _charts(row)
        widths = _widths(len(charts), _FIRST if number == 0 else _ABREAST)
        drawn = [_drawn(panels, width, pace) for panels, width in zip(charts, widths, strict=True)]
        yield {"title": row.title, "panels": drawn}


def _charts(row: Row) -> list[list[Panel]]:
    """Return the panels that share a chart, in the order of the first of each."""
    charts: dict[object, list[Panel]] = {}
    for panel in row.panels:
        if panel.vmui:
            charts.setdefault(("stat", panel.unit) if panel.kind == "stat" else panel.title, []).append(panel)
    return list(charts.values())


def _widths(number: int, abreast: int) -> Iterator[int]:
    """Return the widths of charts, at most so many abreast: as even as can be, and each line full."""
    lines = -(-number // abreast)
    for line in range(lines):
        charts = number // lines + (line < number % lines)
        yield from (_COLUMNS // charts + (place < _COLUMNS % charts) for place in range(charts))


def _drawn(panels: list[Panel], width: int, pace: Pace) -> dict[str, object]:
    first, alone = panels[0], len(panels) == 1
    queries = [query for panel in panels for query in panel.queries if query.vmui]
    unit = first.unit if queries[0].grafana else Unit.NUMBER
    lines = list(_lines(first)) if alone else []
    return {
        "title": " · ".join(panel.title for panel in panels),
        "description": "\n\n".join(f"**{panel.title}**: {described(panel)}" for panel in panels),
        "unit": unit.value.vmui,
        "expr": [
            *(_expr(query, unit, pace) for query in queries),
            *(f"{value * unit.value.scale:g}" for value, _ in lines),
        ],
        "alias": [*(_alias(query, first) for query in queries), *(text for _, text in lines)],
        "showLegend": True,
        "width": width,
    }


def _lines(panel: Panel) -> Iterator[tuple[float, str]]:
    """Return what is drawn across a chart: the threshold of the alert, and where a word begins to hold."""
    if panel.limit:
        yield panel.limit.value, f"line: {panel.limit.alert} fires {panel.limit.worse} this"
    for step in panel.steps:
        if step.text and step.value is not None:
            yield step.value, f"line: {step.text} from here up"


def _expr(query: Query, unit: Unit, pace: Pace) -> str:
    macros = {"$__rate_interval": pace.time(_WINDOW), "$__range": pace.time(_RANGE)}
    expr = with_macros(without_variables(query.expr), macros).replace("\n", " ")
    scale = unit.value.scale
    return expr if scale == 1 else f"{scale:g} * ({expr})"


def _alias(query: Query, panel: Panel) -> str:
    if panel.kind == "table" and query.grafana:
        return " ".join(f"{{{{{label}}}}}" for label in panel.rows) + (
            f", {query.legend}" if sum(each.vmui for each in panel.queries) > 1 else ""
        )
    return query.legend
