"""Personal data in traces and logs that reach the Collector: in whatever place it stands, none of it is forwarded."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.conftest import StartCollector
from tests.support import wait
from tests.support.collector import SALT, Collector
from tests.support.leaks import leaks, texts
from tests.support.otlp_sink import OtlpSink
from tests.support.personal_data import GENERATORS, samples
from tests.support.personal_payloads import left_of, logs, traces

DEBUG = "service: {telemetry: {logs: {level: debug}}}"
EVERYTHING = tuple(datum for kind in GENERATORS for datum in samples(kind))


def said(collector: Collector) -> str:
    """Return what a Collector says of itself: its log and its figures."""
    return collector.output + collector.own_page()


def test_no_personal_data_in_traces(make_collector: StartCollector, otlp_sink: OtlpSink) -> None:
    """500 data of every kind in every place of a span: what is forwarded has masks, and no other string."""
    collector = make_collector(forward=otlp_sink.endpoint, overlay=DEBUG)
    for kind in GENERATORS:
        assert collector.post("/v1/traces", traces(samples(kind)).SerializeToString()) == 200
    wait.until(lambda: len(otlp_sink.requests) == len(GENERATORS), 30, "what is forwarded")
    for request, kind in zip(otlp_sink.requests, GENERATORS, strict=True):
        received = ExportTraceServiceRequest.FromString(request.body)
        spans = [scope.spans[0] for resource in received.resource_spans for scope in resource.scope_spans]
        assert [datum.masked for datum in samples(kind)] == [span.name for span in spans]
        assert set(texts(received)) - left_of(samples(kind)) == set()
        # A trace state with a mask in it would be none any more, and nobody reads what a link says.
        assert {""} == {span.trace_state for span in spans} | {span.links[0].trace_state for span in spans}
        assert [] == [link for span in spans for link in span.links if link.attributes or not link.trace_id]
    assert leaks(EVERYTHING, said(collector)) == []
    assert SALT not in said(collector)


def test_no_personal_data_in_logs(make_collector: StartCollector, otlp_sink: OtlpSink) -> None:
    """500 data of every kind in every place of a log record, its body text, list, map or bytes."""
    collector = make_collector(forward=otlp_sink.endpoint, overlay=DEBUG)
    for kind in GENERATORS:
        assert collector.post("/v1/logs", logs(samples(kind)).SerializeToString()) == 200
    wait.until(lambda: len(otlp_sink.requests) == len(GENERATORS), 30, "what is forwarded")
    for request, kind in zip(otlp_sink.requests, GENERATORS, strict=True):
        received = ExportLogsServiceRequest.FromString(request.body)
        scopes = [scope for resource in received.resource_logs for scope in resource.scope_logs]
        masked = [datum.masked for datum in samples(kind)]
        assert masked == [scope.log_records[0].body.string_value for scope in scopes]
        assert [text.encode() for text in masked] == [scope.log_records[3].body.bytes_value for scope in scopes]
        assert set(texts(received)) - left_of(samples(kind)) == set()
    assert leaks(EVERYTHING, said(collector)) == []
    assert SALT not in said(collector)


def test_a_leak_would_be_found() -> None:
    """The search finds a secret whole, in part, with other separators, and none where there is none."""
    card, address = samples("card")[0], samples("email")[0]
    assert leaks([card, address], f"at 2026-11-25T03:16:28Z: {card.masked}") == []
    assert leaks([card, address], f"value {card.secret[2:]} seen") == [card.secret]
    assert leaks([card], "-".join(card.secret.replace(" ", ""))) == [card.secret]
    assert leaks([address], f"to {address.secret.upper()}@") == [address.secret]
