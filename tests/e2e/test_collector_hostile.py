"""Requests that are broken, too large, compressed to harm, or never end: they are refused, and later ones work."""

import gzip
import zlib
from collections.abc import Iterator, Mapping

import pytest
from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from tests.support import otlp_grpc, raw_http, wait
from tests.support import otlp_payloads as otlp
from tests.support.collector import Collector
from tests.support.collector_pages import figures
from tests.support.health_watch import HealthWatch

LOGINS = "techsapo_auth_attempts_total"
MIB = 2**20
# Some bodies of 20 MiB as garbage, and not what they would unfold to; 155 MiB were measured.
MOST_MIB = 300

GOOD = otlp.instance([otlp.counter(LOGINS, [otlp.Number({"status": "success", "method": "jwt"}, 5)])], "good")
BODY = otlp.body(GOOD)


BOMB = gzip.compress(bytes(512 * MIB), 9)
JSON = MessageToJson(ExportMetricsServiceRequest.FromString(BODY)).encode()

# A body, its headers, the status that is answered.
REFUSED: dict[str, tuple[bytes, Mapping[str, str], int]] = {
    "no protobuf": (b"\xff" * 100, {}, 400),
    "truncated": (BODY[:-3], {}, 400),
    "more than 20 MiB": (BODY + bytes(20 * MIB), {}, 400),
    "text": (BODY, {"Content-Type": "text/plain"}, 415),
    "XML": (BODY, {"Content-Type": "application/xml"}, 415),
    "no content type": (BODY, {"Content-Type": ""}, 415),
    "a form": (BODY, {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "text that is called JSON": (b"not so", {"Content-Type": "application/json"}, 400),
    "JSON that is called protobuf": (JSON, {}, 400),
    "truncated JSON": (JSON[:-3], {"Content-Type": "application/json"}, 400),
    "JSON nested deep": (b'{"resourceMetrics":' + b"[" * MIB, {"Content-Type": "application/json"}, 400),
    "an unknown encoding": (BODY, {"Content-Encoding": "rot13"}, 400),
    "brotli": (BODY, {"Content-Encoding": "br"}, 400),
    "two encodings": (gzip.compress(gzip.compress(BODY)), {"Content-Encoding": "gzip, gzip"}, 400),
    "no gzip": (BODY, {"Content-Encoding": "gzip"}, 400),
    "no zstd": (BODY, {"Content-Encoding": "zstd"}, 400),
    "truncated gzip": (gzip.compress(BODY)[:-12], {"Content-Encoding": "gzip"}, 400),
    "a gzip bomb": (BOMB, {"Content-Encoding": "gzip"}, 400),
    "a gzip bomb that begins well": (gzip.compress(BODY) + BOMB, {"Content-Encoding": "gzip"}, 400),
    "a deflate bomb": (zlib.compress(bytes(512 * MIB), 9), {"Content-Encoding": "deflate"}, 400),
}
ACCEPTED: dict[str, tuple[bytes, Mapping[str, str]]] = {
    "protobuf": (BODY, {}),
    "JSON": (JSON, {"Content-Type": "application/json"}),
    "gzip": (gzip.compress(BODY), {"Content-Encoding": "gzip"}),
    "deflate": (zlib.compress(BODY), {"Content-Encoding": "deflate"}),
    "JSON in gzip": (gzip.compress(JSON), {"Content-Type": "application/json", "Content-Encoding": "gzip"}),
}

HEAD = b"POST /v1/metrics HTTP/1.1\r\nHost: collector\r\nContent-Type: application/x-protobuf\r\n"
BROKEN_HTTP = {
    "no HTTP": b"\0" * 5_000 + b"\r\n\r\n",
    "a TLS handshake": b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(500),
    "endless headers": HEAD + b"X-Header: " + b"a" * 2 * MIB,
    "a negative length": HEAD + b"Content-Length: -5\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "a body that ends before its length": HEAD + b"Content-Length: 500\r\n\r\n" + BODY,
    "a chunk of no size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "another method": b"GET /v1/metrics HTTP/1.1\r\nHost: collector\r\n\r\n",
    "another path": b"POST /v1/secrets HTTP/1.1\r\nHost: collector\r\nContent-Length: 0\r\n\r\n",
}


def takes_what_is_good(collector: Collector) -> bool:
    """Tell whether both receivers take a payload now."""
    return collector.post("/v1/metrics", BODY) == 200 and otlp_grpc.export(collector.grpc, BODY) == "OK"


@pytest.fixture
def attacked(module_collector: Collector) -> Iterator[Collector]:
    """The module's Collector; after the test the same process is healthy, within its bound, and takes what is good."""
    process = module_collector.process
    with HealthWatch(module_collector) as watch:
        yield module_collector
    # What was refused is garbage for a while, and memory_limiter answers 503 as long: senders repeat that.
    wait.until(lambda: takes_what_is_good(module_collector), 30, "a payload that is taken")
    assert [figure.value for figure in figures(module_collector, "good").values()] == [5.0]
    assert (module_collector.running, module_collector.process is process, watch.unhealthy) == (True, True, [])
    assert watch.most_mib < MOST_MIB


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_request_is_refused(attacked: Collector, case: str) -> None:
    """Bodies, encodings and content types: with the status that tells the sender not to try again."""
    body, headers, status = REFUSED[case]
    assert attacked.post("/v1/metrics", body, headers) == status


@pytest.mark.parametrize("signal", ["traces", "logs"])
def test_the_other_signals_refuse_as_well(attacked: Collector, signal: str) -> None:
    """The same bodies, to the same statuses."""
    found = {case: attacked.post(f"/v1/{signal}", body, headers) for case, (body, headers, _) in REFUSED.items()}
    assert found == {case: status for case, (_, _, status) in REFUSED.items()}


def test_what_is_a_request_is_taken(collector: Collector) -> None:
    """Protobuf and JSON, plain and compressed."""
    found = {case: collector.post("/v1/metrics", body, headers) for case, (body, headers) in ACCEPTED.items()}
    assert found == dict.fromkeys(ACCEPTED, 200)


@pytest.mark.parametrize("case", BROKEN_HTTP)
def test_what_is_no_http_is_refused(attacked: Collector, case: str) -> None:
    """With a 4xx, or by a closed connection."""
    answered = raw_http.answer(attacked.http, BROKEN_HTTP[case])
    assert answered == raw_http.CLOSED or answered.startswith(b"HTTP/1.1 4")


def test_what_is_no_grpc_is_refused(attacked: Collector) -> None:
    """Messages that are broken, too large or bombs, and connections that speak something else."""
    port = attacked.grpc
    assert otlp_grpc.export(port, b"\xff" * 100) in {"INTERNAL", "INVALID_ARGUMENT"}
    assert otlp_grpc.export(port, BODY + bytes(20 * MIB)) == "RESOURCE_EXHAUSTED"
    assert otlp_grpc.export(port, bytes(200 * MIB), compressed=True) == "RESOURCE_EXHAUSTED"
    assert otlp_grpc.export(port, BODY, method="/opentelemetry.proto.Nothing/Export") == "UNIMPLEMENTED"
    for sent in (*BROKEN_HTTP.values(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 1_000):
        assert b"HTTP/1.1 2" not in raw_http.answer(port, sent)


@pytest.mark.parametrize(
    "sent",
    [b"", HEAD, HEAD + b"Content-Length: 500\r\n\r\n" + BODY[:50], HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"],
    ids=["nothing", "half the headers", "half the body", "half a chunk"],
)
def test_connections_that_say_no_more_hinder_nobody(collector: Collector, sent: bytes) -> None:
    """Three hundred are open, and requests are answered beside them."""
    with raw_http.held(collector.http, sent, 300), raw_http.held(collector.grpc, sent, 300):
        assert [collector.post("/v1/metrics", BODY) for _ in range(20)] == [200] * 20
        assert otlp_grpc.export(collector.grpc, BODY) == "OK"


def test_hundreds_of_broken_requests_at_once_hinder_nobody(collector: Collector) -> None:
    """Each is answered for itself."""
    with raw_http.held(collector.http, HEAD + b"Content-Length: 5\r\n\r\n\xff\xff\xff\xff\xff", 300):
        assert collector.post("/v1/metrics", BODY) == 200
