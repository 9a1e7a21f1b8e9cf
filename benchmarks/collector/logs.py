"""Log records of an app that serves requests, and harder ones, each of which holds personal data."""

from collections.abc import Callable

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from benchmarks.collector.load import WRITTEN_NS, Load, key_values, resource

# What the SDK's batch processor sends at a time.
_BATCH = 512
_LINES = (
    "request handled: GET /users/{user_id}/orders answered 200 in 0.034 s",
    "analysis 4711 needs another round, agreement 0.62 of 0.80",
    "cache miss for analyses, asked the provider",
    "connection pool has 7 of 10 connections in use",
    "retrying the provider anthropic after 1.5 s (attempt 2 of 5)",
    "worker started, 4 threads, version 1.2.3",
)
_PERSONAL = (
    "signed in as {user}@example.com from 203.0.113.{low}",
    "sent the code to +44 20 7946 {four:04d}",
    "card 4111 1111 1111 1111 refused for customer {user}",
    "could not connect to mysql://app:pw{four:04d}x@db.internal:3306/shop",
)


def ordinary(payloads: int) -> Load:
    """Lines of an app: an access line with the client's address among eight."""
    return _load("log record", payloads, _ordinary)


def personal(payloads: int) -> Load:
    """Lines with one to three data each."""
    return _load("log record, all personal", payloads, _personal)


def _load(what: str, payloads: int, line: Callable[[int], str]) -> Load:
    bodies = [_request(number, line) for number in range(payloads)]
    return Load(what, "/v1/logs", bodies, payloads * _BATCH)


def _request(payload: int, line: Callable[[int], str]) -> bytes:
    request = ExportLogsServiceRequest()
    sender = request.resource_logs.add()
    sender.resource.attributes.extend(resource(payload))
    scope = sender.scope_logs.add()
    scope.scope.name = "app.main"
    for number in range(payload * _BATCH, (payload + 1) * _BATCH):
        record = scope.log_records.add(
            time_unix_nano=WRITTEN_NS,
            observed_time_unix_nano=WRITTEN_NS,
            severity_number=SeverityNumber.SEVERITY_NUMBER_INFO,
            severity_text="INFO",
            trace_id=(number + 1).to_bytes(16, "big"),
            span_id=(number + 1).to_bytes(8, "big"),
        )
        record.body.string_value = line(number)
        told: dict[str, str | int] = {
            "code.file.path": "app/main.py",
            "code.function.name": "handle",
            "code.line.number": number % 300,
            "thread.name": "MainThread",
            "logger.name": "app.main",
        }
        record.attributes.extend(key_values(told))
    return request.SerializeToString()


def _ordinary(number: int) -> str:
    if number % 8 == 0:
        return f'203.0.113.{number % 256} - "GET /users HTTP/1.1" 200'
    return _LINES[number % len(_LINES)]


def _personal(number: int) -> str:
    return _PERSONAL[number % len(_PERSONAL)].format(user=f"user{number}", low=number % 256, four=number % 10_000)
