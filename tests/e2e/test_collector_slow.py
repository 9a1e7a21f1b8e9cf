"""Bodies that come too slowly, or stop: their connections are ended, and others are not kept waiting."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support import otlp_floods as floods
from tests.support import otlp_payloads as otlp
from tests.support import raw_http
from tests.support.collector import Collector

# The times of collector.yaml, shortened.
OVERLAY = """
receivers: {otlp: {protocols: {http: {read_header_timeout: 1s, read_timeout: 2s, keepalive: {idle_timeout: 2s}}}}}
extensions: {techsapo_otlp_guard: {read_timeout: 1s, max_wait: 1s}}
"""
HEAD = b"POST /v1/metrics HTTP/1.1\r\nHost: collector\r\nContent-Type: application/x-protobuf\r\n"
HITS = otlp.Number({"endpoint": "/login", "client_ip": floods.MARK}, 2)
LARGE = floods.points(HITS, "techsapo_rate_limit_hits_total", map(floods.address, range(3_000)), "large")
LENGTH = b"Content-Length: %d\r\n\r\n" % len(LARGE)

STOPPED = {
    "before anything": b"",
    "in the headers": HEAD,
    "before the body": HEAD + LENGTH,
    "in a small body": HEAD + b"Content-Length: 500\r\n\r\n" + LARGE[:50],
    "in the head of a large body": HEAD + LENGTH + LARGE[:1_000],
    "in a large body": HEAD + LENGTH + LARGE[:-1_000],
    "in a large body that is broken": HEAD + LENGTH + b"\xff" * 100_000,
    "in a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(LARGE) + LARGE[:-1_000],
    "after a request": HEAD + b"Content-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("case", STOPPED)
def test_a_connection_that_says_no_more_is_ended(module_collector: Collector, case: str) -> None:
    """With an answer or without one, wherever in a request its sender stopped."""
    answered = raw_http.answer(module_collector.http, STOPPED[case], ended=False)
    assert answered == raw_http.CLOSED or answered.startswith(b"HTTP/1.1 ")


def test_senders_that_stop_keep_no_others_out(module_collector: Collector) -> None:
    """Of large bodies some are received at a time: those that do not come give their places back."""
    stopped = STOPPED["in a large body"]
    with ThreadPoolExecutor(20) as pool:
        held = [pool.submit(raw_http.answer, module_collector.http, stopped, ended=False) for _ in range(20)]
        assert {module_collector.post("/v1/metrics", LARGE) for _ in range(5)} <= {200, 503}
        assert {each.result()[:13] for each in held} <= {raw_http.CLOSED, b"HTTP/1.1 503 "}
    assert module_collector.post("/v1/metrics", LARGE) == 200
