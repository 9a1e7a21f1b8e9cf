"""An Alertmanager of the demo's own, which tells the demo what it would tell people."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app_integration.demo.processes import LOOPBACK, Child, free_ports, is_listening, started, until_ready

PROGRAM = "alertmanager"


@dataclass(frozen=True, slots=True)
class AlertmanagerServer:
    """A running Alertmanager; `address` is its `host:port`."""

    child: Child
    address: str

    @property
    def url(self) -> str:
        """Its own pages, and the base of its HTTP API."""
        return f"http://{self.address}"


@asynccontextmanager
async def running(
    program: Path, directory: Path, config: Path, *, deadline: float, stopping: asyncio.Event
) -> AsyncIterator[AlertmanagerServer]:
    """Start an Alertmanager with the configuration `config`. Raises DemoError and Interrupted, as `until_ready`."""
    (port,) = free_ports(1)
    address = f"{LOOPBACK}:{port}"
    command: list[str | Path] = [program, f"--config.file={config}", f"--storage.path={directory / 'alertmanager'}"]
    # It is the only one: there is nobody to gossip with.
    command += [f"--web.listen-address={address}", "--cluster.listen-address=", "--log.level=warn"]
    async with started("Alertmanager", command, directory / "alertmanager.log") as child:
        await until_ready(child, lambda: is_listening(port), deadline, stopping)
        yield AlertmanagerServer(child, address)
