"""The dashboards as Grafana reads them, built with its Foundation SDK."""

from monitoring.dashboards.grafana.page import rendered
from monitoring.dashboards.grafana.provisioning import provisioning

__all__ = ["provisioning", "rendered"]
