"""What `doctor` says of the page's address and of OTLP endpoints: servers that answer, refuse, hang or are others."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingTCPServer

import pytest
from opentelemetry.sdk.resources import Resource

from telemetry.cli.diagnosis import Finding, Level, check_otlp, check_page, web
from telemetry.engine import MeterProvider
from telemetry.exposition import PageServer
from telemetry.settings import Settings
from tests.support import ports
from tests.support.certificates import Authority
from tests.support.otlp_sink import OtlpSink

SALT = "a salt for tests only"


def page_at(port: int, **environ: str) -> Finding:
    """Return what is found at a page's address."""
    return check_page(Settings.from_environ({"OTEL_EXPORTER_PROMETHEUS_PORT": str(port), **environ}).page)


def otlp_at(endpoint: str, **environ: str) -> Finding:
    """Return what is found at an OTLP endpoint."""
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "TECHSAPO_CLIENT_IP_SALT": SALT, **environ}
    (finding,) = check_otlp(Settings.from_environ(told))
    return finding


@contextmanager
def served(handler: type[BaseRequestHandler], server: type[ThreadingTCPServer] = ThreadingTCPServer) -> Iterator[int]:
    """Serve by a handler of the standard library at a free port."""
    with server((ports.LOOPBACK, 0), handler) as listening:
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield listening.server_address[1]
        finally:
            listening.shutdown()
            thread.join(5.0)


class Hello(BaseHTTPRequestHandler):
    """A web server of somebody else's."""

    def do_GET(self) -> None:
        """Answer with a page that holds no metrics."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Banner(StreamRequestHandler):
    """A server that speaks something else than HTTP."""

    def handle(self) -> None:
        """Send a greeting and close."""
        self.wfile.write(b"220 mail.example ESMTP\r\n")


class Silent(StreamRequestHandler):
    """A server that takes a connection and says nothing until the other side closes."""

    def handle(self) -> None:
        """Read until the end."""
        self.rfile.read()


@pytest.fixture
def page_port() -> Iterator[int]:
    """The port of a page of ours that is served."""
    provider = MeterProvider(resource=Resource({}), salt=SALT.encode())
    port = ports.free_port()
    server = PageServer(provider, ports.LOOPBACK, port)
    server.start()
    yield port
    server.stop()


def test_a_served_page_is_as_it_should_be(page_port: int) -> None:
    """A page of ours is known by what it shows, before anything was measured too."""
    finding = page_at(page_port)
    assert (Level.OK, f"http://127.0.0.1:{page_port}/metrics answers") == (finding.level, finding.sentence)


def test_a_page_for_all_addresses_is_found(page_port: int) -> None:
    """0.0.0.0 is an address to listen on; who asks it is led to loopback by the operating system."""
    assert Level.OK is page_at(page_port, OTEL_EXPORTER_PROMETHEUS_HOST="0.0.0.0").level


def test_no_page_is_worth_a_look() -> None:
    """While no application runs there is none: that is no fault."""
    finding = page_at(port := ports.free_port())
    assert (Level.WARN, f"Nobody serves http://127.0.0.1:{port}/metrics now") == (finding.level, finding.sentence)


@pytest.mark.parametrize("handler", [Hello, Banner], ids=["web server", "mail server"])
def test_a_port_that_another_server_has_is_broken(handler: type[BaseRequestHandler]) -> None:
    """A start there would be refused, and the remedy names the variable to set."""
    with served(handler) as port:
        finding = page_at(port)
    assert Level.BROKEN is finding.level
    assert finding.sentence.startswith(f"What listens at http://127.0.0.1:{port}/metrics is not our page (")
    assert finding.remedy == "End what listens there, or set OTEL_EXPORTER_PROMETHEUS_PORT to another port"


def test_a_server_that_hangs_is_broken_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor itself does not hang."""
    monkeypatch.setattr(web, "DEADLINE_SECONDS", 0.2)
    with served(Silent) as port:
        finding = page_at(port)
    assert (Level.BROKEN, True) == (finding.level, "no answer within 0.2 s" in finding.sentence)


def test_an_address_that_is_none_is_broken() -> None:
    """A host that cannot be found is another fault than a port that is taken."""
    finding = page_at(ports.free_port(), OTEL_EXPORTER_PROMETHEUS_HOST="no-such-host.invalid")
    assert (Level.BROKEN, "Set OTEL_EXPORTER_PROMETHEUS_HOST to an address of this machine") == (
        finding.level,
        finding.remedy,
    )


def test_an_endpoint_that_takes_metrics_is_as_it_should_be(otlp_sink: OtlpSink) -> None:
    """An empty request is enough to know, and carries no figure; credentials go with it and are not shown."""
    endpoint = otlp_sink.endpoint.replace("//", "//user:hunter2@")
    finding = otlp_at(endpoint, OTEL_EXPORTER_OTLP_HEADERS="x-key=abc")
    assert (Level.OK, f"{otlp_sink.endpoint.replace('//', '//***@')}/v1/metrics takes metrics") == (
        finding.level,
        finding.sentence,
    )
    (request,) = otlp_sink.requests
    assert ("/v1/metrics", "abc", "Basic dXNlcjpodW50ZXIy") == (
        request.path,
        request.headers["x-key"],
        request.headers["authorization"],
    )
    assert set() == otlp_sink.metric_names()


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (404, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT takes the whole one"),
        (403, "Set OTEL_EXPORTER_OTLP_HEADERS"),
        (503, "Look at the Collector's log"),
    ],
)
def test_an_endpoint_that_refuses_is_broken(otlp_sink: OtlpSink, status: int, remedy: str) -> None:
    """The status is told, and what it most often means."""
    otlp_sink.answer(status)
    finding = otlp_at(otlp_sink.endpoint)
    assert (Level.BROKEN, f"{otlp_sink.endpoint}/v1/metrics answered {status} to metrics") == (
        finding.level,
        finding.sentence,
    )
    assert remedy in finding.remedy


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({}, "it wants a token, and none is set"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20other"}, "the credentials that are set are not right"),
    ],
    ids=["none", "wrong"],
)
def test_a_missing_token_is_told_from_a_wrong_one(otlp_sink: OtlpSink, environ: dict[str, str], why: str) -> None:
    """Which of the two it is, and the variable that takes the token."""
    otlp_sink.answer(401)
    finding = otlp_at(otlp_sink.endpoint, **environ)
    assert (Level.BROKEN, f"{otlp_sink.endpoint}/v1/metrics answered 401 to metrics: {why}") == (
        finding.level,
        finding.sentence,
    )
    assert finding.remedy.startswith("Set OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN")


def test_an_endpoint_that_is_down_is_broken() -> None:
    """Nothing listens: the figures wait in the process."""
    endpoint = f"http://127.0.0.1:{ports.free_port()}"
    finding = otlp_at(endpoint)
    assert (Level.BROKEN, f"{endpoint}/v1/metrics does not answer (Connection refused)") == (
        finding.level,
        finding.sentence,
    )


def test_an_endpoint_that_hangs_is_broken_after_the_deadline(
    otlp_sink: OtlpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor does not wait as long as a push does."""
    monkeypatch.setattr(web, "DEADLINE_SECONDS", 0.2)
    otlp_sink.hang()
    assert "does not answer (no answer within 0.2 s)" in otlp_at(otlp_sink.endpoint).sentence


def test_an_endpoint_that_speaks_no_http_is_broken() -> None:
    """The port of gRPC is the usual mistake, and the remedy says so."""
    with served(Banner) as port:
        finding = otlp_at(f"http://127.0.0.1:{port}")
    assert (Level.BROKEN, True) == (finding.level, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc" in finding.remedy)


def test_a_plain_server_is_no_tls_server(otlp_sink: OtlpSink) -> None:
    """A Collector that has http where the address says https is told as what it is."""
    finding = otlp_at(otlp_sink.endpoint.replace("http:", "https:"))
    assert (Level.BROKEN, True) == (finding.level, "cannot be had over TLS" in finding.sentence)


def test_a_grpc_endpoint_is_only_connected_to(otlp_sink: OtlpSink) -> None:
    """What was not tried is said."""
    finding = otlp_at(otlp_sink.endpoint, OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    assert (Level.OK, f"{otlp_sink.endpoint} takes connections; gRPC itself was not tried") == (
        finding.level,
        finding.sentence,
    )


def test_each_of_several_endpoints_is_asked(otlp_sink: OtlpSink) -> None:
    """One that works does not hide one that does not."""
    told = f"{otlp_sink.endpoint},http://127.0.0.1:{ports.free_port()}"
    environ = {"TECHSAPO_OTLP_ENDPOINTS": told, "TECHSAPO_CLIENT_IP_SALT": SALT}
    assert [Level.OK, Level.BROKEN] == [each.level for each in check_otlp(Settings.from_environ(environ))]


@contextmanager
def tls_page(directory: Path, *, client_ca: bool) -> Iterator[dict[str, str]]:
    """Serve a page over TLS, and give the variables that say so."""
    authority = Authority(directory, "authority")
    issued = authority.issue("localhost")
    provider = MeterProvider(resource=Resource({}), salt=SALT.encode())
    port = ports.free_port()
    server = PageServer(
        provider,
        ports.LOOPBACK,
        port,
        certificate=issued.certificate,
        key=issued.key,
        client_ca=authority.certificate if client_ca else None,
    )
    told = {
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(port),
        "TECHSAPO_PAGE_TLS_CERTIFICATE": str(issued.certificate),
        "TECHSAPO_PAGE_TLS_KEY": str(issued.key),
    }
    server.start()
    try:
        yield {**told, **({"TECHSAPO_PAGE_TLS_CLIENT_CA": str(authority.certificate)} if client_ca else {})}
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("client_ca", "sentence"), [(False, "answers"), (True, "answers, and wants a client certificate: it was not read")]
)
def test_a_page_over_tls_is_known_by_its_certificate(tmp_path: Path, client_ca: bool, sentence: str) -> None:
    """The authority that signed it need not be known here; what clients need is said."""
    with tls_page(tmp_path, client_ca=client_ca) as told:
        page = Settings.from_environ(told).page
        finding = check_page(page)
    assert (Level.OK, f"{page.url} {sentence}") == (finding.level, finding.sentence)


def test_a_page_without_tls_is_another_one(tmp_path: Path, page_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older process that still serves without TLS has the port."""
    monkeypatch.setattr(web, "DEADLINE_SECONDS", 0.5)
    with tls_page(tmp_path, client_ca=False) as told:
        finding = check_page(Settings.from_environ({**told, "OTEL_EXPORTER_PROMETHEUS_PORT": str(page_port)}).page)
    assert (Level.BROKEN, True) == (finding.level, "is not our page" in finding.sentence)
