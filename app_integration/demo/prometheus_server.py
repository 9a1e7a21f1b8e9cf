"""A Prometheus of the demo's own, that scrapes the Collector, and evaluates rules where there are any."""

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
COLLECTOR_JOB = "collector"


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Files of rules, the Alertmanager (`host:port`) that is told of alerts, and where all samples are written to."""

    rules: Path
    alertmanager: str
    remote_write: str


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
    program: Path,
    directory: Path,
    collector: CollectorServer,
    *,
    interval: float,
    deadline: float,
    stopping: asyncio.Event,
    monitoring: Monitoring | None = None,
) -> AsyncIterator[PrometheusServer]:
    """Start a Prometheus that keeps its data in `directory`, and scrapes every `interval` seconds.

    Raises DemoError and Interrupted, as `until_ready`.
    """
    (port,) = free_ports(1)
    address = f"{LOOPBACK}:{port}"
    config = directory / "prometheus.yml"
    config.write_text(configuration(collector, interval, address, monitoring))
    command: list[str | Path] = [program, f"--config.file={config}", f"--storage.tsdb.path={directory / 'prometheus'}"]
    command += [f"--web.listen-address={address}", "--log.level=warn"]
    # A counter that comes into being at N has grown by N.
    command += ["--enable-feature=created-timestamp-zero-ingestion"]
    # Targets are scraped at once, and not after the usual five seconds.
    command += ["--scrape.discovery-reload-interval=100ms"]
    # What fires before the Alertmanager is known is told again so much later: a minute, where figures come every 15 s.
    command += [f"--rules.alert.resend-delay={round(4 * interval * 1_000)}ms"]
    # It is built without its own pages: ours is a template that it fills in.
    command += [f"--web.console.templates={Path(__file__).parent / 'consoles'}"]
    async with started("Prometheus", command, directory / "prometheus.log") as child:
        await until_ready(child, lambda: is_listening(port), deadline, stopping)
        yield PrometheusServer(child, f"http://{address}")


def configuration(collector: CollectorServer, interval: float, own: str, monitoring: Monitoring | None = None) -> str:
    """Return the configuration: JSON, which is YAML too. `own` is this Prometheus' `host:port`."""
    duration, timeout = (f"{round(seconds * 1_000)}ms" for seconds in (interval, min(interval, 10)))
    targets = {"services": collector.page, COLLECTOR_JOB: collector.telemetry}
    more: dict[str, object] = {}
    if monitoring is not None:
        targets |= {"prometheus": own, "alertmanager": monitoring.alertmanager}
        more = {
            "rule_files": [str(monitoring.rules / "*.yaml")],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [monitoring.alertmanager]}]}]},
            # What is shown is as old as a batch.
            "remote_write": [{"url": monitoring.remote_write, "queue_config": {"batch_send_deadline": "1s"}}],
        }
    return json.dumps(
        {
            "global": {
                "scrape_interval": duration,
                "scrape_timeout": timeout,
                "evaluation_interval": duration,
            },
            "scrape_configs": [
                {
                    "job_name": job,
                    # The figures of services come with the job and instance of each.
                    "honor_labels": job == "services",
                    "static_configs": [{"targets": [target]}],
                }
                for job, target in targets.items()
            ],
            **more,
        }
    )
