"""A Collector of the demo's own: our distribution, as the project configures it."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app_integration.demo.processes import (
    LOOPBACK,
    Child,
    environment_of_ours,
    free_ports,
    is_listening,
    started,
    until_ready,
)
from app_integration.demo.receiver import Destination
from app_integration.demo.source_tree import ROOT

PROGRAM = "techsapo-collector"


@dataclass(frozen=True, slots=True)
class CollectorServer:
    """A running Collector. Prometheus scrapes `page`, and `telemetry` for its own figures: each `host:port`."""

    child: Child
    destination: Destination
    page: str
    telemetry: str


@asynccontextmanager
async def running(
    program: Path, directory: Path, *, salt: str, deadline: float, stopping: asyncio.Event
) -> AsyncIterator[CollectorServer]:
    """Start a Collector that lets in who has its token. Raises DemoError and Interrupted, as `until_ready`."""
    ports = free_ports(5)
    grpc, http, page, health, telemetry = (f"{LOOPBACK}:{port}" for port in ports)
    destination = Destination(f"http://{http}", secrets.token_hex(16))
    variables = {
        "TECHSAPO_CLIENT_IP_SALT": salt,
        "TECHSAPO_COLLECTOR_OTLP_TOKEN": destination.token or "",
        "TECHSAPO_COLLECTOR_OTLP_GRPC": grpc,
        "TECHSAPO_COLLECTOR_OTLP_HTTP": http,
        "TECHSAPO_COLLECTOR_PROMETHEUS": page,
        "TECHSAPO_COLLECTOR_HEALTH": health,
        "TECHSAPO_COLLECTOR_TELEMETRY_PORT": str(ports[4]),
    }
    # Its configuration names the policy from the project's root.
    command: list[str | Path] = [program, "--config", "collector/config/collector.yaml"]
    # Where it ends early, its last line says why.
    command += ["--set=service::telemetry::logs::level=warn"]
    log = directory / "collector.log"

    async def listens() -> bool:
        return all([await is_listening(port) for port in ports])

    async with started("the Collector", command, log, environment_of_ours(variables), ROOT) as child:
        await until_ready(child, listens, deadline, stopping)
        yield CollectorServer(child, destination, page, telemetry)
