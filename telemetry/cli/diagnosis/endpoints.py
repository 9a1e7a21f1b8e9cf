"""Whether the page, or each OTLP endpoint, answers now."""

import contextlib
import http.client
import socket
import ssl
from urllib.parse import urlsplit

from telemetry.cli.diagnosis import web
from telemetry.cli.diagnosis.environment import shown_address
from telemetry.cli.diagnosis.finding import Finding, broken, ok, warn
from telemetry.settings import Otlp, Page, Settings

# A figure that every page of ours has, from the first scrape on.
ALWAYS_THERE = b"techsapo_telemetry_dropped_instruments"
_REFUSED = {
    401: "Set OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN, with a token of the Collector's",
    403: "Set OTEL_EXPORTER_OTLP_HEADERS to credentials that may write",
    404: (
        "Check the path: OTEL_EXPORTER_OTLP_ENDPOINT takes the base address and gets /v1/metrics appended, "
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT takes the whole one"
    ),
}


def check_page(page: Page) -> Finding:
    """Ask for the page as a scraper does, and tell who answers."""
    try:
        socket.create_connection((page.host, page.port), web.DEADLINE_SECONDS).close()
    except ConnectionRefusedError:
        remedy = "Start the application; while none runs this is as it should be"
        return warn("page", f"Nobody serves {page.url} now", remedy)
    except OSError as error:
        remedy = "Set OTEL_EXPORTER_PROMETHEUS_HOST to an address of this machine"
        return broken("page", f"{page.host} cannot be reached ({web.said(error)})", remedy)
    try:
        with contextlib.closing(web.connect(page.host, page.port, _page_tls(page))) as connection:
            connection.connect()
            if page.client_ca is not None:
                return ok("page", f"{page.url} answers, and wants a client certificate: it was not read")
            status, body = _ask(connection, "GET", "/metrics")
    except (OSError, http.client.HTTPException) as error:
        said = web.said(error)
    else:
        if status == http.client.OK and ALWAYS_THERE in body:
            return ok("page", f"{page.url} answers")
        said = f"it answered {status}"
    remedy = "End what listens there, or set OTEL_EXPORTER_PROMETHEUS_PORT to another port"
    return broken("page", f"What listens at {page.url} is not our page ({said})", remedy)


def check_otlp(settings: Settings) -> list[Finding]:
    """Send every OTLP endpoint a request without metrics, and tell how it answers."""
    return [_check_endpoint(endpoint, settings.otlp) for endpoint in settings.otlp.endpoints]


def _check_endpoint(endpoint: str, otlp: Otlp) -> Finding:
    shown = shown_address(endpoint)
    parts = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
    host, tls = parts.hostname or "", parts.scheme == "https"
    down = "Start the Collector, or correct the address; the application runs on, and its figures come later"
    try:
        if otlp.protocol == "grpc":
            port = parts.port or (443 if tls else 4317)
            with socket.create_connection((host, port), web.DEADLINE_SECONDS):
                return ok("otlp", f"{shown} takes connections; gRPC itself was not tried")
        connection = web.connect(host, parts.port or (443 if tls else 80), _otlp_tls(otlp) if tls else None)
        headers = {**web.credentials(parts), **otlp.headers, "Content-Type": "application/x-protobuf"}
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        with contextlib.closing(connection):
            # An ExportMetricsServiceRequest without metrics is no byte at all.
            status, _ = _ask(connection, "POST", path, headers)
    except ssl.SSLError as error:
        remedy = "Set OTEL_EXPORTER_OTLP_CERTIFICATE to the authorities that sign its certificate"
        return broken("otlp", f"{shown} cannot be had over TLS ({web.said(error)})", remedy)
    except http.client.HTTPException:
        remedy = "Use its OTLP/HTTP port (often 4318), or set OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
        return broken("otlp", f"{shown} does not speak HTTP", remedy)
    except OSError as error:
        return broken("otlp", f"{shown} does not answer ({web.said(error)})", down)
    if 200 <= status < 300:
        return ok("otlp", f"{shown} takes metrics")
    remedy = _REFUSED.get(status, "Look at the Collector's log; figures come when it takes them")
    why = ""
    if status == http.client.UNAUTHORIZED:
        shows = any(name.lower() == "authorization" for name in headers)
        why = ": the credentials that are set are not right" if shows else ": it wants a token, and none is set"
    return broken("otlp", f"{shown} answered {status} to metrics{why}", remedy)


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    connection.request(method, path, body=b"" if method == "POST" else None, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read(web.MOST_BYTES)


def _page_tls(page: Page) -> ssl.SSLContext | None:
    if page.certificate is None:
        return None
    # Whoever has this very certificate is the one who is looked for, whatever its name is.
    context = ssl.create_default_context(cafile=str(page.certificate))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


def _otlp_tls(otlp: Otlp) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=None if otlp.certificate is None else str(otlp.certificate))
    if otlp.client_certificate is not None:
        context.load_cert_chain(otlp.client_certificate, otlp.client_key)
    return context
