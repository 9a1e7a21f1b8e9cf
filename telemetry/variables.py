"""The environment variables that the telemetry, or what starts it, reads, and what each accepts.

Names and meanings of `OTEL_*` are those of the OpenTelemetry specification
(https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/) and, where it differs, of the
Python SDK: its OTLP timeouts are in seconds.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

SALT_BYTES_MIN = 16
SHOWN_CHARACTERS = 200


class SettingsError(ValueError):
    """A setting is wrong. The message is one line: the variable, what it got, what it accepts."""

    def __init__(self, variable: str, got: str, accepts: str) -> None:
        self.variable = variable
        super().__init__(f"{variable}: got {got}; accepts {accepts}")


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable. `secret` ones are never shown, in no message either."""

    name: str
    meaning: str
    secret: bool = False


VARIABLES = (
    Variable("OTEL_SDK_DISABLED", "true: nothing is measured, nothing is sent (default false)"),
    Variable("OTEL_METRICS_EXPORTER", "where metrics go: otlp, console, none, prometheus, techsapo, or a list"),
    Variable("OTEL_TRACES_EXPORTER", "where traces go (default otlp where an OTLP endpoint is set, else none)"),
    Variable("OTEL_LOGS_EXPORTER", "where logs go (default otlp where an OTLP endpoint is set, else none)"),
    Variable("TECHSAPO_OTLP_ENDPOINTS", "Collectors to push to, each one gets everything; comma-separated addresses"),
    Variable("OTEL_EXPORTER_OTLP_ENDPOINT", "address of the Collector, /v1/metrics is added (http/protobuf)"),
    Variable("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "the whole address that metrics are pushed to"),
    Variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "the whole address that traces are pushed to"),
    Variable("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "the whole address that logs are pushed to"),
    Variable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf (default) or grpc"),
    Variable("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "the same, for metrics only"),
    Variable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "the same, for traces only"),
    Variable("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "the same, for logs only"),
    Variable("OTEL_EXPORTER_OTLP_HEADERS", "headers of every push, name=value,...", secret=True),
    Variable("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "the same, for metrics only", secret=True),
    Variable("OTEL_EXPORTER_OTLP_CERTIFICATE", "file of the authorities that sign the Collector's certificate"),
    Variable("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "the same, for metrics only"),
    Variable("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "file of the certificate that the process shows"),
    Variable("OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", "the same, for metrics only"),
    Variable("OTEL_EXPORTER_OTLP_CLIENT_KEY", "file of that certificate's key"),
    Variable("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", "the same, for metrics only"),
    Variable("OTEL_EXPORTER_OTLP_TIMEOUT", "seconds that a push may take, retries included (default 10)"),
    Variable("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "the same, for metrics only"),
    Variable("OTEL_EXPORTER_OTLP_COMPRESSION", "none (default), gzip or deflate"),
    Variable("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "the same, for metrics only"),
    Variable("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "cumulative (default): the only one there is"),
    Variable("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "explicit_bucket_histogram (default)"),
    Variable("OTEL_METRIC_EXPORT_INTERVAL", "milliseconds between two pushes (default 15000)"),
    Variable("OTEL_METRIC_EXPORT_TIMEOUT", "milliseconds that a collection may take (default 30000)"),
    Variable("OTEL_SERVICE_NAME", "name of the service, becomes the label job"),
    Variable("OTEL_RESOURCE_ATTRIBUTES", "what else tells the service apart, name=value,..."),
    Variable("OTEL_EXPORTER_PROMETHEUS_HOST", "address that the page listens on (default 127.0.0.1)"),
    Variable("OTEL_EXPORTER_PROMETHEUS_PORT", "port of the page (default 9464)"),
    Variable("TECHSAPO_PAGE_TLS_CERTIFICATE", "file of the page's certificate: the page is HTTPS then"),
    Variable("TECHSAPO_PAGE_TLS_KEY", "file of its key"),
    Variable("TECHSAPO_PAGE_TLS_CLIENT_CA", "file of the authorities that sign the scrapers' certificates"),
    Variable("TECHSAPO_CLIENT_IP_SALT", "secret that client_ip buckets depend on, 16 bytes or more", secret=True),
    Variable("TECHSAPO_CLIENT_IP_SALT_FILE", "file that holds that secret"),
    Variable(
        "TECHSAPO_RUNTIME_METRICS", "on (default), or off: no figures of memory, event loops and garbage collection"
    ),
    Variable("TECHSAPO_HTTP_INSTRUMENTATION", "auto (default), or contrib: contrib's instrumentation beside FastAPI's"),
    Variable("TECHSAPO_PRICES_FILE", "file of prices of models (TOML) that go before those that are packaged"),
    Variable("OTEL_SEMCONV_STABILITY_OPT_IN", "conventions that instrumentations follow; http,database are added"),
    Variable("OTEL_PYTHON_DISTRO", "what opentelemetry-instrument sets up: techsapo; else the first distro found"),
    Variable("OTEL_PYTHON_CONFIGURATOR", "what configures the SDK under it; our distro sets techsapo"),
    Variable("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "instrumentations that it leaves out, comma-separated, or *"),
    Variable("WEB_CONCURRENCY", "workers that uvicorn and gunicorn start where they are not told (default 1)"),
    Variable("OTEL_CONFIG_FILE", "not supported: must not be set"),
    Variable("TECHSAPO_COLLECTOR_OTLP_GRPC", "Collector: host:port that takes OTLP/gRPC (default 127.0.0.1:4317)"),
    Variable("TECHSAPO_COLLECTOR_OTLP_HTTP", "Collector: host:port that takes OTLP/HTTP (default 127.0.0.1:4318)"),
    Variable("TECHSAPO_COLLECTOR_OTLP_TOKEN", "Collector: bearer token that senders must show", secret=True),
    Variable("TECHSAPO_COLLECTOR_OTLP_TOKEN_FILE", "Collector: file that holds such tokens, one a line"),
    Variable("TECHSAPO_COLLECTOR_PROMETHEUS", "Collector: host:port that is scraped (default 127.0.0.1:8889)"),
    Variable("TECHSAPO_COLLECTOR_HEALTH", "Collector: host:port that tells its health (default 127.0.0.1:13133)"),
    Variable("TECHSAPO_COLLECTOR_TELEMETRY_HOST", "Collector: host of its own figures (default 127.0.0.1)"),
    Variable("TECHSAPO_COLLECTOR_TELEMETRY_PORT", "Collector: port of its own figures (default 8888)"),
    Variable("TECHSAPO_COLLECTOR_FORWARD", "Collector: OTLP/HTTP address that traces and logs go on to"),
    Variable("TECHSAPO_COLLECTOR_URLS", "doctor: addresses of the Collectors' own figures, comma-separated"),
    Variable("TECHSAPO_PROMETHEUS_URL", "doctor: address of Prometheus (default http://127.0.0.1:9090 when pushing)"),
)
SECRETS = frozenset(variable.name for variable in VARIABLES if variable.secret)


def show(variable: str, text: str) -> str:
    """Return the value as a message may carry it: on one line, not long, no secret, no password of an address."""
    if variable in SECRETS:
        return "a value that is not shown"
    shown = re.sub(r"//[^/@\s]*@", "//***@", text.strip())
    return repr(shown if len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + "…")


def described(shown: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return (variable, value or "not set", meaning) for every variable there is."""
    return [(known.name, shown.get(known.name, "not set"), known.meaning) for known in VARIABLES]


def wrong(variable: str, text: str, accepts: str) -> SettingsError:
    """Return the error for a value that is set and is not what the variable accepts."""
    return SettingsError(variable, show(variable, text), accepts)


def one_of(variable: str, text: str, accepted: Sequence[str]) -> str:
    """Return the accepted word that `text` is, in any case.

    Raises:
        SettingsError: it is none of them.
    """
    if (word := text.strip().lower()) in accepted:
        return word
    raise wrong(variable, text, " or ".join(accepted))


def number(variable: str, text: str, low: float, high: float, unit: str) -> float:
    """Return the number that `text` is, from `low` to `high`.

    Raises:
        SettingsError: no number, or outside.
    """
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if low <= value <= high:
        return value
    raise wrong(variable, text, f"{unit} from {low:g} to {high:.15g}")


def pairs(variable: str, text: str) -> dict[str, str]:
    """Return the percent-decoded pairs of `name=value,name=value` (the format of W3C baggage).

    Raises:
        SettingsError: a part has no name or no `=`.
    """
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise wrong(variable, text, "name=value,name=value with percent-encoded values")
        found[unquote(name.strip())] = unquote(value.strip())
    return found


def address(variable: str, text: str, *, scheme_needed: bool = True) -> str:
    """Return the address of an endpoint: scheme, host, perhaps port and path. For gRPC the scheme may be missing.

    Raises:
        SettingsError: another scheme, no host, a port out of range.
    """
    stripped = text.strip()
    try:
        parts = urlsplit(stripped if scheme_needed or "://" in stripped else f"http://{stripped}")
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and " " not in stripped
    except ValueError:
        usable = False
    if usable:
        return stripped
    raise wrong(variable, text, "http://host:port or https://host:port" + ("" if scheme_needed else " or host:port"))


def file(variable: str, text: str) -> Path:
    """Return the path of a file that can be read.

    Raises:
        SettingsError: it can't.
    """
    path = Path(text.strip())
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise wrong(variable, text, f"a file that can be read ({error.strerror})") from None


def salt(variable: str, content: bytes) -> bytes:
    """Return the salt as the Collector takes it too: the bytes without line ends.

    Raises:
        SettingsError: it is too short; the message tells its length only.
    """
    value = content.rstrip(b"\r\n")
    if len(value) >= SALT_BYTES_MIN:
        return value
    raise SettingsError(variable, f"{len(value)} bytes", f"{SALT_BYTES_MIN} bytes or more, the same as the Collector's")
