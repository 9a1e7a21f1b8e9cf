"""The reference app in a process of its own, started as its users start it: by `opentelemetry-instrument`."""

import asyncio
import os
import sysconfig
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app_integration.demo.memory_group import MemoryGroup
from app_integration.demo.processes import (
    LOOPBACK,
    Child,
    DemoError,
    environment_of_ours,
    free_ports,
    is_listening,
    started,
    until_ready,
)
from app_integration.demo.providers import FOLDER
from app_integration.demo.receiver import Destination
from app_integration.simulator import PROVIDERS

__all__ = ["PROVIDERS", "SERVICE", "Application", "analyses", "rate_limit", "running"]

# What the application's series carry as their job.
SERVICE = "reference-app"

_BUDGET = "REFERENCE_APP_BUDGET_USD"
# Longer than an answer takes on a busy machine: what was served and given up would be no figure of either side.
_PROVIDER_SECONDS = 5.0
_BREAKER_SECONDS = 2.0

# Longer than the traffic keeps a connection: else the server may close one that a request is on its way through.
_KEEP_ALIVE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Application:
    """The running application; `page` is the address of its page, None where it pushes."""

    child: Child
    url: str
    page: str | None
    budget_usd: float
    ready: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """For how long it has served."""
        return time.monotonic() - self.ready


def analyses(providers_url: str, archive_key: str) -> dict[str, str]:
    """Return the settings for providers and an archive that are simulated at an address."""
    return {
        "REFERENCE_APP_SIMULATOR_URL": providers_url,
        "REFERENCE_APP_PROVIDER_TIMEOUT_SECONDS": str(_PROVIDER_SECONDS),
        "REFERENCE_APP_BREAKER_SECONDS": str(_BREAKER_SECONDS),
        _BUDGET: "25",
        "REFERENCE_APP_ARCHIVE_FOLDER": FOLDER,
        "REFERENCE_APP_ARCHIVE_CREDENTIALS": archive_key,
        "REFERENCE_APP_ARCHIVE_URL": f"{providers_url}/",
        "REFERENCE_APP_TRUSTED_PROXIES": LOOPBACK,
    }


def rate_limit(rate: float) -> tuple[int, int]:
    """Return how many analyses a client may ask for, and in how many seconds, for this rate of traffic.

    What the traffic's ordinary clients ask for stays below it, its greedy ones do not.
    """
    return max(3, round(rate / 5)), 5


@asynccontextmanager
async def running(
    directory: Path,
    *,
    variables: Mapping[str, str],
    destination: Destination | None,
    interval: float,
    salt: str,
    deadline: float,
    stopping: asyncio.Event,
    group: MemoryGroup | None = None,
) -> AsyncIterator[Application]:
    """Start the application: it pushes to `destination` every `interval` seconds, or serves its page if there is none.

    `variables` are its own settings; it is within `group` if there is one. Raises DemoError and Interrupted, as
    `until_ready`.
    """
    scripts = Path(sysconfig.get_path("scripts"))
    instrument = scripts / "opentelemetry-instrument"
    port, page_port = free_ports(2)
    telemetry = {
        "OTEL_PYTHON_DISTRO": "techsapo",
        "OTEL_SERVICE_NAME": SERVICE,
        "TECHSAPO_CLIENT_IP_SALT": salt,
    }
    if destination is None:
        telemetry["OTEL_EXPORTER_PROMETHEUS_PORT"] = str(page_port)
    else:
        telemetry["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = f"{destination.endpoint}/v1/metrics"
        telemetry["OTEL_METRIC_EXPORT_INTERVAL"] = str(round(interval * 1_000))
        if destination.token is not None:
            telemetry["OTEL_EXPORTER_OTLP_HEADERS"] = f"Authorization=Bearer%20{destination.token}"
    path = os.pathsep.join([str(scripts), os.environ.get("PATH", os.defpath)])
    command: list[str | Path] = [instrument, "uvicorn", "app_integration.reference_app:app"]
    command += ["--host", LOOPBACK, "--port", str(port), "--log-level", "error"]
    # The traffic comes as through a proxy, whose headers the application itself reads.
    command += ["--no-proxy-headers", "--timeout-keep-alive", str(_KEEP_ALIVE_SECONDS)]
    command += ["--timeout-graceful-shutdown", "5"]
    if group is not None:
        command = group.within(command)
    environment = environment_of_ours({**telemetry, **variables, "PATH": path})
    try:
        async with started("the reference app", command, directory / "app.log", environment) as child:
            await until_ready(child, lambda: is_listening(port), deadline, stopping)
            page = None if destination else f"http://{LOOPBACK}:{page_port}/metrics"
            yield Application(child, f"http://{LOOPBACK}:{port}", page, float(variables[_BUDGET]))
    except FileNotFoundError as error:
        msg = f"{error.filename} is not there: install techsapo-telemetry[demo] into this environment"
        raise DemoError(msg) from error
