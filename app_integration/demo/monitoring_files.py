"""Rules, Alertmanager's configuration and dashboards, rendered for a demo by the project's own command."""

import asyncio
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app_integration.demo.processes import Child, environment_of_ours, started, until_ready
from app_integration.demo.source_tree import ROOT


@dataclass(frozen=True, slots=True)
class MonitoringFiles:
    """A folder with what `monitoring.render` writes."""

    directory: Path

    @property
    def rules(self) -> Path:
        """The folder of the rules, one file a group."""
        return self.directory / "rules"

    @property
    def alertmanager(self) -> Path:
        """Alertmanager's configuration."""
        return self.directory / "alertmanager" / "alertmanager.yml"

    @property
    def dashboards(self) -> Path:
        """The folder of VictoriaMetrics' dashboards."""
        return self.directory / "vmui"


async def rendered(
    directory: Path, *, pace: float, webhook: str, deadline: float, stopping: asyncio.Event
) -> MonitoringFiles:
    """Render everything into a folder: all times divided by `pace`, all alerts to the address of a webhook.

    It is a process of its own, as nothing here imports what stands beside the package.

    Raises DemoError and Interrupted, as `until_ready`.
    """
    files = MonitoringFiles(directory / "monitoring")
    command: list[str | Path] = [sys.executable, "-m", "monitoring.render", "--to", files.directory]
    command += ["--pace", f"{pace:g}", "--webhook", webhook]
    log = directory / "render.log"
    async with started("python -m monitoring.render", command, log, environment_of_ours({}), ROOT) as child:
        await until_ready(child, partial(_succeeded, child), deadline, stopping)
    return files


async def _succeeded(child: Child) -> bool:
    return child.status == 0
