"""A load: payloads that are written once, before anything is measured."""

import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

# Stands for now until a payload is sent: OTLP has times as fixed64, so that another one takes the same place.
WRITTEN_NS = 1_900_000_000_123_456_789
_WRITTEN = struct.pack("<Q", WRITTEN_NS)


@dataclass(frozen=True)
class Load:
    """Bodies for one path of OTLP/HTTP, and how many records (`what`) all of them have together."""

    what: str
    path: str
    bodies: Sequence[bytes]
    records: int

    def sent_now(self) -> Iterator[bytes]:
        """Return the bodies, with the time of now in each."""
        for body in self.bodies:
            yield body.replace(_WRITTEN, struct.pack("<Q", time.time_ns()))


def key_values(values: Mapping[str, str | int]) -> list[KeyValue]:
    """Return attributes as OTLP has them."""
    return [
        KeyValue(key=name, value=AnyValue(string_value=value) if isinstance(value, str) else AnyValue(int_value=value))
        for name, value in values.items()
    ]


def resource(instance: int) -> list[KeyValue]:
    """Return the attributes of a sender."""
    return key_values(
        {"service.name": "shop", "service.instance.id": f"instance-{instance}", "service.version": "1.2.3"}
    )
