"""Small requests that unfold: compressed, nested or empty a million times. The same process goes on, within its memory.

Each would take gigabytes, or end the process, if it were unmarshalled before it is looked at.
"""

import gzip
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import pytest

from tests.support import otlp_grpc, wait
from tests.support import otlp_payloads as otlp
from tests.support.collector import Collector
from tests.support.health_watch import HealthWatch
from tests.support.otlp_floods import field, varint

MIB = 2**20
LARGEST = 20 * MIB
# What the guard lets bodies become, and some garbage; 57 MiB were measured.
MOST_MIB = 200

BODY = otlp.body(
    otlp.instance(
        [otlp.counter("techsapo_auth_attempts_total", [otlp.Number({"status": "success", "method": "jwt"}, 5)])]
    )
)
# Field numbers of opentelemetry-proto: the path from a request to what is repeated, and to an attribute's value.
EMPTY = {
    "metrics: resources": ("/v1/metrics", (), 1),
    "metrics: metrics": ("/v1/metrics", (1, 2), 2),
    "traces: spans": ("/v1/traces", (1, 2), 2),
    "traces: links": ("/v1/traces", (1, 2, 2), 13),
    "logs: records": ("/v1/logs", (1, 2), 2),
    "logs: attributes": ("/v1/logs", (1, 2, 2), 6),
}
NESTED = {
    "a resource's attribute": ("/v1/metrics", (1, 1, 1, 2)),
    "a span's attribute": ("/v1/traces", (1, 2, 2, 9, 2)),
    "a log's body": ("/v1/logs", (1, 2, 2, 5)),
}
METHODS = {"/v1/metrics": otlp_grpc.METRICS, "/v1/traces": otlp_grpc.TRACES, "/v1/logs": otlp_grpc.LOGS}


def zstd(size: int) -> bytes:
    """Return a zstd frame (RFC 8878) of so many zeros: blocks that each say one byte and how often it comes."""
    each = 128 * 1_024
    blocks = size // each
    headers = (struct.pack("<I", (each << 3) | (1 << 1) | (at == blocks - 1))[:3] for at in range(blocks))
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", size) + b"".join(header + b"\0" for header in headers)


def within(path: tuple[int, ...], content: bytes) -> bytes:
    """Wrap content into the fields of a path, the outermost first."""
    for number in reversed(path):
        content = field(number, content)
    return content


def empty(path: tuple[int, ...], number: int) -> bytes:
    """Return a body with ten million messages that have nothing in them, in a field of the path's last message."""
    return within(path, bytes([number << 3 | 2, 0]) * (LARGEST // 2 - 50))


@cache
def nested() -> bytes:
    """Return an attribute's value with an array in an array, two million deep."""
    parts: list[bytes] = []
    length = 0
    while length < LARGEST - 100:
        for tag in (0x0A, 0x2A):  # ArrayValue.values, AnyValue.array_value
            parts.append(bytes([tag]) + varint(length))
            length += len(parts[-1])
    return b"".join(reversed(parts))


def survives(collector: Collector, attack: Callable[[], object], refused: object) -> None:
    """Attack, and see it refused, the same process healthy, within its memory, and taking what is good."""
    with HealthWatch(collector) as watch:
        assert attack() == refused
    wait.until(lambda: collector.post("/v1/metrics", BODY) == 200, 30, "a payload that is taken")
    assert (collector.running, watch.unhealthy) == (True, [])
    assert watch.most_mib < MOST_MIB


@pytest.mark.parametrize("case", EMPTY)
def test_millions_of_nothing_are_refused(collector: Collector, case: str) -> None:
    """Messages that take two bytes each on the wire, and a hundred times as many in memory."""
    signal, path, number = EMPTY[case]
    body = empty(path, number)
    packed = gzip.compress(body)
    assert len(packed) < LARGEST // 500
    survives(collector, lambda: collector.post(signal, packed, {"Content-Encoding": "gzip"}), 413)
    export = partial(otlp_grpc.export, collector.grpc, body, method=METHODS[signal], compressed=True)
    survives(collector, export, "RESOURCE_EXHAUSTED")


@pytest.mark.parametrize("case", NESTED)
def test_what_is_nested_too_deep_is_refused(collector: Collector, case: str) -> None:
    """Deeper than a stack may become: Go ends the process then."""
    signal, path = NESTED[case]
    body = within(path, nested())
    survives(collector, lambda: collector.post(signal, body), 400)
    survives(collector, partial(otlp_grpc.export, collector.grpc, body, method=METHODS[signal]), "INVALID_ARGUMENT")


def test_zstd_bombs_are_refused(collector: Collector) -> None:
    """Sixteen kilobytes that are half a gigabyte, a dozen of them: zstd is not offered."""
    bomb = zstd(512 * MIB)
    send = partial(collector.post, "/v1/metrics", bomb, {"Content-Encoding": "zstd"})
    survives(collector, lambda: {send() for _ in range(12)}, {400})


def test_bombs_at_once_are_refused(collector: Collector) -> None:
    """Those that wait for their turn are no more in memory than those that have it."""
    packed = gzip.compress(empty((1, 2), 2))

    def attack() -> set[int]:
        with ThreadPoolExecutor(16) as pool:
            return set(
                pool.map(lambda _: collector.post("/v1/traces", packed, {"Content-Encoding": "gzip"}), range(48))
            )

    survives(collector, attack, {413})
