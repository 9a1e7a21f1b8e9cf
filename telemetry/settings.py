"""Environment to one typed, frozen `Settings`: the only reader of `os.environ` in this package."""

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

from telemetry import variables
from telemetry.page import Page
from telemetry.stack import Stack
from telemetry.variables import SALT_BYTES_MIN, VARIABLES, SettingsError, wrong

__all__ = ["Otlp", "Page", "Settings", "SettingsError", "describe", "name_configurator", "opt_in_stable_conventions"]

Protocol = Literal["http/protobuf", "grpc"]
Signal = Literal["metrics", "traces", "logs"]

EXTRA_OF_GRPC = "techsapo-telemetry[grpc]"
ENTRY_POINT_OF_PROTOCOL: Mapping[Protocol, str] = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
DEFAULT_ENDPOINT: Mapping[Protocol, str] = {"http/protobuf": "http://localhost:4318", "grpc": "http://localhost:4317"}
METRICS_PATH = "/v1/metrics"
OWN_EXPORTER = "techsapo"
STOCK_PAGE = "prometheus"
STABLE_CONVENTIONS = ("http", "database")


@dataclass(frozen=True, slots=True)
class Otlp:
    """How metrics are pushed: to every one of `endpoints`, whole addresses. Header values are secrets."""

    endpoints: tuple[str, ...]
    protocol: Protocol
    headers: Mapping[str, str] = field(repr=False)
    certificate: Path | None
    client_certificate: Path | None
    client_key: Path | None
    timeout_seconds: float
    compression: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the environment says about the telemetry of this process.

    `exporters` names where metrics go; empty for none. `salt` is None where none is set: the process takes a random
    one then. `environment` is what `describe` shows.
    """

    disabled: bool
    exporters: tuple[str, ...]
    traces_exporters: tuple[str, ...]
    logs_exporters: tuple[str, ...]
    otlp: Otlp
    page: Page
    interval_seconds: float
    collection_timeout_seconds: float
    resource_attributes: Mapping[str, str]
    http_instrumentation: str
    runtime_metrics: bool
    prices_file: Path | None
    stack: Stack
    salt: bytes | None = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)

    @property
    def serves_page(self) -> bool:
        """Whether this process listens for scrapes: one process only can, at one port."""
        return OWN_EXPORTER in self.exporters or STOCK_PAGE in self.exporters

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the variables, by default those of the process.

        Raises:
            SettingsError: a value is not what its variable accepts.
        """
        given = _Given(os.environ if environ is None else environ)
        given.refuse_unsupported()
        exporters = given.metrics_exporters()
        disabled = given.word("OTEL_SDK_DISABLED", ("false", "true")) == "true"
        return cls(
            disabled=disabled,
            exporters=exporters,
            traces_exporters=given.stock_exporters("traces"),
            logs_exporters=given.stock_exporters("logs"),
            otlp=given.otlp(),
            page=Page.read(given.first),
            interval_seconds=given.number("OTEL_METRIC_EXPORT_INTERVAL", 15_000, 10, 3_600_000, "milliseconds") / 1e3,
            collection_timeout_seconds=given.number("OTEL_METRIC_EXPORT_TIMEOUT", 30_000, 10, 3_600_000, "milliseconds")
            / 1e3,
            resource_attributes=given.resource_attributes(),
            runtime_metrics=given.word("TECHSAPO_RUNTIME_METRICS", ("on", "off")) == "on",
            http_instrumentation=given.word("TECHSAPO_HTTP_INSTRUMENTATION", ("auto", "contrib")),
            prices_file=given.file("TECHSAPO_PRICES_FILE"),
            stack=Stack.read(given.first),
            salt=given.salt(needed="otlp" in exporters and not disabled),
            environment=given.shown(),
        )

    def describe(self) -> list[tuple[str, str, str]]:
        """Return (variable, value, meaning) for every variable there is; secrets are "set", the rest "not set"."""
        return variables.described(self.environment)


def describe(environ: Mapping[str, str] | None = None) -> list[tuple[str, str, str]]:
    """Return what `Settings.describe` does, by default for this process, whether or not the values are right."""
    return variables.described(_Given(os.environ if environ is None else environ).shown())


def opt_in_stable_conventions(environ: MutableMapping[str, str] | None = None) -> None:
    """Have instrumentations use the stable HTTP and database conventions; what else was opted in stays.

    `http/dup` and `database/dup` stay as they are: the stable names come with them.
    """
    environ = os.environ if environ is None else environ
    names = [name.strip() for name in environ.get("OTEL_SEMCONV_STABILITY_OPT_IN", "").split(",") if name.strip()]
    names += [name for name in STABLE_CONVENTIONS if name not in names and f"{name}/dup" not in names]
    environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = ",".join(names)


def name_configurator(name: str, environ: MutableMapping[str, str] | None = None) -> None:
    """Have opentelemetry-instrument use this configurator, where none is named: without, the first one found wins."""
    environ = os.environ if environ is None else environ
    environ.setdefault("OTEL_PYTHON_CONFIGURATOR", name)


class _Given:
    """The variables that are set; an empty one is not (OpenTelemetry's rule)."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {known.name: text for known in VARIABLES if (text := environ.get(known.name, "")).strip()}

    def first(self, *names: str) -> tuple[str, str] | None:
        """Return name and value of the first variable that is set."""
        return next(((name, self._environ[name]) for name in names if name in self._environ), None)

    def shown(self) -> Mapping[str, str]:
        """Return what is set as people may see it."""
        shown = {
            name: "set" if name in variables.SECRETS else variables.show(name, text)[1:-1]
            for name, text in self._environ.items()
        }
        return MappingProxyType(shown)

    def word(self, name: str, accepted: tuple[str, ...]) -> str:
        """Return the accepted word, the first one where none is set."""
        return variables.one_of(name, self._environ.get(name, accepted[0]), accepted)

    def number(self, name: str, default: float, low: float, high: float, unit: str) -> float:
        """Return the number or its default."""
        return variables.number(name, self._environ.get(name, str(default)), low, high, unit)

    def file(self, *names: str) -> Path | None:
        """Return the path in the first variable that is set."""
        found = self.first(*names)
        return variables.file(*found) if found else None

    def refuse_unsupported(self) -> None:
        """Raise for what has a standard meaning that this package does not offer."""
        self.word("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", ("cumulative",))
        self.word("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", ("explicit_bucket_histogram",))
        if found := self.first("OTEL_CONFIG_FILE"):
            raise wrong(*found, "no value: the telemetry is set up by variables, not by a file")

    def metrics_exporters(self) -> tuple[str, ...]:
        """Return where metrics go: as told, else to the OTLP endpoint, else to our own page."""
        found = self.first("OTEL_METRICS_EXPORTER")
        if found is None:
            pushes = self.first(*_endpoint_variables("metrics"), "TECHSAPO_OTLP_ENDPOINTS")
            return ("otlp",) if pushes else (OWN_EXPORTER,)
        names = self._names(found, "opentelemetry_metrics_exporter", own=("otlp", OWN_EXPORTER))
        if OWN_EXPORTER in names and STOCK_PAGE in names:
            raise wrong(*found, f"{OWN_EXPORTER} or {STOCK_PAGE}, not both: they listen on the same port")
        return names

    def stock_exporters(self, signal: Literal["traces", "logs"]) -> tuple[str, ...]:
        """Return the entry points that traces or logs go to: as told, else OTLP where an endpoint is set, else none."""
        found = self.first(f"OTEL_{signal.upper()}_EXPORTER")
        if found is None:
            names: tuple[str, ...] = ("otlp",) if self.first(*_endpoint_variables(signal)) else ()
        else:
            names = self._names(found, f"opentelemetry_{signal}_exporter", own=("otlp",))
        return tuple(ENTRY_POINT_OF_PROTOCOL[self.protocol(signal)] if name == "otlp" else name for name in names)

    def _names(self, found: tuple[str, str], group: str, own: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(name for part in found[1].split(",") if (name := part.strip().lower())))
        # `otlp` stands for both of its protocols: which one, OTEL_EXPORTER_OTLP_PROTOCOL tells.
        others = [name for point in entry_points(group=group) if not (name := point.name).startswith("otlp_proto")]
        accepted = [*own, "none", *others]
        if not names or not set(names) <= set(accepted) or ("none" in names and len(names) > 1):
            raise wrong(*found, "none alone, or a list of " + ", ".join(sorted(set(accepted) - {"none"})))
        return () if names == ("none",) else names

    def protocol(self, signal: Signal) -> Protocol:
        """Return the OTLP protocol of a signal; its exporter is installed."""
        found = self.first(f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
        if found is None or variables.one_of(*found, ("http/protobuf", "grpc")) == "http/protobuf":
            return "http/protobuf"
        if not entry_points(group=f"opentelemetry_{signal}_exporter", name=ENTRY_POINT_OF_PROTOCOL["grpc"]):
            raise wrong(*found, f"http/protobuf, and grpc once {EXTRA_OF_GRPC} is installed")
        return "grpc"

    def otlp(self) -> Otlp:
        """Return how metrics are pushed."""
        protocol = self.protocol("metrics")
        compressions = ("none", "gzip") if protocol == "grpc" else ("none", "gzip", "deflate")
        compression = self.first(*_otlp_variables("COMPRESSION"))
        timeout = self.first(*_otlp_variables("TIMEOUT")) or ("OTEL_EXPORTER_OTLP_TIMEOUT", "10")
        headers = self.first(*_otlp_variables("HEADERS"))
        return Otlp(
            endpoints=self._endpoints(protocol),
            protocol=protocol,
            headers=MappingProxyType(variables.pairs(*headers) if headers else {}),
            certificate=self.file(*_otlp_variables("CERTIFICATE")),
            client_certificate=self.file(*_otlp_variables("CLIENT_CERTIFICATE")),
            client_key=self.file(*_otlp_variables("CLIENT_KEY")),
            # Milliseconds, which other SDKs take here, end above this limit.
            timeout_seconds=variables.number(*timeout, 0.1, 300, "seconds (as everywhere in Python)"),
            compression=variables.one_of(*compression, compressions) if compression else "none",
        )

    def _endpoints(self, protocol: Protocol) -> tuple[str, ...]:
        plain = protocol == "grpc"
        if found := self.first("TECHSAPO_OTLP_ENDPOINTS"):
            name, text = found
            several = [variables.address(name, part, scheme_needed=not plain) for part in text.split(",")]
            return tuple(dict.fromkeys(several if plain else map(_with_path, several)))
        if found := self.first("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"):
            return (variables.address(*found, scheme_needed=not plain),)
        found = self.first("OTEL_EXPORTER_OTLP_ENDPOINT") or ("OTEL_EXPORTER_OTLP_ENDPOINT", DEFAULT_ENDPOINT[protocol])
        base = variables.address(*found, scheme_needed=not plain)
        return (base if plain else f"{base.rstrip('/')}{METRICS_PATH}",)

    def resource_attributes(self) -> Mapping[str, str]:
        """Return what tells the service apart; OTEL_SERVICE_NAME goes before the attribute."""
        found = self.first("OTEL_RESOURCE_ATTRIBUTES")
        attributes = variables.pairs(*found) if found else {}
        if name := self.first("OTEL_SERVICE_NAME"):
            attributes["service.name"] = name[1].strip()
        return MappingProxyType(attributes)

    def salt(self, *, needed: bool) -> bytes | None:
        """Return the salt of client_ip buckets, None where none is set and none is needed."""
        told, kept = self.first("TECHSAPO_CLIENT_IP_SALT"), self.first("TECHSAPO_CLIENT_IP_SALT_FILE")
        if told and kept:
            raise wrong(*kept, "no value beside TECHSAPO_CLIENT_IP_SALT: one of the two")
        if told and "$" in told[1]:
            accepts = "one without, or TECHSAPO_CLIENT_IP_SALT_FILE: a Collector's configuration would expand it"
            raise SettingsError(told[0], "a text with a $", accepts)
        if told:
            return variables.salt(told[0], told[1].encode())
        if kept:
            return variables.salt(kept[0], variables.file(*kept).read_bytes())
        if needed:
            accepts = f"{SALT_BYTES_MIN} bytes or more, the same as the Collector's, or TECHSAPO_CLIENT_IP_SALT_FILE"
            raise SettingsError("TECHSAPO_CLIENT_IP_SALT", "nothing", accepts)
        return None


def _endpoint_variables(signal: Signal) -> tuple[str, str]:
    return f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"


def _otlp_variables(name: str) -> tuple[str, str]:
    return f"OTEL_EXPORTER_OTLP_METRICS_{name}", f"OTEL_EXPORTER_OTLP_{name}"


def _with_path(endpoint: str) -> str:
    return endpoint if endpoint.endswith(METRICS_PATH) else f"{endpoint.rstrip('/')}{METRICS_PATH}"
