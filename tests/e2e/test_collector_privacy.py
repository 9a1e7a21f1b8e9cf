"""Personal data that reaches the Collector: in whatever place it stands, none of it leaves."""

import random

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from telemetry.privacy import mask
from tests.conftest import StartCollector
from tests.support import wait
from tests.support.collector import SALT, Collector, attributes, counter, sender
from tests.support.otlp_sink import OtlpSink

REQUESTS = "techsapo_http_requests_total"

# A datum of each kind, and what must be nowhere afterwards.
PERSONAL = {
    "email": "zoe.quill@example.org",
    "phone": "+1 415 555 2671",
    "card": "4111 1111 1111 1111",
    "us_ssn": "123-45-6789",
    "uk_nino": "AB 12 34 56 C",
    "jp_my_number": "1234-5678-9018",
    "de_tax_id": "36574261809",
    "fr_nir": "2 95 10 99 126 111 93",
    "es_dni": "54362315K",
    "ip": "2001:db8:77::19",
    "bearer_token": "Bearer " + "abcDEF123456xyz",
    "api_key": "sk-ant-" + "api03-abcdefgh",
    "jwt": "eyJhbGciOiJub25lIn0" + ".eyJzdWIiOiJib2IifQ.x",
    "url_password": "redis://:hunter2secret@cache",
}
SECRETS = [*(text.removeprefix("Bearer ") for text in PERSONAL.values() if "://" not in text), "hunter2secret", SALT]


def test_no_personal_data_in_metrics(collector: Collector) -> None:
    """In no place of a payload, on neither page, in no log line."""
    points = [
        ({"method": value, "route": f"/{value}", "status_code": value, value: value}, 1.0)
        for value in PERSONAL.values()
    ]
    for kind, value in PERSONAL.items():
        metric = counter(REQUESTS, points)
        metric.description, metric.unit = value, value
        payload = sender([metric, counter(value, points)], service_name=value, service_version=value, **{kind: value})
        payload.scope_metrics[0].scope.name = value
        payload.scope_metrics[0].scope.attributes.extend(attributes({value: value}))
        collector.send(payload)
    assert sum(collector.values(REQUESTS, "instance").values()) == len(PERSONAL) ** 2
    seen = collector.text() + collector.output
    assert [] == [secret for secret in SECRETS if secret in seen]


def test_no_personal_data_in_traces_and_logs(make_collector: StartCollector, otlp_sink: OtlpSink) -> None:
    """Scrubbed before they are forwarded: names, attributes, nested values, bytes, events, links, status, bodies."""
    collector = make_collector(forward=otlp_sink.endpoint)
    traces, logs = ExportTraceServiceRequest(), ExportLogsServiceRequest()
    for value in PERSONAL.values():
        nested = AnyValue()
        nested.array_value.values.add().kvlist_value.values.extend(attributes({value: value, "k": f"<{value}>"}))
        nested.array_value.values.add(bytes_value=value.encode())
        resource = traces.resource_spans.add()
        resource.resource.attributes.extend(attributes({"host.name": value}))
        span = resource.scope_spans.add().spans.add(name=value, trace_id=bytes(range(16)), span_id=bytes(range(8)))
        span.attributes.extend(attributes({"plain": value, value: "x"}))
        span.attributes.add(key="nested", value=nested)
        span.status.message = f"failed for {value}"
        span.events.add(name=value).attributes.extend(attributes({"exception.message": value}))
        span.links.add(trace_id=bytes(range(16)), span_id=bytes(range(8)), trace_state=f"a={value}").attributes.extend(
            attributes({"who": value})
        )
        record = logs.resource_logs.add().scope_logs.add().log_records.add(body=nested, severity_text=value)
        record.attributes.extend(attributes({"plain": value}))
    assert collector.post("/v1/traces", traces.SerializeToString()) == 200
    assert collector.post("/v1/logs", logs.SerializeToString()) == 200
    wait.until(lambda: {request.path for request in otlp_sink.requests} == {"/v1/traces", "/v1/logs"}, 20, "both")
    received = {request.path: request.body.decode(errors="replace") for request in otlp_sink.requests}
    seen = "".join(received.values()) + collector.output
    assert [] == [secret for secret in SECRETS if secret in seen]
    for body in received.values():
        assert [] == [kind for kind in PERSONAL if f"[{kind}]" not in body]
    assert "nested" in received["/v1/traces"]


def test_both_engines_mask_alike(make_collector: StartCollector, otlp_sink: OtlpSink) -> None:
    """Thousands of texts put together from data and what surrounds them come out as the process would mask them."""
    choose = random.Random(7)
    around = [
        "",
        " ",
        "-",
        ".",
        "(",
        ")",
        "+",
        "00",
        "0",
        "a",
        "@",
        ":",
        "/",
        "[",
        "]",
        '"',
        "'",
        "tel ",
        "電話",
        "１",
        "%40",
    ]
    pieces = [*PERSONAL.values(), *around, "4155552671", "192.0.2.1", "0312345678", "x@y.zz", "4111", "123456789"]
    texts = ["".join(choose.choices(pieces, k=choose.randrange(1, 9))) for _ in range(5_000)]
    collector = make_collector(forward=otlp_sink.endpoint)
    logs = ExportLogsServiceRequest()
    records = logs.resource_logs.add().scope_logs.add().log_records
    for body in texts:
        records.add(body=AnyValue(string_value=body))
    assert collector.post("/v1/logs", logs.SerializeToString()) == 200
    wait.until(lambda: otlp_sink.requests, 20, "what is forwarded")
    received = ExportLogsServiceRequest.FromString(otlp_sink.requests[0].body)
    found = [record.body.string_value for record in received.resource_logs[0].scope_logs[0].log_records]
    assert [mask(body) for body in texts] == found
