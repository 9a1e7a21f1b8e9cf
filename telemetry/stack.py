"""Where the Collectors and the Prometheus are that stand behind a process: nothing but `doctor` asks them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from telemetry import variables


@dataclass(frozen=True, slots=True)
class Stack:
    """Addresses of what stands behind the process.

    `prometheus` and `collectors` (the telemetry pages of Collectors) are what was told, without a slash behind; None
    and empty where nothing was. The others are what a Collector of this host listens on, as its configuration says:
    "host:port", not checked here, for they are its settings and not the process's.
    """

    prometheus: str | None
    collectors: tuple[str, ...]
    page: str
    health: str
    telemetry: str

    @classmethod
    def read(cls, first: Callable[..., tuple[str, str] | None]) -> Self:
        """Read the variables, of which `first` returns name and value of the first that is set.

        Raises:
            SettingsError: an address of Prometheus or of a Collector is none.
        """

        def told(name: str, default: str) -> str:
            found = first(name)
            return found[1].strip() if found else default

        several, one = first("TECHSAPO_COLLECTOR_URLS"), first("TECHSAPO_PROMETHEUS_URL")
        collectors = [variables.address(several[0], part) for part in several[1].split(",")] if several else []
        host = told("TECHSAPO_COLLECTOR_TELEMETRY_HOST", "127.0.0.1")
        port = told("TECHSAPO_COLLECTOR_TELEMETRY_PORT", "8888")
        return cls(
            prometheus=variables.address(*one).rstrip("/") if one else None,
            collectors=tuple(dict.fromkeys(each.rstrip("/") for each in collectors)),
            page=told("TECHSAPO_COLLECTOR_PROMETHEUS", "127.0.0.1:8889"),
            health=told("TECHSAPO_COLLECTOR_HEALTH", "127.0.0.1:13133"),
            telemetry=f"{f'[{host}]' if ':' in host else host}:{port}",
        )
