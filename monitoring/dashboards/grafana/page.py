"""A dashboard as Grafana has it: rows, variables, annotations, and the JSON of all that."""

import json
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as grafana

from monitoring.dashboards.grafana.links import navigation
from monitoring.dashboards.grafana.panels import DATASOURCE, panel_of
from monitoring.dashboards.grafana.variables import variables
from monitoring.dashboards.model import COLUMNS, Dashboard, Row
from monitoring.dashboards.palette import BAD, NEUTRAL
from monitoring.places import Places

NOTICE: Final = "Rendered from monitoring/dashboards by `make render`: change that, not this."

# Of Grafana 11.6; older ones refuse newer schemas, newer ones migrate older ones.
_SCHEMA_VERSION: Final = 41

_VERSIONS: Final = 'count by (job, service_version) (target_info{{job=~"$job"}}{})'
_DEPLOYMENTS: Final = (
    f"{_VERSIONS.format('')} unless {_VERSIONS.format(' offset 2m')}\n"
    'and on (job) count by (job) (target_info{job=~"$job"} offset 2m)'
)
_ALERTS: Final = 'ALERTS{alertstate="firing",alertname!="Watchdog"}'


def rendered(page: Dashboard, places: Places) -> str:
    """Return a dashboard's JSON."""
    told = json.loads(json.dumps(_dashboard(page, places), cls=JSONEncoder))
    told["annotations"]["list"] = [_described(note) for note in told["annotations"]["list"]]
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _dashboard(page: Dashboard, places: Places) -> grafana.Dashboard:
    return grafana.Dashboard(
        uid=page.uid,
        title=page.title,
        description=f"{page.description} {NOTICE}",
        tags=["techsapo"],
        timezone="browser",
        editable=False,
        graph_tooltip=grafana.DashboardCursorSync.CROSSHAIR,
        time=grafana.DashboardDashboardTime(from_val=page.since, to="now"),
        refresh=page.refresh,
        schema_version=_SCHEMA_VERSION,
        panels=_panels(page, places),
        templating=grafana.DashboardDashboardTemplating(list_val=variables()),
        annotations=grafana.AnnotationContainer(list_val=_annotations()),
        links=navigation(page.uid),
    )


def _panels(page: Dashboard, places: Places) -> list[grafana.Panel | grafana.RowPanel]:
    placed: list[grafana.Panel | grafana.RowPanel] = []
    top = 0
    for row in page.rows:
        number = len(placed) + 1
        placed.append(
            grafana.RowPanel(
                title=row.title, id_val=number, grid_pos=grafana.GridPos(h=1, w=COLUMNS, x=0, y=top), panels=[]
            )
        )
        beneath = [panel_of(panel, number + 1 + place, page.uid, places) for place, panel in enumerate(row.panels)]
        top = _lay_out(row, beneath, top + 1)
        placed += beneath
    return placed


def _lay_out(row: Row, panels: list[grafana.Panel], top: int) -> int:
    """Put panels side by side from `top` on, and return where the next row begins."""
    left, tallest = 0, 0
    for panel, placed in zip(row.panels, panels, strict=True):
        if left + panel.width > COLUMNS:
            top, left, tallest = top + tallest, 0, 0
        placed.grid_pos = grafana.GridPos(h=panel.height, w=panel.width, x=left, y=top)
        left, tallest = left + panel.width, max(tallest, panel.height)
    return top + tallest


def _annotations() -> list[grafana.AnnotationQuery]:
    return [
        grafana.AnnotationQuery(name="Alerts", datasource=DATASOURCE, icon_color=BAD, expr=_ALERTS),
        grafana.AnnotationQuery(name="Deployments", datasource=DATASOURCE, icon_color=NEUTRAL, expr=_DEPLOYMENTS),
    ]


_TEXTS: Final = {
    "Alerts": {"titleFormat": "{{priority}} {{alertname}}", "textFormat": "{{service}} {{job}} {{provider}}"},
    "Deployments": {"titleFormat": "{{job}} {{service_version}}", "textFormat": "a version that was not there before"},
}


def _described(note: dict[str, object]) -> dict[str, object]:
    """Add what the Prometheus data source reads and the SDK has no fields for."""
    return {**note, **_TEXTS[str(note["name"])], "step": "15s"}
