"""A Prometheus of the demo's own, that scrapes the Collector each second."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app_integration.demo.collector_server import CollectorServer
from app_integration.demo.processes import LOOPBACK, Child, free_ports, is_listening, started, until_ready

PROGRAM = "prometheus"

# The job of the Collector's own figures; those of applications keep the job that they come with.
COLLECTOR_JOB = "techsapo-collector"

_INTERVAL = "1s"


@dataclass(frozen=True, slots=True)
class PrometheusServer:
    """A running Prometheus, the base address of its HTTP API, and a page to look at."""

    child: Child
    url: str

    @property
    def console(self) -> str:
        """The page that shows the demo's figures as Prometheus has them."""
        return f"{self.url}/consoles/demo.html"


@asynccontextmanager
async def running(
    program: Path, directory: Path, collector: CollectorServer, *, deadline: float, stopping: asyncio.Event
) -> AsyncIterator[PrometheusServer]:
    """Start a Prometheus that keeps its data in `directory`. Raises DemoError and Interrupted, as `until_ready`."""
    (port,) = free_ports(1)
    config = directory / "prometheus.yml"
    config.write_text(configuration(collector))
    command: list[str | Path] = [program, f"--config.file={config}", f"--storage.tsdb.path={directory / 'prometheus'}"]
    command += [f"--web.listen-address={LOOPBACK}:{port}", "--log.level=warn"]
    # A counter that comes into being at N has grown by N.
    command += ["--enable-feature=created-timestamp-zero-ingestion"]
    # Targets are scraped at once, and not after the usual five seconds.
    command += ["--scrape.discovery-reload-interval=100ms"]
    # It is built without its own pages: ours is a template that it fills in.
    command += [f"--web.console.templates={Path(__file__).parent / 'consoles'}"]
    async with started("Prometheus", command, directory / "prometheus.log") as child:
        await until_ready(child, lambda: is_listening(port), deadline, stopping)
        yield PrometheusServer(child, f"http://{LOOPBACK}:{port}")


def configuration(collector: CollectorServer) -> str:
    """Return the configuration: JSON, which is YAML too."""
    targets = (("pipeline", collector.page, True), (COLLECTOR_JOB, collector.telemetry, False))
    return json.dumps(
        {
            "global": {"scrape_interval": _INTERVAL, "scrape_timeout": _INTERVAL},
            "scrape_configs": [
                {"job_name": job, "honor_labels": honors, "static_configs": [{"targets": [target]}]}
                for job, target, honors in targets
            ],
        }
    )
