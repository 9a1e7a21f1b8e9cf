"""A VictoriaMetrics of the demo's own: Prometheus writes into it, and its pages draw the dashboards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app_integration.demo.processes import LOOPBACK, Child, free_ports, is_listening, started, until_ready

PROGRAM = "victoria-metrics"


@dataclass(frozen=True, slots=True)
class VictoriaMetricsServer:
    """A running VictoriaMetrics and the base address of its HTTP API."""

    child: Child
    url: str

    @property
    def write(self) -> str:
        """Where Prometheus writes to."""
        return f"{self.url}/api/v1/write"

    @property
    def dashboards(self) -> str:
        """The page that draws the dashboards, each a tab: they have no addresses of their own.

        Of the last five minutes, and without the whole query at the head of each legend.
        """
        return f"{self.url}/vmui/#/dashboards?g0.relative_time=last_5_minutes&legend_group=panel"


@asynccontextmanager
async def running(
    program: Path, directory: Path, dashboards: Path, *, deadline: float, stopping: asyncio.Event
) -> AsyncIterator[VictoriaMetricsServer]:
    """Start a VictoriaMetrics with the dashboards of a folder. Raises DemoError and Interrupted, as `until_ready`."""
    (port,) = free_ports(1)
    command: list[str | Path] = [program, f"-httpListenAddr={LOOPBACK}:{port}", "-loggerLevel=WARN"]
    command += [f"-storageDataPath={directory / 'victoriametrics'}", f"-vmui.customDashboardsPath={dashboards}"]
    # It would take half of the machine's memory for caches, and leave out the last 30 seconds.
    command += ["-memory.allowedBytes=64MiB", "-search.latencyOffset=1s"]
    async with started("VictoriaMetrics", command, directory / "victoriametrics.log") as child:
        await until_ready(child, lambda: is_listening(port), deadline, stopping)
        yield VictoriaMetricsServer(child, f"http://{LOOPBACK}:{port}")
