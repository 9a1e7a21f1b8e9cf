"""Spans of a web server, and harder ones, each of which holds personal data."""

from collections.abc import Callable

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from benchmarks.collector.load import WRITTEN_NS, Load, key_values, resource

# What the SDK's batch processor sends at a time.
_BATCH = 512
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
_ROUTES = ("users/{user_id}/orders", "orders/{order_id}", "analyses", "files/{file_id}", "teams/{team_id}/members")
_TRACEBACK = (
    'Traceback (most recent call last):\n  File "app/main.py", line 42, in analyse\n    answer = await ask(prompt)\n'
    '  File "app/llm.py", line 117, in ask\n    raise ProviderTimeout(provider)\napp.ProviderTimeout: anthropic\n'
)


def ordinary(payloads: int) -> Load:
    """Spans of browsers' requests: the client's address in every fourth, an exception in every eighth."""
    return _load("span", payloads, _ordinary)


def personal(payloads: int) -> Load:
    """The same with an address, an e-mail address and a phone number in each."""
    return _load("span, all personal", payloads, _personal)


def _load(what: str, payloads: int, fill: Callable[[Span, int], None]) -> Load:
    bodies = [_request(number, fill) for number in range(payloads)]
    return Load(what, "/v1/traces", bodies, payloads * _BATCH)


def _request(payload: int, fill: Callable[[Span, int], None]) -> bytes:
    request = ExportTraceServiceRequest()
    sender = request.resource_spans.add()
    sender.resource.attributes.extend(resource(payload))
    scope = sender.scope_spans.add()
    scope.scope.name = "opentelemetry.instrumentation.fastapi"
    for number in range(payload * _BATCH, (payload + 1) * _BATCH):
        span = scope.spans.add(
            trace_id=(number + 1).to_bytes(16, "big"),
            span_id=(number + 1).to_bytes(8, "big"),
            kind=Span.SPAN_KIND_SERVER,
            start_time_unix_nano=WRITTEN_NS,
            end_time_unix_nano=WRITTEN_NS,
        )
        _serve(span, number)
        fill(span, number)
    return request.SerializeToString()


def _serve(span: Span, number: int) -> None:
    route = _ROUTES[number % len(_ROUTES)]
    span.name = f"GET /{route}"
    span.attributes.extend(
        key_values(
            {
                "http.request.method": "GET",
                "http.route": f"/{route}",
                "http.response.status_code": 200,
                "url.scheme": "https",
                "url.path": f"/{route.partition('{')[0]}{number % 5_000}",
                "server.address": "api.example.com",
                "server.port": 443,
                "network.protocol.version": "1.1",
                "user_agent.original": _BROWSER,
                "thread.name": "MainThread",
            }
        )
    )


def _ordinary(span: Span, number: int) -> None:
    if number % 4 == 0:
        span.attributes.extend(key_values({"client.address": f"203.0.113.{number % 256}"}))
    if number % 8 == 1:
        span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message="the provider did not answer in time"))
        event = span.events.add(name="exception", time_unix_nano=WRITTEN_NS)
        raised = {
            "exception.type": "ProviderTimeout",
            "exception.message": "anthropic",
            "exception.stacktrace": _TRACEBACK,
        }
        event.attributes.extend(key_values(raised))


def _personal(span: Span, number: int) -> None:
    told = {"client.address": f"203.0.113.{number % 256}", "enduser.id": f"user{number}@example.com"}
    span.attributes.extend(key_values(told))
    event = span.events.add(name="signed in", time_unix_nano=WRITTEN_NS)
    event.attributes.extend(key_values({"message": f"code sent to +44 20 7946 {number % 10_000:04d}"}))
