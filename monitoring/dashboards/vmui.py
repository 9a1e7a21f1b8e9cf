"""The dashboards as VictoriaMetrics' own UI reads them (`-vmui.customDashboardsPath`): charts of lines, in rows.

It has no variables, no macros and one kind of panel, and writes numbers as they are: queries are of everything, over
windows of a fixed length, in the unit that stands beside the chart; thresholds are lines. Single figures of a row that
have a unit in common share a chart, whose legend has the newest value of each: the state at a glance.
Source: VictoriaMetrics 1.150, app/vmui/README.md and app/vmselect/vmui.go.
"""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from monitoring.dashboards.expansion import with_macros, without_variables
from monitoring.dashboards.grafana.page import NOTICE
from monitoring.dashboards.grafana.panels import described
from monitoring.dashboards.model import COLUMNS, Dashboard, Panel, Query, Row, Unit
from monitoring.pace import Pace

# What its grid is wide.
_COLUMNS: Final = 12
_WINDOW: Final = "5m"
_RANGE: Final = "1h"


def rendered(page: Dashboard, pace: Pace) -> str:
    """Return a dashboard's JSON."""
    told = {
        "notice": NOTICE,
        "title": page.title,
        "rows": [{"title": row.title, "panels": list(_panels(row, pace))} for row in page.rows],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _panels(row: Row, pace: Pace) -> Iterator[dict[str, object]]:
    drawn = sorted((panel for panel in row.panels if panel.vmui), key=lambda panel: panel.kind != "stat")
    charts = [list(charts) for _, charts in groupby(drawn, key=_chart)]
    widths = _widths([max(panel.width for panel in panels) * _COLUMNS // COLUMNS for panels in charts])
    for panels, width in zip(charts, widths, strict=True):
        queries = [query for panel in panels for query in panel.queries if query.vmui]
        first = panels[0]
        limits = [first.limit] if first.limit and len(panels) == 1 else []
        yield {
            "title": " · ".join(panel.title for panel in panels),
            "description": "\n\n".join(f"**{panel.title}**: {described(panel)}" for panel in panels),
            "unit": first.unit.value.vmui,
            "expr": [
                *(_expr(query, first.unit, pace) for query in queries),
                *(f"{limit.value * first.unit.value.scale:g}" for limit in limits),
            ],
            "alias": [
                *(_alias(query, first) for query in queries),
                *(f"{limit.alert} fires {limit.worse} this" for limit in limits),
            ],
            "showLegend": True,
            "width": width,
        }


def _chart(panel: Panel) -> object:
    """Return what panels that share a chart have in common."""
    return ("stat", panel.unit) if panel.kind == "stat" else panel.title


def _widths(wished: list[int]) -> list[int]:
    """Return widths that fill each line of charts."""
    lines: list[list[int]] = [[]]
    for width in wished:
        if sum(lines[-1]) + width > _COLUMNS:
            lines.append([])
        lines[-1].append(width)
    return [width for line in lines for width in _filled(line)]


def _filled(line: list[int]) -> list[int]:
    room = _COLUMNS - sum(line)
    return [width + room // len(line) + (place < room % len(line)) for place, width in enumerate(line)]


def _expr(query: Query, unit: Unit, pace: Pace) -> str:
    macros = {"$__rate_interval": pace.time(_WINDOW), "$__range": pace.time(_RANGE)}
    expr = with_macros(without_variables(query.expr), macros).replace("\n", " ")
    scale = unit.value.scale
    return expr if scale == 1 else f"{scale:g} * ({expr})"


def _alias(query: Query, panel: Panel) -> str:
    if panel.kind == "table":
        return " ".join(f"{{{{{label}}}}}" for label in panel.rows) + (
            f", {query.legend}" if sum(each.vmui for each in panel.queries) > 1 else ""
        )
    return query.legend
