"""Personal data in what the Collector refuses: neither its answer nor its log repeats it."""

import gzip
import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote

import grpc  # type: ignore[import-untyped]  # it has no stubs of its own

from tests.conftest import StartCollector
from tests.support import ports
from tests.support.collector import SALT, Collector
from tests.support.leaks import leaks
from tests.support.personal_data import GENERATORS, samples

DEBUG = "service: {telemetry: {logs: {level: debug}}}"
SOME = [datum for kind in GENERATORS for datum in samples(kind)[::20]]
PROTOBUF, JSON = "application/x-protobuf", "application/json"
# What a span, a log record and a data point cannot be read with.
WRONG = {
    "traces": ("resourceSpans", "scopeSpans", "spans", ("traceId", "kind", "startTimeUnixNano")),
    "logs": ("resourceLogs", "scopeLogs", "logRecords", ("spanId", "severityNumber", "timeUnixNano")),
    "metrics": ("resourceMetrics", "scopeMetrics", "metrics", ("sum", "gauge", "histogram")),
}


def broken(signal: str, text: str) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Yield bodies about a text that no receiver can read, and their headers."""
    resources, scopes, items, fields = WRONG[signal]
    raw = text.encode()
    yield raw * 3, {"Content-Type": PROTOBUF}
    yield b"\n" + bytes([min(len(raw) + 9, 127)]) + raw, {"Content-Type": PROTOBUF}
    yield gzip.compress(raw * 9)[:-9], {"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}
    yield raw, {"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}
    yield raw, {"Content-Type": "text/plain"}
    yield raw, {"Content-Type": JSON}
    yield json.dumps(text).encode(), {"Content-Type": JSON}
    for field in fields:
        body = {resources: [{scopes: [{items: [{"name": text, field: text}]}]}]}
        yield json.dumps(body).encode(), {"Content-Type": JSON}
    attribute = {"key": "k", "value": {"bytesValue": text}}
    yield json.dumps({resources: [{"resource": {"attributes": [attribute]}}]}).encode(), {"Content-Type": JSON}


def answers(collector: Collector, signal: str) -> Iterator[tuple[int, str]]:
    """Yield the statuses and the whole answers to broken requests about data of every kind."""
    with closing(http.client.HTTPConnection(ports.LOOPBACK, collector.http, timeout=30)) as connection:
        for datum in SOME:
            for body, headers in broken(signal, datum.text):
                connection.request("POST", f"/v1/{signal}", body, headers)
                answer = connection.getresponse()
                yield answer.status, f"{answer.headers}{answer.read().decode(errors='replace')}"


def test_an_answer_repeats_nothing_of_a_broken_request(make_collector: StartCollector) -> None:
    """Broken protobuf, JSON and compression of every signal give 4xx, and not a word of what was sent."""
    collector = make_collector(overlay=DEBUG)
    for signal in WRONG:
        found = list(answers(collector, signal))
        # What is empty by chance is no error: a text that happens to be a message, or a field that is not known.
        assert {status // 100 for status, _ in found} <= {2, 4}
        assert sum(status >= 400 for status, _ in found) > len(found) * 0.8
        assert leaks(SOME, "\n".join(text for _, text in found)) == []
    assert leaks(SOME, collector.output + collector.own_page()) == []
    assert SALT not in collector.output


def test_an_answer_repeats_no_header_and_no_path(make_collector: StartCollector) -> None:
    """A wrong path, query or content type is not sent back."""
    collector = make_collector(overlay=DEBUG)
    with closing(http.client.HTTPConnection(ports.LOOPBACK, collector.http, timeout=30)) as connection:
        for datum in (datum for datum in SOME if datum.text.isascii() and " " not in datum.text):
            for path, headers in (
                (f"/{quote(datum.text, safe='')}", {}),
                (f"/v1/traces?{quote(datum.text)}", {"Content-Type": JSON}),
                ("/v1/traces", {"Content-Type": datum.text}),
            ):
                connection.request("POST", path, b"x", headers)
                answer = connection.getresponse()
                assert answer.status >= 400
                assert leaks([datum], f"{answer.headers}{answer.read().decode(errors='replace')}") == []
    assert leaks(SOME, collector.output) == []


def test_an_answer_by_grpc_repeats_nothing(make_collector: StartCollector) -> None:
    """A broken message gives an error that says what is wrong, and not with what."""
    collector = make_collector(overlay=DEBUG)
    told = []
    with grpc.insecure_channel(f"{ports.LOOPBACK}:{collector.grpc}") as channel:
        for signal, service in (("trace", "TraceService"), ("metrics", "MetricsService"), ("logs", "LogsService")):
            method = channel.unary_unary(f"/opentelemetry.proto.collector.{signal}.v1.{service}/Export")
            for datum in SOME:
                answer = method.future(datum.text.encode() * 3, timeout=30)
                told.append(f"{answer.code()} {answer.details()}")
    assert {each for each in told if "unmarshalling request" not in each} <= {"StatusCode.OK "}
    assert leaks(SOME, "\n".join(told) + collector.output) == []
