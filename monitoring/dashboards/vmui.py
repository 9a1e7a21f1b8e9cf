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
_STEP: Final = "15s"

_FIGURES: Final = ("stat", "bargauge")
# What the points of a chart are rounded to, as sums of parts have many decimals and factors make many of few: a figure
# in its own unit may be a small rate.
_DECIMALS: Final = 3
_OWN_DECIMALS: Final = 6
# How many times the end of a bar a line may be.
_MOST: Final = 2


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
        # It takes buckets for a heatmap, which it draws on other pages only.
        if panel.vmui and panel.kind != "heatmap":
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
    queries = [(panel, query) for panel in panels for query in panel.queries if query.vmui]
    unit = _unit(first)
    lines = list(_lines(first)) if alone else []
    return {
        "title": " · ".join(_title(panel) for panel in panels),
        "description": "\n\n".join(f"**{panel.title}**: {described(panel)}" for panel in panels),
        "unit": unit.value.vmui,
        "expr": [
            *(_expr(query, panel, unit, pace) for panel, query in queries),
            *(f"{value * unit.value.scale:g}" for value, _ in lines),
        ],
        "alias": [*(_alias(query, first) for _, query in queries), *(text for _, text in lines)],
        "showLegend": True,
        "width": width,
    }


def _columns(panel: Panel) -> list[Query]:
    """Return the columns of a table that become lines."""
    return [query for query in panel.queries if query.vmui and query.grafana] if panel.kind == "table" else []


def _title(panel: Panel) -> str:
    columns = ", ".join(query.legend for query in _columns(panel))
    return f"{panel.title}: {columns}" if columns else panel.title


def _unit(panel: Panel) -> Unit:
    """Return what the axis is in: the columns' own unit, where they have one; none where something is drawn instead."""
    if not any(query.vmui and query.grafana for query in panel.queries):
        return Unit.NUMBER
    return next((query.unit for query in _columns(panel) if query.unit), panel.unit)


def _lines(panel: Panel) -> Iterator[tuple[float, str]]:
    """Return what is drawn across a chart: the threshold of the alert, and where a word begins to hold."""
    if panel.limit:
        yield panel.limit.value, f"line: {panel.limit.alert} fires {panel.limit.worse} this"
    for step in panel.steps:
        begins = panel.least if step.value is None else step.value
        if step.text and begins is not None:
            yield begins, f"line: {step.text}{'' if panel.kind == 'timeseries' else ' from here up'}"


def _expr(query: Query, panel: Panel, unit: Unit, pace: Pace) -> str:
    macros = {
        "$__rate_interval": pace.time(_WINDOW),
        "$__range": pace.time(_RANGE),
        "$__interval": pace.time(panel.interval or _STEP),
    }
    expr = with_macros(without_variables(query.expr), macros).replace("\n", " ")
    scale = unit.value.scale
    if panel.kind == "bargauge" and panel.most is not None:
        # Its axis has no end: what is far above would press the rest down to the bottom.
        expr = f"clamp_max({expr}, {_MOST * panel.most:g})"
    scaled = expr if scale == 1 else f"{scale:g} * ({expr})"
    # It has no setting for decimals: a figure with many is cut off before its newest value.
    return f"round({scaled}, {10 ** -_decimals(panel, unit):g})"


def _decimals(panel: Panel, unit: Unit) -> int:
    # Grafana's decimals of a duration are units (hours, minutes) and no digits of an hour.
    if panel.kind in _FIGURES and unit is not Unit.DURATION:
        return panel.decimals
    return _OWN_DECIMALS if unit.value.scale == 1 else _DECIMALS


def _alias(query: Query, panel: Panel) -> str:
    if panel.kind == "table" and query.grafana:
        subject = " ".join(f"{{{{{label}}}}}" for label in panel.rows)
        return f"{subject}, {query.legend}" if len(_columns(panel)) > 1 else subject
    return query.legend
