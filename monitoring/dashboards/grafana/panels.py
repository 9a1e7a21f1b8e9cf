"""A panel as Grafana has it."""

import string
from collections.abc import Iterator

from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.variants import Dataquery as AnyQuery
from grafana_foundation_sdk.models import dashboard as grafana
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from monitoring.dashboards.grafana import kinds
from monitoring.dashboards.grafana.colours import colours_of, threshold_property
from monitoring.dashboards.grafana.columns import column_overrides, columns
from monitoring.dashboards.grafana.links import limits_of, links_of
from monitoring.dashboards.model import Panel, Query, Step
from monitoring.dashboards.palette import BAD, NEUTRAL, steps_of
from monitoring.places import Places

DATASOURCE = grafana.DataSourceRef(type_val="prometheus", uid="${datasource}")


def panel_of(panel: Panel, number: int, uid: str, places: Places) -> grafana.Panel:
    """Return the panel, with its number on the dashboard `uid`."""
    return grafana.Panel(
        type_val=kinds.PLUGINS[panel.kind],
        id_val=number,
        targets=[_target(panel, query, letter) for query, letter in _lettered(panel)],
        title=panel.title,
        description=described(panel),
        datasource=DATASOURCE,
        grid_pos=grafana.GridPos(h=panel.height, w=panel.width),
        links=links_of(panel, uid, places),
        transformations=columns(panel) if panel.kind == "table" else None,
        interval=panel.interval or None,
        time_from=panel.since or None,
        options=kinds.options(panel),
        field_config=grafana.FieldConfigSource(
            defaults=_defaults(panel), overrides=list(column_overrides(panel, places) or _overrides(panel))
        ),
    )


def described(panel: Panel) -> str:
    """Return the description, and in words the thresholds that are drawn as lines and colours."""
    said = (
        f"{limit.alert} fires {limit.worse} {limit.value * panel.unit.value.scale:g} {panel.unit.value.vmui}".strip()
        for limit in limits_of(panel)
    )
    return " ".join([panel.description, *(f"{words}." for words in said)])


def _lettered(panel: Panel) -> Iterator[tuple[Query, str]]:
    worded = panel.kind == "stat" and any(step.text for step in panel.steps)
    # The verdict in words stands first, the number that it is of beside it.
    asked = [query for query in panel.queries if query.grafana]
    queries = [Query(asked[0].expr, "verdict"), *asked] if worded else asked
    return zip(queries, string.ascii_uppercase, strict=False)


def _target(panel: Panel, query: Query, letter: str) -> AnyQuery:
    target = Dataquery().expr(query.expr).ref_id(letter).datasource(DATASOURCE).legend_format(query.legend)
    match panel.kind:
        case "table":
            target = target.instant().format(PromQueryFormat.TABLE)
        case "stat" | "bargauge":
            # As of now: a range would show the last value of figures that have stopped.
            target = target.instant()
        case "heatmap":
            target = target.range().format(PromQueryFormat.HEATMAP)
        case _:
            target = target.range()
    return target.build()


def _defaults(panel: Panel) -> grafana.FieldConfig:
    steps = panel.steps or (steps_of(panel.limit) if panel.limit else ())
    if panel.kind in ("timeseries", "bars") and panel.limit:
        # On a chart the line is the alert's own; where a warning begins would be another line.
        steps = (Step(panel.limit.value, BAD),)
    if panel.kind in ("timeseries", "bars"):
        steps = (Step(None, "transparent"), *steps)
    coloured = panel.kind in ("stat", "bargauge", "state-timeline", "table") and (panel.steps or panel.limit)
    return grafana.FieldConfig(
        unit=panel.unit.value.grafana,
        decimals=panel.decimals,
        min_val=panel.least if panel.kind in ("stat", "bargauge") else None,
        max_val=panel.most if panel.kind in ("stat", "bargauge") else None,
        mappings=list(_mappings(panel)) if panel.kind == "state-timeline" else [],
        thresholds=_thresholds(steps),
        color=grafana.FieldColor(
            mode=grafana.FieldColorModeId.THRESHOLDS if coloured else grafana.FieldColorModeId.PALETTE_CLASSIC
        ),
        no_value=panel.no_value,
        custom=kinds.field(panel),
    )


def _thresholds(steps: tuple[Step, ...]) -> grafana.ThresholdsConfig:
    # The first holds from minus infinity on, whatever its value.
    first, *rest = steps or (Step(None, NEUTRAL),)
    return grafana.ThresholdsConfig(
        mode=grafana.ThresholdsMode.ABSOLUTE,
        steps=[
            grafana.Threshold(value=None, color=first.colour),
            *(grafana.Threshold(value=step.value, color=step.colour) for step in rest),
        ],
    )


def _mappings(panel: Panel) -> Iterator[grafana.ValueMapping]:
    """Return the texts of values: each from its step's value on, up to the next."""
    for index, step in enumerate(panel.steps):
        following = panel.steps[index + 1].value if index + 1 < len(panel.steps) else None
        yield grafana.RangeMap(
            options=grafana.DashboardRangeMapOptions(
                from_val=step.value,
                to=None if following is None else following - 1e-9,
                result=grafana.ValueMappingResult(text=step.text, color=step.colour, index=index),
            )
        )


def _overrides(panel: Panel) -> Iterator[grafana.DashboardFieldConfigSourceOverrides]:
    if panel.kind == "stat" and any(step.text for step in panel.steps):
        yield _override("verdict", grafana.DynamicConfigValue("mappings", list(_mappings(panel))))
    for query in panel.queries:
        if query.steps:
            yield _override(query.legend, threshold_property(query.steps))
    if panel.kind in ("timeseries", "bars"):
        for name, colour in colours_of(panel.queries).items():
            yield _override(name, grafana.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour}))


def _override(name: str, *properties: grafana.DynamicConfigValue) -> grafana.DashboardFieldConfigSourceOverrides:
    return grafana.DashboardFieldConfigSourceOverrides(
        matcher=grafana.MatcherConfig(id_val="byName", options=name), properties=list(properties)
    )
