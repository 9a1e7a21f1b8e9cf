"""A real VictoriaMetrics from `build/`, with dashboards, that takes all of what a Prometheus has."""

import json
import urllib.parse
import urllib.request
from pathlib import Path

from tests.support import ports
from tests.support.processes import Server
from tests.support.prometheus import BUILD, Prometheus

VICTORIAMETRICS = BUILD / "victoria-metrics"
MISSING = "build/victoria-metrics is not there: make tools"


class VictoriaMetrics(Server):
    """It asks a Prometheus for the newest value of every series, every other second."""

    def __init__(self, directory: Path, dashboards: Path, prometheus: Prometheus) -> None:
        self.port = ports.free_port()
        taking = {
            "job_name": "federate",
            "scrape_interval": "2s",
            "honor_labels": True,
            "metrics_path": "/federate",
            "params": {"match[]": ['{__name__=~".+"}']},
            "static_configs": [{"targets": [f"{ports.LOOPBACK}:{prometheus.port}"]}],
        }
        # JSON is YAML, too.
        (directory / "scrape.yml").write_text(json.dumps({"scrape_configs": [taking]}))
        super().__init__(
            [
                VICTORIAMETRICS,
                f"-httpListenAddr={ports.LOOPBACK}:{self.port}",
                f"-storageDataPath={directory / 'data'}",
                f"-promscrape.config={directory / 'scrape.yml'}",
                f"-vmui.customDashboardsPath={dashboards}",
                "-memory.allowedBytes=64MiB",
                "-search.latencyOffset=1s",
                "-loggerLevel=WARN",
            ],
            output=directory / "victoriametrics.log",
            ready=self._is_ready,
            deadline=60.0,
        )

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://{ports.LOOPBACK}:{self.port}"

    def has(self, expression: str) -> bool:
        """Return whether an instant query finds anything now."""
        address = f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return bool(json.load(answer)["data"]["result"])

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
