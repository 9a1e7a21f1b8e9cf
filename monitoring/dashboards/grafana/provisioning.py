"""What Grafana reads at its start: where the figures are, and where the dashboards lie."""

import json
from collections.abc import Mapping
from typing import Final

from monitoring.dashboards.grafana.page import NOTICE

# Where containers of a stack find them, by the names of their services; and where the dashboards are mounted.
_PROMETHEUS: Final = "http://prometheus:9090"
_HISTORY: Final = "http://victoriametrics:8428"
_FOLDER: Final = "/etc/grafana/dashboards"


def provisioning() -> Mapping[str, str]:
    """Return the text of each file, by its path under Grafana's folder for provisioning."""
    return {
        "datasources/techsapo.yaml": _file(
            "datasources", [_source("Prometheus", _PROMETHEUS, default=True), _history()]
        ),
        "dashboards/techsapo.yaml": _file("providers", [_provider()]),
    }


def _source(name: str, url: str, *, default: bool) -> dict[str, object]:
    return {
        "name": name,
        "uid": f"techsapo-{name.lower()}",
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "isDefault": default,
        "editable": False,
        # $__rate_interval is made of it: the interval between two scrapes.
        "jsonData": {"httpMethod": "POST", "prometheusType": "Prometheus", "timeInterval": "15s"},
    }


def _history() -> dict[str, object]:
    return _source("VictoriaMetrics", _HISTORY, default=False)


def _provider() -> dict[str, object]:
    return {
        "name": "techsapo",
        "folder": "TechSapo",
        "folderUid": "techsapo",
        "type": "file",
        "disableDeletion": True,
        "allowUiUpdates": False,
        "options": {"path": _FOLDER},
    }


def _file(key: str, entries: list[dict[str, object]]) -> str:
    # JSON is YAML, and needs no writer of its own.
    body = json.dumps({"apiVersion": 1, key: entries}, indent=2)
    return f"# {NOTICE}\n{body}\n"
