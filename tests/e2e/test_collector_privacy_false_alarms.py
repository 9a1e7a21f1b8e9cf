"""What is nobody's passes the Collector unchanged: in labels that admit it, in traces and in logs."""

from collections.abc import Iterable

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from telemetry.contract import CONTRACT, Bounded, Enum, MetricType
from tests.conftest import StartCollector
from tests.support import wait
from tests.support.collector import Collector, attributes, counter, sender
from tests.support.harmless_texts import ERRORS, MODELS, OPERATIONS, ROUTES, TEXTS
from tests.support.leaks import texts
from tests.support.otlp_sink import OtlpSink

HARMLESS = [text for sort in TEXTS.values() for text in sort]


def known_values() -> list[str]:
    """Return every value that the contract lists for a label."""
    domains = [label.domain for metric in CONTRACT.metrics for label in metric.labels]
    listed = [value for domain in domains if isinstance(domain, Enum) for value in domain.values]
    return sorted({*listed, *(value for domain in domains if isinstance(domain, Bounded) for value in domain.known)})


def test_traces_and_logs_keep_what_is_nobodys(make_collector: StartCollector, otlp_sink: OtlpSink) -> None:
    """Names, attributes, their names, nested values and bodies come out as they went in, and nothing was scrubbed."""
    collector = make_collector(forward=otlp_sink.endpoint)
    sent_traces, sent_logs = ExportTraceServiceRequest(), ExportLogsServiceRequest()
    spans = sent_traces.resource_spans.add().scope_spans.add().spans
    records = sent_logs.resource_logs.add().scope_logs.add().log_records
    for text in [*HARMLESS, *known_values(), *(metric.description for metric in CONTRACT.metrics)]:
        nested = AnyValue()
        nested.array_value.values.add(string_value=f"before {text}, after")
        nested.array_value.values.add(kvlist_value={"values": attributes({text: text})})
        nested.array_value.values.add(bytes_value=text.encode())
        span = spans.add(name=text, trace_id=bytes(range(16)), span_id=bytes(range(8)), trace_state="vendor=1763938800")
        span.attributes.extend(attributes({"plain": text, text: "x"}))
        span.attributes.add(key="nested", value=nested)
        span.status.message = text
        span.events.add(name=text).attributes.extend(attributes({"plain": text}))
        records.add(body=AnyValue(string_value=text), severity_text="INFO", event_name=text)
        records.add(body=nested).attributes.extend(attributes({"plain": f"{text};"}))
    assert collector.post("/v1/traces", sent_traces.SerializeToString()) == 200
    assert collector.post("/v1/logs", sent_logs.SerializeToString()) == 200
    wait.until(lambda: len(otlp_sink.requests) == 2, 30, "what is forwarded")
    bodies = {request.path: request.body for request in otlp_sink.requests}
    assert list(texts(ExportTraceServiceRequest.FromString(bodies["/v1/traces"]))) == list(texts(sent_traces))
    assert list(texts(ExportLogsServiceRequest.FromString(bodies["/v1/logs"]))) == list(texts(sent_logs))
    assert collector.own("otelcol_processor_techsapo_policy_scrubbed_values_total") == 0


@pytest.mark.parametrize(
    ("metric", "label", "values"),
    [
        ("techsapo_llm_requests_total", "model", MODELS),
        ("techsapo_http_requests_total", "route", ROUTES),
        ("techsapo_errors_total", "error_type", ERRORS),
        ("techsapo_redis_operations_total", "operation", OPERATIONS),
        ("techsapo_rate_limit_hits_total", "endpoint", ROUTES),
    ],
)
def test_labels_keep_what_is_nobodys(collector: Collector, metric: str, label: str, values: Iterable[str]) -> None:
    """Models, routes, classes and commands that the contract does not know stay what they are."""
    # As many an instance as every label's limit lets through.
    chunks = [list(values)[start : start + 60] for start in range(0, len(list(values)), 60)]
    for number, chunk in enumerate(chunks):
        collector.send(
            sender([counter(metric, [({label: text}, 1) for text in chunk])], service_instance_id=f"i{number}")
        )
    assert set(values) == set(collector.values(metric, label))


def test_every_known_value_of_every_label_stays(collector: Collector) -> None:
    """Listed and known values of all labels of all counters are on the page."""
    wanted: set[tuple[str, str, str]] = set()
    for metric in CONTRACT.metrics:
        for label in metric.labels:
            if metric.type is MetricType.COUNTER and isinstance(label.domain, Enum | Bounded):
                values = label.domain.values if isinstance(label.domain, Enum) else label.domain.known
                wanted |= {(metric.name.removesuffix("_total"), label.name, value) for value in values}
                points = [({label.name: value}, 1.0) for value in values]
                collector.send(sender([counter(metric.name, points)], service_instance_id=label.name))
    # The parser gives every counter a _total, that of the costs as well.
    found = {(series.removesuffix("_total"), *pair) for series, labels in collector.series() for pair in labels}
    assert wanted - found == set()
    assert len(wanted) > 500
