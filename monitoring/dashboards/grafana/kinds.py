"""What Grafana's panel plugins are told of their own: options, and the settings of a field."""

from collections.abc import Callable, Mapping
from typing import Final

from grafana_foundation_sdk.models import bargauge, common, heatmap, stat, statetimeline, table, timeseries

from monitoring.dashboards.model import Kind, Panel
from monitoring.dashboards.palette import GOOD

PLUGINS: Final[Mapping[Kind, str]] = {
    "stat": "stat",
    "timeseries": "timeseries",
    "bars": "timeseries",
    "bargauge": "bargauge",
    "table": "table",
    "heatmap": "heatmap",
    "state-timeline": "state-timeline",
}

_LAST: Final = ("lastNotNull",)
_NOBODY: Final = common.HideSeriesConfig(tooltip=False, legend=False, viz=False)


def options(panel: Panel) -> object:
    """Return the options of a panel's plugin."""
    return _OPTIONS[panel.kind](panel)


def field(panel: Panel) -> object | None:
    """Return what the plugin is told of each field, None where there is nothing to say."""
    match panel.kind:
        case "timeseries" | "bars":
            return _graph(panel)
        case "state-timeline":
            return statetimeline.FieldConfig(fill_opacity=80, hide_from=_NOBODY)
        case "table":
            return common.TableFieldOptions(
                align=common.FieldTextAlignment.AUTO, cell_options=common.TableAutoCellOptions()
            )
        case "heatmap":
            return heatmap.FieldConfig(hide_from=_NOBODY)
        case _:
            return None


def _legend(*calcs: str) -> common.VizLegendOptions:
    return common.VizLegendOptions(
        display_mode=common.LegendDisplayMode.TABLE if calcs else common.LegendDisplayMode.LIST,
        placement=common.LegendPlacement.BOTTOM,
        show_legend=True,
        calcs=list(calcs),
    )


def _tooltip() -> common.VizTooltipOptions:
    return common.VizTooltipOptions(mode=common.TooltipDisplayMode.MULTI, sort=common.SortOrder.DESCENDING)


def _reduced() -> common.ReduceDataOptions:
    return common.ReduceDataOptions(values=False, calcs=list(_LAST), fields="")


def _stat(panel: Panel) -> object:
    alone = len(panel.queries) == 1 and not any(step.text for step in panel.steps)
    return stat.Options(
        graph_mode=common.BigValueGraphMode.NONE,
        color_mode=common.BigValueColorMode.BACKGROUND_SOLID
        if panel.steps or panel.limit
        else common.BigValueColorMode.NONE,
        justify_mode=common.BigValueJustifyMode.CENTER,
        text_mode=common.BigValueTextMode.VALUE if alone else common.BigValueTextMode.AUTO,
        reduce_options=_reduced(),
        percent_change_color_mode=common.PercentChangeColorMode.STANDARD,
        orientation=common.VizOrientation.AUTO,
    )


def _timeseries(panel: Panel) -> object:
    calcs = ("mean", "max", "lastNotNull") if panel.kind == "timeseries" else ("sum",)
    alone = len(panel.queries) == 1 and "{{" not in panel.queries[0].legend
    return timeseries.Options(legend=_legend(*(() if alone else calcs)), tooltip=_tooltip())


def _bargauge(panel: Panel) -> object:  # noqa: ARG001  each kind is called alike
    return bargauge.Options(
        display_mode=common.BarGaugeDisplayMode.BASIC,
        value_mode=common.BarGaugeValueMode.COLOR,
        name_placement=common.BarGaugeNamePlacement.LEFT,
        sizing=common.BarGaugeSizing.AUTO,
        legend=common.VizLegendOptions(
            display_mode=common.LegendDisplayMode.LIST, placement=common.LegendPlacement.BOTTOM, calcs=[]
        ),
        reduce_options=_reduced(),
        orientation=common.VizOrientation.HORIZONTAL,
    )


def _table(panel: Panel) -> object:
    # The most of the first column comes first, or what is most urgent.
    urgent = "priority" in panel.rows
    first = common.TableSortByFieldState(
        display_name="priority" if urgent else panel.queries[0].legend, desc=not urgent
    )
    footer = common.TableFooterOptions(show=False, reducer=["sum"], fields=[])
    return table.Options(sort_by=[first], footer=footer, cell_height=common.TableCellHeight.SM)


def _heatmap(panel: Panel) -> object:
    # The buckets are made outside: Grafana is told to draw them, not to make its own.
    return heatmap.Options(
        calculate=False,
        color=heatmap.HeatmapColorOptions(
            mode=heatmap.HeatmapColorMode.OPACITY,
            scheme="Blues",
            fill=GOOD,
            scale=heatmap.HeatmapColorScale.EXPONENTIAL,
            exponent=0.5,
            steps=64,
        ),
        filter_values=heatmap.FilterValueRange(le=1e-9),
        rows_frame=heatmap.RowsHeatmapOptions(layout=common.HeatmapCellLayout.AUTO),
        show_value=common.VisibilityMode.NEVER,
        cell_gap=1,
        cell_values=heatmap.CellValues(unit="ops"),
        y_axis=heatmap.YAxisConfig(
            unit=panel.unit.value.grafana, axis_placement=common.AxisPlacement.LEFT, reverse=False
        ),
        legend=heatmap.HeatmapLegend(show=True),
        tooltip=heatmap.HeatmapTooltip(mode=common.TooltipDisplayMode.SINGLE, y_histogram=True),
        exemplars=heatmap.ExemplarConfig(color="rgba(255,0,255,0.7)"),
    )


def _timeline(panel: Panel) -> object:  # noqa: ARG001  each kind is called alike
    return statetimeline.Options(
        show_value=common.VisibilityMode.AUTO,
        align_value=common.TimelineValueAlignment.LEFT,
        legend=_legend(),
        tooltip=_tooltip(),
    )


def _graph(panel: Panel) -> common.GraphFieldConfig:
    bars = panel.kind == "bars"
    mode = common.GraphThresholdsStyleMode.DASHED if panel.limit or panel.steps else common.GraphThresholdsStyleMode.OFF
    stacking = common.StackingMode.NORMAL if panel.stacked else common.StackingMode.NONE
    return common.GraphFieldConfig(
        draw_style=common.GraphDrawStyle.BARS if bars else common.GraphDrawStyle.LINE,
        thresholds_style=common.GraphThresholdsStyleConfig(mode=mode),
        line_width=2,
        line_interpolation=common.LineInterpolation.LINEAR,
        fill_opacity=80 if bars else 40 if panel.stacked else 0,
        show_points=common.VisibilityMode.AUTO,
        stacking=common.StackingConfig(mode=stacking, group="A"),
        axis_soft_min=panel.least,
    )


_OPTIONS: Final[Mapping[Kind, Callable[[Panel], object]]] = {
    "stat": _stat,
    "timeseries": _timeseries,
    "bars": _timeseries,
    "bargauge": _bargauge,
    "table": _table,
    "heatmap": _heatmap,
    "state-timeline": _timeline,
}
