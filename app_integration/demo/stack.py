"""The whole stack without Docker: Collector, Prometheus with the rules, Alertmanager, VictoriaMetrics."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app_integration.demo import (
    alertmanager_server,
    collector_server,
    monitoring_files,
    prometheus_server,
    victoriametrics_server,
)
from app_integration.demo.alert_receiver import AlertReceiver
from app_integration.demo.alertmanager_server import AlertmanagerServer
from app_integration.demo.collector_server import CollectorServer
from app_integration.demo.monitoring_files import MonitoringFiles
from app_integration.demo.processes import Child
from app_integration.demo.prometheus_server import Monitoring, PrometheusServer
from app_integration.demo.source_tree import programs
from app_integration.demo.victoriametrics_server import VictoriaMetricsServer

_INTERVAL_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the binaries are."""

    collector: Path
    prometheus: Path
    alertmanager: Path
    victoriametrics: Path


@dataclass(frozen=True, slots=True)
class Stack:
    """The running servers, what they were configured with, and the alerts that arrive."""

    collector: CollectorServer
    prometheus: PrometheusServer
    alertmanager: AlertmanagerServer
    victoriametrics: VictoriaMetricsServer
    files: MonitoringFiles
    alerts: AlertReceiver

    @property
    def children(self) -> tuple[Child, ...]:
        """The processes."""
        return tuple(
            server.child for server in (self.collector, self.prometheus, self.alertmanager, self.victoriametrics)
        )

    @property
    def addresses(self) -> Mapping[str, str]:
        """What there is to look at."""
        return {
            "prometheus": self.prometheus.console,
            "alertmanager": self.alertmanager.url,
            "dashboards": self.victoriametrics.dashboards,
        }


def built() -> Programs:
    """Return where the binaries are. Raises DemoError, which says how they come there."""
    modules = (collector_server, prometheus_server, alertmanager_server, victoriametrics_server)
    return Programs(*programs(tuple(module.PROGRAM for module in modules)))


@asynccontextmanager
async def running(
    binaries: Programs,
    directory: Path,
    *,
    salt: str,
    pace: float,
    deadline: float,
    stopping: asyncio.Event,
    progress: Callable[[str], None],
) -> AsyncIterator[Stack]:
    """Start everything on free ports of loopback, and stop it at the end, whatever happens in between.

    With a `pace` of 15 all times are a fifteenth of what they are in production. An application that pushes to
    `collector.destination` every 15 s divided by `pace` is what the rules expect.

    Raises DemoError and Interrupted, as `until_ready`.
    """
    async with AsyncExitStack() as stack:
        alerts = stack.enter_context(AlertReceiver())
        progress("rendering rules and dashboards")
        files = await monitoring_files.rendered(
            directory, pace=pace, webhook=alerts.url, deadline=deadline, stopping=stopping
        )
        progress("starting the Collector")
        collector = await stack.enter_async_context(
            collector_server.running(binaries.collector, directory, salt=salt, deadline=deadline, stopping=stopping)
        )
        progress("starting Alertmanager")
        alertmanager = await stack.enter_async_context(
            alertmanager_server.running(
                binaries.alertmanager, directory, files.alertmanager, deadline=deadline, stopping=stopping
            )
        )
        progress("starting VictoriaMetrics")
        victoriametrics = await stack.enter_async_context(
            victoriametrics_server.running(
                binaries.victoriametrics, directory, files.dashboards, deadline=deadline, stopping=stopping
            )
        )
        progress("starting Prometheus")
        prometheus = await stack.enter_async_context(
            prometheus_server.running(
                binaries.prometheus,
                directory,
                collector,
                interval=_INTERVAL_SECONDS / pace,
                deadline=deadline,
                stopping=stopping,
                monitoring=Monitoring(files.rules, alertmanager.address, victoriametrics.write),
            )
        )
        yield Stack(collector, prometheus, alertmanager, victoriametrics, files, alerts)
