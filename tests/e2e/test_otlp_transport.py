"""How a push travels: over TLS with certificates on both sides, with headers, compressed; and what it refuses."""

import ssl
from pathlib import Path

import pytest

from tests.support import ports
from tests.support.apps.counting import METRIC
from tests.support.certificates import Authority
from tests.support.collector import Collector
from tests.support.instrumented import pushing, under_instrument
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server

SCRIPT = under_instrument("python", "-m", "tests.support.apps.script")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The authority that the sink's and the sender's certificates come from."""
    return Authority(tmp_path, "authority")


@pytest.fixture
def sink_tls(authority: Authority) -> ssl.SSLContext:
    """TLS of a sink that wants to see its senders' certificates."""
    issued = authority.issue("sink")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def run(log: Path, env: dict[str, str]) -> str:
    """Run the script to its end and return what it printed."""
    with Server(SCRIPT, output=log, env=env, ready=None) as script:
        assert script.wait() == 0, script.output
    return script.output


def test_a_push_over_mutual_tls_arrives(authority: Authority, sink_tls: ssl.SSLContext, tmp_path: Path) -> None:
    """The standard variables name authority, certificate and key; other hosts keep what requests is told."""
    other = Authority(tmp_path, "other")
    client = authority.issue("client")
    with OtlpSink(tls=sink_tls) as sink:
        env = pushing(
            sink.endpoint,
            OTEL_EXPORTER_OTLP_CERTIFICATE=str(authority.certificate),
            OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=str(client.certificate),
            OTEL_EXPORTER_OTLP_CLIENT_KEY=str(client.key),
            REQUESTS_CA_BUNDLE=str(other.certificate),
        )
        output = run(tmp_path / "log", env)

        assert sink.total(METRIC) == 3, output


def test_a_receiver_that_another_authority_vouches_for_gets_nothing(
    authority: Authority, sink_tls: ssl.SSLContext, tmp_path: Path
) -> None:
    """The script runs on to its end, and the log tells."""
    client = authority.issue("client")
    other = Authority(tmp_path, "other")
    with OtlpSink(tls=sink_tls) as sink:
        env = pushing(
            sink.endpoint,
            OTEL_EXPORTER_OTLP_CERTIFICATE=str(other.certificate),
            OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=str(client.certificate),
            OTEL_EXPORTER_OTLP_CLIENT_KEY=str(client.key),
            OTEL_EXPORTER_OTLP_TIMEOUT="1",
        )
        output = run(tmp_path / "log", env)

        assert sink.arrivals == 0
    assert "The last figures did not reach" in output


@pytest.mark.parametrize("compression", ["none", "gzip", "deflate"])
def test_headers_and_compression_are_as_told(compression: str, otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """Percent-decoded header values, sent with each push and never printed."""
    env = pushing(
        otlp_sink.endpoint,
        OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20tests-own",
        OTEL_EXPORTER_OTLP_COMPRESSION=compression,
    )
    output = run(tmp_path / "log", env)

    assert otlp_sink.total(METRIC) == 3, output
    headers = [{name.lower(): value for name, value in found.headers.items()} for found in otlp_sink.accepted]
    assert {"Bearer tests-own"} == {found["authorization"] for found in headers}
    assert {None if compression == "none" else compression} == {found.get("content-encoding") for found in headers}
    assert "tests-own" not in output


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_grpc_pushes_with_and_without_compression(compression: str, collector: Collector, tmp_path: Path) -> None:
    """`none`, which the stock exporter refuses to read from the variable, too."""
    env = pushing(
        f"http://{ports.LOOPBACK}:{collector.grpc}",
        OTEL_EXPORTER_OTLP_PROTOCOL="grpc",
        OTEL_EXPORTER_OTLP_COMPRESSION=compression,
    )
    output = run(tmp_path / "log", env)

    assert sum(collector.values(METRIC, "instance").values()) == 3, output
