"""OTLP traces and logs with a text in every place that takes one, and what has to be left in them."""

from collections.abc import Iterable

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope

from tests.support.collector import attributes
from tests.support.personal_data import Datum

TRACE_ID, SPAN_ID = bytes(range(1, 17)), bytes(range(1, 9))
# What stays of a payload besides the masks.
CONSTANTS = frozenset({"", "plain", "nested", "deep", "bytes", "spoken", "x"})


def left_of(data: Iterable[Datum]) -> set[str]:
    """Return every string that may be left of traces and logs about data."""
    return set(CONSTANTS).union(*({datum.masked, _spoken(datum.masked)} for datum in data))


def _spoken(text: str) -> str:
    return f"seen {text} here"


def _nested(text: str) -> AnyValue:
    """Return a list of texts, bytes and a map in a map, with the text in its keys too."""
    value = AnyValue()
    items = value.array_value.values
    items.add(string_value=text)
    items.add(string_value=_spoken(text))
    items.add(bytes_value=text.encode())
    items.add(int_value=7)
    deep = items.add().kvlist_value.values.add(key="deep").value.kvlist_value.values
    deep.extend(attributes({text: text, "x": _spoken(text)}))
    return value


def fill_scope(scope: InstrumentationScope, text: str) -> None:
    """Put a text into a scope: its name, version, attributes and their names."""
    scope.name, scope.version = text, text
    scope.attributes.extend(attributes({text: text, "plain": text}))


def traces(data: Iterable[Datum]) -> ExportTraceServiceRequest:
    """Return a resource, a scope and a span about each datum."""
    payload = ExportTraceServiceRequest()
    for text in (datum.text for datum in data):
        resource = payload.resource_spans.add(schema_url=text)
        resource.resource.attributes.extend(attributes({text: text, "plain": text}))
        scope = resource.scope_spans.add(schema_url=text)
        fill_scope(scope.scope, text)
        span = scope.spans.add(name=text, trace_id=TRACE_ID, span_id=SPAN_ID, trace_state=f"x={text}")
        span.attributes.extend(attributes({"plain": text, "spoken": _spoken(text), text: "x"}))
        span.attributes.add(key="nested", value=_nested(text))
        span.attributes.add(key="bytes").value.bytes_value = text.encode()
        span.status.message = _spoken(text)
        event = span.events.add(name=text)
        event.attributes.extend(attributes({text: text, "plain": _spoken(text)}))
        event.attributes.add(key="nested", value=_nested(text))
        link = span.links.add(trace_id=TRACE_ID, span_id=SPAN_ID, trace_state=f"x={text}")
        link.attributes.extend(attributes({text: text, "plain": text}))
    return payload


def logs(data: Iterable[Datum]) -> ExportLogsServiceRequest:
    """Return records about each datum: with the text, with a nested value and with bytes as body."""
    payload = ExportLogsServiceRequest()
    for text in (datum.text for datum in data):
        resource = payload.resource_logs.add(schema_url=text)
        resource.resource.attributes.extend(attributes({text: text, "plain": text}))
        scope = resource.scope_logs.add(schema_url=text)
        fill_scope(scope.scope, text)
        record = scope.log_records.add(body=AnyValue(string_value=text), severity_text=text, event_name=text)
        record.attributes.extend(attributes({text: text, "plain": _spoken(text)}))
        record.attributes.add(key="nested", value=_nested(text))
        scope.log_records.add(body=AnyValue(string_value=_spoken(text)))
        scope.log_records.add(body=_nested(text))
        scope.log_records.add(body=AnyValue(bytes_value=text.encode()))
    return payload
