"""What the settings lead to: where metrics go and why, and what of it is not as one would want it."""

from collections.abc import Mapping
from ipaddress import ip_address

from telemetry.cli.diagnosis.finding import Finding, broken, ok, warn
from telemetry.settings import OWN_EXPORTER, STOCK_PAGE, Page, Settings, SettingsError
from telemetry.variables import show

DISTRO = "techsapo"
_ENDPOINTS = ("TECHSAPO_OTLP_ENDPOINTS", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def check_environment(environment: Mapping[str, str], settings: Settings | SettingsError) -> list[Finding]:
    """Return what the variables that are set lead to.

    `environment` holds those of them as people may see them; `settings` is what was read of them, or the error.
    """
    if isinstance(settings, SettingsError):
        remedy = f"Correct {settings.variable}: an application would not start (exit status 2)"
        return [broken("settings", str(settings), remedy), *_distro(environment)]
    if settings.disabled:
        remedy = "Unset OTEL_SDK_DISABLED to measure again"
        return [warn("settings", "OTEL_SDK_DISABLED=true: nothing is measured, nothing is sent", remedy)]
    found = [ok("settings", f"variables set: {len(environment)}, all accepted"), *_exporters(settings)]
    if settings.serves_page:
        found += [*_workers(environment), *_exposure(settings.page), *_salt(settings)]
    if "otlp" in settings.exporters and "service.name" not in settings.resource_attributes:
        remedy = "Set OTEL_SERVICE_NAME"
        found.append(warn("service", "The service has no name: its job will be unknown_service", remedy))
    return [*found, *_distro(environment)]


def shown_address(address: str) -> str:
    """Return the address of an endpoint as people may see it: without a password."""
    return show("OTEL_EXPORTER_OTLP_ENDPOINT", address)[1:-1]


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine and nobody else reaches it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _exporters(settings: Settings) -> list[Finding]:
    why = _why(settings.environment)
    if not settings.exporters:
        remedy = "Unset OTEL_METRICS_EXPORTER for the page, or set it to otlp"
        return [warn("exporter", f"Metrics go nowhere, {why}", remedy)]
    endpoints = map(shown_address, settings.otlp.endpoints)
    ways = {
        "otlp": f"pushed to {' and '.join(endpoints)} every {settings.interval_seconds:g} s",
        OWN_EXPORTER: f"served at {settings.page.url}",
        STOCK_PAGE: f"served at {settings.page.url} by opentelemetry-exporter-prometheus",
    }
    told = ", and ".join(ways.get(name, f"given to the exporter {name}") for name in settings.exporters)
    found = [ok("exporter", f"Metrics are {told}, {why}")]
    if STOCK_PAGE in settings.exporters:
        sentence = (
            "OTEL_METRICS_EXPORTER=prometheus appends _total to the cost counter: queries for "
            "techsapo_wallbounce_cost_usd find nothing, it is techsapo_wallbounce_cost_usd_total there"
        )
        found.append(warn("exporter", sentence, "Set OTEL_METRICS_EXPORTER=techsapo, which keeps the name"))
    return found


def _why(environment: Mapping[str, str]) -> str:
    if "OTEL_METRICS_EXPORTER" in environment:
        return f"as OTEL_METRICS_EXPORTER={environment['OTEL_METRICS_EXPORTER']} says"
    for name in _ENDPOINTS:
        if name in environment:
            return f"as {name} is set"
    return "as neither OTEL_METRICS_EXPORTER nor an OTLP endpoint is set"


def _workers(environment: Mapping[str, str]) -> list[Finding]:
    told = environment.get("WEB_CONCURRENCY", "1")
    if not told.isdecimal() or int(told) <= 1:
        return []
    sentence = f"WEB_CONCURRENCY={told} starts {told} workers, and the page is for one process: the start is refused"
    remedy = "Run a Collector and set OTEL_EXPORTER_OTLP_ENDPOINT, or set WEB_CONCURRENCY=1"
    return [broken("workers", sentence, remedy)]


def _exposure(page: Page) -> list[Finding]:
    if page.client_ca is not None or is_loopback(page.host):
        return []
    sentence = f"The page listens on {page.host}: whoever reaches that address can read it"
    remedy = "Set TECHSAPO_PAGE_TLS_CERTIFICATE, _KEY and _CLIENT_CA, or unset OTEL_EXPORTER_PROMETHEUS_HOST"
    return [warn("page", sentence, remedy)]


def _salt(settings: Settings) -> list[Finding]:
    if settings.salt is not None:
        return []
    sentence = "client_ip is bucketed with a random salt: an address moves to another bucket at each start"
    return [warn("salt", sentence, "Set TECHSAPO_CLIENT_IP_SALT_FILE to a file with 16 random bytes or more")]


def _distro(environment: Mapping[str, str]) -> list[Finding]:
    named = environment.get("OTEL_PYTHON_DISTRO")
    if named in {None, DISTRO}:
        return []
    sentence = f"OTEL_PYTHON_DISTRO={named}: opentelemetry-instrument starts another distro than ours"
    return [warn("distro", sentence, f"Set OTEL_PYTHON_DISTRO={DISTRO}")]
