"""Tables: one query a column, joined by the labels that a row stands for."""

import string
from collections.abc import Iterator

from grafana_foundation_sdk.models import dashboard as grafana

from monitoring.dashboards.grafana.colours import threshold_property
from monitoring.dashboards.model import Panel
from monitoring.dashboards.palette import PRIORITIES, steps_of
from monitoring.places import Places


def columns(panel: Panel) -> list[grafana.DataTransformerConfig]:
    """Return what makes one table of the queries' answers: rows joined, time left out, columns named and in order."""
    queries = [query for query in panel.queries if query.grafana]
    alone = len(queries) == 1
    values = ["Value"] if alone else [f"Value #{letter}" for letter in string.ascii_uppercase[: len(queries)]]
    named = dict(zip(values, (query.legend for query in queries), strict=True))
    order = [*panel.rows, *values]
    organized = {
        "excludeByName": {"Time": True},
        "indexByName": {name: place for place, name in enumerate(order)},
        "renameByName": named,
    }
    merged = [] if alone else [grafana.DataTransformerConfig(id_val="merge", options={})]
    return [*merged, grafana.DataTransformerConfig(id_val="organize", options=organized)]


def column_overrides(panel: Panel, places: Places) -> list[grafana.DashboardFieldConfigSourceOverrides]:
    """Return what differs from column to column, and the way from an alert to its runbook."""
    return list(_overrides(panel, places)) if panel.kind == "table" else []


def _overrides(panel: Panel, places: Places) -> Iterator[grafana.DashboardFieldConfigSourceOverrides]:
    for query in (query for query in panel.queries if query.grafana):
        unit = (query.unit or panel.unit).value.grafana
        properties = [
            grafana.DynamicConfigValue("unit", unit),
            grafana.DynamicConfigValue("decimals", panel.decimals if query.decimals is None else query.decimals),
        ]
        steps = steps_of(query.limit) if query.limit else query.steps
        if steps:
            properties += [
                threshold_property(steps),
                grafana.DynamicConfigValue("color", {"mode": "thresholds"}),
                grafana.DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"}),
            ]
        yield _by_name(query.legend, properties)
    if "alertname" in panel.rows:
        link = {"title": "Runbook", "url": f"{places.runbooks}/${{__value.text}}.md", "targetBlank": True}
        yield _by_name("alertname", [grafana.DynamicConfigValue("links", [link])])
    if "priority" in panel.rows:
        texts = {name: {"color": colour, "text": name} for name, colour in PRIORITIES.items()}
        yield _by_name(
            "priority",
            [
                grafana.DynamicConfigValue("mappings", [{"type": "value", "options": texts}]),
                grafana.DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"}),
            ],
        )


def _by_name(name: str, properties: list[grafana.DynamicConfigValue]) -> grafana.DashboardFieldConfigSourceOverrides:
    matcher = grafana.MatcherConfig(id_val="byName", options=name)
    return grafana.DashboardFieldConfigSourceOverrides(matcher=matcher, properties=properties)
