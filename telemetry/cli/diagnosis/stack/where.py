"""Which addresses of Collectors and of Prometheus are asked: those that were told, else the defaults on this host."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from telemetry.cli.diagnosis.environment import is_loopback
from telemetry.settings import Settings
from telemetry.variables import address

PROMETHEUS = "http://127.0.0.1:9090"


@dataclass(frozen=True, slots=True)
class Where:
    """Addresses without a slash behind. `assumed` ones are defaults, which may be nobody's.

    `health` is the health check of the Collector on this host, None where no Collector is assumed there.
    """

    collectors: tuple[str, ...]
    collectors_assumed: bool
    health: str | None
    prometheus: str | None
    prometheus_assumed: bool


def where(settings: Settings, collectors: Sequence[str], prometheus: str | None) -> Where:
    """Return whom to ask; `collectors` and `prometheus` are what the command line tells.

    Raises:
        SettingsError: one of these is no address.
    """
    told = tuple(address("--collector", each).rstrip("/") for each in collectors) or settings.stack.collectors
    asked = address("--prometheus", prometheus).rstrip("/") if prometheus else settings.stack.prometheus
    pushes = "otlp" in settings.exporters
    here = pushes and not told and any(is_loopback(_host(endpoint)) for endpoint in settings.otlp.endpoints)
    return Where(
        collectors=told or ((f"http://{_reachable(settings.stack.telemetry)}",) if here else ()),
        collectors_assumed=here,
        health=f"http://{_reachable(settings.stack.health)}" if here else None,
        prometheus=asked or (PROMETHEUS if pushes else None),
        prometheus_assumed=not asked,
    )


def _host(endpoint: str) -> str:
    return urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}").hostname or ""


def _reachable(listener: str) -> str:
    """Return what to ask of something of this host that listens on an address, perhaps on all."""
    host, _, port = listener.rpartition(":")
    everywhere = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  # compared, not bound
    return f"{everywhere.get(host, host)}:{port}"
