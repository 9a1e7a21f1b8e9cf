"""The variables of each dashboard: a data source, and what figures are selected by."""

from typing import Final

from grafana_foundation_sdk.models import dashboard as grafana

from monitoring.dashboards.grafana.panels import DATASOURCE
from monitoring.dashboards.promql import VARIABLES

# Where the values of each come from; job's are of all that tells figures of its own.
_ASKED: Final = {
    "job": "label_values(job:processes:count, job)",
    "provider": 'label_values(techsapo_llm_requests_total{job=~"$job"}, provider)',
    "model": 'label_values(techsapo_llm_requests_total{job=~"$job",provider=~"$provider"}, model)',
    "route": 'label_values(techsapo_http_requests_total{job=~"$job"}, route)',
    "task_type": 'label_values(techsapo_llm_requests_total{job=~"$job"}, task_type)',
}
_LABELS: Final = {"job": "Job", "provider": "Provider", "model": "Model", "route": "Route", "task_type": "Task type"}


def variables() -> list[grafana.VariableModel]:
    """Return them in the order that they are shown in."""
    return [_datasource(), *(_query(name) for name in VARIABLES)]


def _datasource() -> grafana.VariableModel:
    return grafana.VariableModel(
        type_val=grafana.VariableType.DATASOURCE,
        name="datasource",
        label="Data source",
        hide=grafana.VariableHide.DONT_HIDE,
        description="Prometheus for the last 15 days in detail, VictoriaMetrics for the history of 90 days.",
        query="prometheus",
        multi=False,
        include_all=False,
        refresh=grafana.VariableRefresh.ON_DASHBOARD_LOAD,
        auto=None,
        auto_min=None,
        auto_count=None,
    )


def _query(name: str) -> grafana.VariableModel:
    return grafana.VariableModel(
        type_val=grafana.VariableType.QUERY,
        name=name,
        label=_LABELS[name],
        hide=grafana.VariableHide.DONT_HIDE,
        description=f"Only series with this {name}; figures that are not told apart by it stay whole.",
        datasource=DATASOURCE,
        query={"qryType": 1, "query": _ASKED[name], "refId": f"{name}-values"},
        multi=True,
        include_all=True,
        # Everything, series without the label too: a list of all values would leave those out.
        all_value=".*",
        current=grafana.VariableOption(selected=True, text=["All"], value=["$__all"]),
        refresh=grafana.VariableRefresh.ON_TIME_RANGE_CHANGED,
        sort=grafana.VariableSort.ALPHABETICAL_ASC,
        auto=None,
        auto_min=None,
        auto_count=None,
    )
