"""A decoder of Prometheus' protobuf format: the schema, read by Google's own library instead of ours.

Source: io/prometheus/client/metrics.proto of github.com/prometheus/client_model 0.6, less summaries, exemplars and
native histograms.
"""

from collections.abc import Iterator
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2
from google.protobuf.internal.decoder import _DecodeVarint32  # type: ignore[attr-defined]  # it has no public name

_PACKAGE = "io.prometheus.client"
_FIELDS = {
    "LabelPair": "name:string=1 value:string=2",
    "Gauge": "value:double=1",
    "Counter": "value:double=1 created_timestamp:Timestamp=3",
    "Bucket": "cumulative_count:uint64=1 upper_bound:double=2",
    "Histogram": "sample_count:uint64=1 sample_sum:double=2 bucket:Bucket*=3 created_timestamp:Timestamp=15",
    "Metric": "label:LabelPair*=1 gauge:Gauge=2 counter:Counter=3 histogram:Histogram=7",
    "MetricFamily": "name:string=1 help:string=2 type:int32=3 metric:Metric*=4 unit:string=5",
}


def _schema() -> descriptor_pb2.FileDescriptorProto:
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="metrics.proto", package=_PACKAGE, syntax="proto2")
    file.dependency.append("google/protobuf/timestamp.proto")
    for message, fields in _FIELDS.items():
        described = file.message_type.add(name=message)
        for each in fields.split():
            name, kind = each.split("=")[0].split(":")
            field = described.field.add(name=name, number=int(each.split("=")[1]))
            field.label = kinds.LABEL_REPEATED if kind.endswith("*") else kinds.LABEL_OPTIONAL
            scalar = getattr(kinds, f"TYPE_{kind.upper()}", None)
            field.type = scalar or kinds.TYPE_MESSAGE
            if scalar is None:
                place = "google.protobuf" if kind == "Timestamp" else _PACKAGE
                field.type_name = f".{place}.{kind.rstrip('*')}"
    return file


def _message_class() -> Any:  # messages of a schema made at run time have no static type
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(_schema())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.MetricFamily"))


def decode(page: bytes) -> Iterator[Any]:  # see above
    """Return the MetricFamily messages of a page. Unknown fields are an error of the writer's."""
    family, position = _message_class(), 0
    while position < len(page):
        length, start = _DecodeVarint32(page, position)
        position = start + length
        assert position <= len(page), "a message is longer than the page"
        message = family.FromString(page[start:position])
        assert message.SerializeToString(deterministic=True) == page[start:position], "another encoding than Google's"
        yield message
