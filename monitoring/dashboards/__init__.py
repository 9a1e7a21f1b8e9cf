"""The dashboards as data, and what they are rendered to: Grafana's JSON, and that of VictoriaMetrics' own UI."""

from monitoring.dashboards.files import dashboards, rendered_files
from monitoring.dashboards.model import Dashboard, Limit, Panel, Query, Row, Unit
from monitoring.dashboards.unshown import UNSHOWN

__all__ = ["UNSHOWN", "Dashboard", "Limit", "Panel", "Query", "Row", "Unit", "dashboards", "rendered_files"]
