"""Where the embedded page is served, as the environment tells."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from telemetry import variables
from telemetry.variables import SettingsError


@dataclass(frozen=True, slots=True)
class Page:
    """Where the embedded page is served; over TLS where `certificate` and `key` are given."""

    host: str
    port: int
    certificate: Path | None
    key: Path | None
    client_ca: Path | None

    @property
    def url(self) -> str:
        """The address to scrape."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}/metrics"

    @classmethod
    def read(cls, first: Callable[..., tuple[str, str] | None]) -> Self:
        """Read the variables, of which `first` returns name and value of the first that is set.

        Raises:
            SettingsError: one of them is not what it accepts, or misses another.
        """

        def file(name: str) -> Path | None:
            found = first(name)
            return variables.file(*found) if found else None

        certificate, key = file("TECHSAPO_PAGE_TLS_CERTIFICATE"), file("TECHSAPO_PAGE_TLS_KEY")
        client_ca = file("TECHSAPO_PAGE_TLS_CLIENT_CA")
        if (certificate is None) != (key is None):
            missing = "TECHSAPO_PAGE_TLS_KEY" if key is None else "TECHSAPO_PAGE_TLS_CERTIFICATE"
            raise SettingsError(missing, "nothing", "a file: certificate and key come together")
        if client_ca is not None and certificate is None:
            raise SettingsError("TECHSAPO_PAGE_TLS_CERTIFICATE", "nothing", "a file: clients are checked over TLS only")
        host = first("OTEL_EXPORTER_PROMETHEUS_HOST") or ("", "127.0.0.1")
        port = first("OTEL_EXPORTER_PROMETHEUS_PORT") or ("OTEL_EXPORTER_PROMETHEUS_PORT", "9464")
        return cls(
            host=host[1].strip(),
            port=int(variables.number(*port, 1, 65_535, "a port")),
            certificate=certificate,
            key=key,
            client_ca=client_ca,
        )
