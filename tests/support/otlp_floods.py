"""Payloads of very many points, names or senders, put together from encoded pieces: a message each would take minutes.

Field numbers are those of opentelemetry-proto 1.x.
"""

from collections.abc import Iterable

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, ResourceMetrics, ScopeMetrics

from tests.support import otlp_payloads as otlp

REQUEST_RESOURCE, RESOURCE_SCOPE, SCOPE_METRIC, METRIC_SUM, SUM_POINT = 1, 2, 2, 7, 1

# Stands in a template for what differs; everything that replaces it has its length, so that no length changes.
MARK = "0123456789abcde"


def fixed(number: int, prefix: str = "x") -> bytes:
    """Return a text of a mark's length that has a number in it."""
    return f"{prefix}{number:0{len(MARK) - len(prefix)}}".encode()


def address(number: int) -> bytes:
    """Return one of a hundred million IPv4 addresses, of a mark's length."""
    octets = (number // 1_000_000 % 100, number // 10_000 % 100, number // 100 % 100, number % 100)
    return ".".join(f"{100 + octet}" for octet in octets).encode()


def points(template: otlp.Number, metric: str, marks: Iterable[bytes], instance: str) -> bytes:
    """Return a payload of a counter with one point a mark."""
    around = otlp.counter(metric, [])
    point = template.proto().SerializeToString()
    many = around.sum.SerializeToString() + _repeat(SUM_POINT, point, marks)
    told = Metric(name=metric).SerializeToString() + field(METRIC_SUM, many)
    return _payload(instance, field(SCOPE_METRIC, told))


def metrics(template: Metric, marks: Iterable[bytes], instance: str) -> bytes:
    """Return a payload of one metric a mark."""
    return _payload(instance, _repeat(SCOPE_METRIC, template.SerializeToString(), marks))


def senders(template: ResourceMetrics, marks: Iterable[bytes]) -> bytes:
    """Return a payload of one instance a mark."""
    return _repeat(REQUEST_RESOURCE, template.SerializeToString(), marks)


def _payload(instance: str, scope: bytes) -> bytes:
    sender = otlp.instance([], instance)
    del sender.scope_metrics[:]
    told = sender.SerializeToString() + field(RESOURCE_SCOPE, ScopeMetrics().SerializeToString() + scope)
    return ExportMetricsServiceRequest().SerializeToString() + field(REQUEST_RESOURCE, told)


def _repeat(number: int, template: bytes, marks: Iterable[bytes]) -> bytes:
    before, after = field(number, template).split(MARK.encode())
    return b"".join(before + mark + after for mark in marks)


def field(number: int, content: bytes) -> bytes:
    """Return a field that holds a message, a text or bytes."""
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(value: int) -> bytes:
    """Return an unsigned integer in groups of seven bits, the lowest first."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
