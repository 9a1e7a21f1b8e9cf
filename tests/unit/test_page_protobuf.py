"""The page's protobuf format: what Google's decoder reads is what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.contract import CONTRACT, MetricType
from telemetry.engine import Cell, Number
from telemetry.exposition import protobuf
from tests.support.metric_family import decode
from tests.support.snapshots import BIRTH_NS, every_metric, take

TYPES = {MetricType.COUNTER: 0, MetricType.GAUGE: 1, MetricType.HISTOGRAM: 4}
LABELS = st.tuples(st.just("GET"), st.text(st.characters(codec="utf-8"), max_size=400), st.just("200"))
HISTOGRAM = "techsapo_http_request_duration_seconds"


def test_every_metric_is_told_with_its_name_type_and_unit() -> None:
    """Names stay whole, `_total` or none: nothing is renamed in this format."""
    families = {family.name: family for family in decode(protobuf.write(every_metric()))}
    assert [metric.name for metric in CONTRACT.metrics] == list(families)
    for metric in CONTRACT.metrics:
        assert families[metric.name].type == TYPES[metric.type]
        assert families[metric.name].help == metric.description
    assert families["techsapo_wallbounce_cost_usd"].unit == "usd"
    assert families["techsapo_llm_token_usage_total"].unit == ""


@given(st.dictionaries(LABELS, st.floats(0, 1e290) | st.integers(0, 2**53), min_size=1, max_size=4))
def test_counters_are_read_as_written(points: dict[tuple[str, ...], Number | Cell]) -> None:
    """Labels of any length and text, values to the last bit, and the birth to the nanosecond."""
    (family,) = decode(protobuf.write([take("techsapo_http_requests_total", points)]))
    read = {tuple(pair.value for pair in each.label): each.counter.value for each in family.metric}
    assert points == read
    assert {("method", "route", "status_code")} == {tuple(pair.name for pair in each.label) for each in family.metric}
    assert {BIRTH_NS} == {each.counter.created_timestamp.ToNanoseconds() for each in family.metric}


@given(st.floats(allow_nan=False) | st.integers(-(2**53), 2**53))
def test_gauges_are_read_as_written(value: Number) -> None:
    """They have no start."""
    (family,) = decode(protobuf.write([take("techsapo_memory_usage_bytes", {("rss",): value})]))
    (metric,) = family.metric
    assert metric.gauge.value == value
    assert not metric.HasField("counter")


@given(st.floats(0, 1e290), st.lists(st.integers(0, 2**58), min_size=15, max_size=15))
def test_histograms_are_read_as_written(total: float, counts: list[int]) -> None:
    """Counts of any size are cumulated; the bucket of infinity is the count."""
    cell: Cell = [total, 0.0, 0.0, *counts]
    (family,) = decode(protobuf.write([take(HISTOGRAM, {("GET", "/a"): cell})]))
    histogram = family.metric[0].histogram
    cumulated = [sum(counts[: position + 1]) for position in range(15)]
    assert [*histogram.bucket] == [*histogram.bucket][:14]
    assert cumulated == [*(bucket.cumulative_count for bucket in histogram.bucket), histogram.sample_count]
    assert list(CONTRACT.by_name[HISTOGRAM].boundaries) == [bucket.upper_bound for bucket in histogram.bucket]
    assert (total, BIRTH_NS) == (histogram.sample_sum, histogram.created_timestamp.ToNanoseconds())


@pytest.mark.parametrize("value", [0, 1, 127, 128, 16_383, 16_384, 2**32, 2**63, 2**64 - 1])
def test_integers_take_seven_bits_a_byte(value: int) -> None:
    """On both sides of what is kept in a table."""
    encoded = protobuf.varint(value)
    assert value == sum((byte & 0x7F) << 7 * position for position, byte in enumerate(encoded))
    assert [True] * (len(encoded) - 1) + [False] == [byte > 0x7F for byte in encoded]
    assert len(encoded) == max(1, -(-value.bit_length() // 7))


def test_target_info_carries_the_version_and_nothing_else() -> None:
    """Where the version is not known there is no target_info at all."""
    (family,) = decode(protobuf.write([], "1.2"))
    (metric,) = family.metric
    assert [("service_version", "1.2")] == [(pair.name, pair.value) for pair in metric.label]
    assert ("target_info", 1, 1.0) == (family.name, family.type, metric.gauge.value)
    assert protobuf.write([]) == b""


def test_a_second_page_from_what_was_kept_is_the_same() -> None:
    """And what the text formats keep of the same series does not get in its way."""
    taken = every_metric()
    assert protobuf.write(taken) == protobuf.write(taken)
