"""Prometheus' protobuf format: delimited `io.prometheus.client.MetricFamily` messages.

The format that keeps every name as it is and has a field for the start timestamp: what Prometheus asks for first once
it reads start timestamps. Source: io/prometheus/client/metrics.proto of github.com/prometheus/client_model 0.6.
"""

import struct
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import cast

from telemetry.contract import Metric, MetricType
from telemetry.exposition.source import FIRST_BUCKET, SUM, Cell, Number, Series, Snapshot, kept
from telemetry.exposition.syntax import TARGET_HELP, unit

CONTENT_TYPE = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"

_VARINT, _FIXED64, _BYTES = 0, 1, 2

# Field numbers of metrics.proto.
_FAMILY_NAME, _FAMILY_HELP, _FAMILY_TYPE, _FAMILY_METRIC, _FAMILY_UNIT = 1, 2, 3, 4, 5
_LABEL, _LABEL_NAME, _LABEL_VALUE = 1, 1, 2
_METRIC_FIELD = {MetricType.GAUGE: 2, MetricType.COUNTER: 3, MetricType.HISTOGRAM: 7}
_TYPE_NUMBER = {MetricType.COUNTER: 0, MetricType.GAUGE: 1, MetricType.HISTOGRAM: 4}
_VALUE, _COUNTER_CREATED = 1, 3
_SAMPLE_COUNT, _SAMPLE_SUM, _BUCKET, _HISTOGRAM_CREATED = 1, 2, 3, 15
_BUCKET_COUNT, _BUCKET_BOUND = 1, 2
_SECONDS, _NANOS = 1, 2

_double = struct.Struct("<d").pack


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


_SMALL = [_varint(value) for value in range(1 << 14)]  # lengths, and most buckets' counts


def varint(value: int) -> bytes:
    """Encode an unsigned integer in groups of seven bits, the lowest first."""
    return _SMALL[value] if value < len(_SMALL) else _varint(value)


def _tag(field: int, wire: int) -> bytes:
    return varint(field << 3 | wire)


_COUNT_START, _SUM_START = _tag(_SAMPLE_COUNT, _VARINT), _tag(_SAMPLE_SUM, _FIXED64)
_BUCKET_START, _BUCKET_COUNT_START = _tag(_BUCKET, _BYTES), _tag(_BUCKET_COUNT, _VARINT)


def _nested(field: int, content: bytes) -> bytes:
    return _tag(field, _BYTES) + varint(len(content)) + content


def _string(field: int, text: str) -> bytes:
    return _nested(field, text.encode("utf-8", "replace"))


def write(snapshots: Iterable[Snapshot], service_version: str | None = None) -> bytes:
    """Return a page: one message a metric, each after its length."""
    parts = []
    if service_version:
        label = _nested(_LABEL, _label("service_version", service_version))
        gauge = _nested(_METRIC_FIELD[MetricType.GAUGE], _tag(_VALUE, _FIXED64) + _double(1))
        head = _head("target_info", TARGET_HELP, MetricType.GAUGE)
        parts.append(_delimited([head, _nested(_FAMILY_METRIC, label + gauge)]))
    for snapshot in snapshots:
        metric = snapshot.metric
        messages = [_head(metric.name, metric.description, metric.type)]
        if metric.type is MetricType.HISTOGRAM:
            points = cast("Sequence[tuple[Series, Cell]]", snapshot.points)
            messages += [_histogram(metric, series, cell) for series, cell in points]
        else:
            values = cast("Sequence[tuple[Series, Number]]", snapshot.points)
            messages += [_number(metric, series, value) for series, value in values]
        named_unit = unit(metric)
        messages += [_string(_FAMILY_UNIT, named_unit)] if named_unit else []
        parts.append(_delimited(messages))
    return b"".join(parts)


def _delimited(messages: list[bytes]) -> bytes:
    content = b"".join(messages)
    return varint(len(content)) + content


def _head(name: str, description: str, kind: MetricType) -> bytes:
    number = _tag(_FAMILY_TYPE, _VARINT) + varint(_TYPE_NUMBER[kind])
    return _string(_FAMILY_NAME, name) + _string(_FAMILY_HELP, description) + number


def _label(name: str, value: str) -> bytes:
    return _string(_LABEL_NAME, name) + _string(_LABEL_VALUE, value)


def _labels(metric: Metric, series: Series) -> bytes:
    pairs = zip(metric.label_names, series.labels, strict=True)
    return b"".join(_nested(_LABEL, _label(name, value)) for name, value in pairs)


def _created(field: int, series: Series) -> bytes:
    seconds, nanos = divmod(series.birth_ns, 1_000_000_000)
    return _nested(field, _tag(_SECONDS, _VARINT) + varint(seconds) + _tag(_NANOS, _VARINT) + varint(nanos))


def _number(metric: Metric, series: Series, value: Number) -> bytes:
    held = kept(series)
    if not isinstance(held.record, tuple):
        # The length of a number is always the same, so that everything around it is constant.
        end = _created(_COUNTER_CREATED, series) if metric.type is MetricType.COUNTER else b""
        inner = _tag(_VALUE, _FIXED64)
        labels = _labels(metric, series)
        start = _tag(_METRIC_FIELD[metric.type], _BYTES) + varint(len(inner) + 8 + len(end)) + inner
        whole = _tag(_FAMILY_METRIC, _BYTES) + varint(len(labels) + len(start) + 8 + len(end))
        held.record = (whole + labels + start, end)
    before, after = cast("tuple[bytes, bytes]", held.record)
    return before + _double(value) + after


def _histogram(metric: Metric, series: Series, cell: Cell) -> bytes:
    held = kept(series)
    if not isinstance(held.record, tuple):
        bounds = [_tag(_BUCKET_BOUND, _FIXED64) + _double(bound) for bound in metric.boundaries]
        held.record = (_labels(metric, series), _created(_HISTOGRAM_CREATED, series), bounds)
    labels, created, bounds = cast("tuple[bytes, bytes, list[bytes]]", held.record)
    counts = list(accumulate(cast("list[int]", cell[FIRST_BUCKET:])))
    content = [_COUNT_START, varint(counts[-1]), _SUM_START, _double(cell[SUM])]
    for count, bound in zip(counts, bounds, strict=False):  # the bucket of +Inf is the count
        encoded = varint(count)
        content += (_BUCKET_START, _SMALL[1 + len(encoded) + len(bound)], _BUCKET_COUNT_START, encoded, bound)
    content.append(created)
    return _nested(_FAMILY_METRIC, labels + _nested(_METRIC_FIELD[MetricType.HISTOGRAM], b"".join(content)))
