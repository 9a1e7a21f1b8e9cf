"""The page's text formats: what prometheus_client's parsers read is what was written."""

import math
from collections.abc import Callable, Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric as Family
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families as parse_text

from telemetry.contract import CONTRACT, Metric, MetricType
from telemetry.engine import Cell, MetricSnapshot, Number
from telemetry.exposition import openmetrics, text
from telemetry.exposition.syntax import bound
from tests.support.snapshots import COST, every_metric, take

Sample = tuple[str, frozenset[tuple[str, str]]]

LABEL_VALUES = st.text(st.characters(codec="utf-8"), max_size=40)
FINITE = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
AMOUNTS = st.floats(0, 1e290) | st.integers(0, 2**53)
COUNTS = st.integers(0, 2**53 // 20)

STRICT = [metric for metric in CONTRACT.metrics if metric is not COST]


def parse_openmetrics(page: str) -> list[Family]:
    """Return the families of a page in OpenMetrics."""
    return list(openmetrics_parser.text_string_to_metric_families(page))  # type: ignore[no-untyped-call]  # prometheus_client left it so


@st.composite
def snapshots(draw: st.DrawFn, metrics: list[Metric]) -> list[MetricSnapshot]:
    """Draw a few metrics, each with a few series of arbitrary labels and values."""
    chosen = draw(st.lists(st.sampled_from(metrics), min_size=1, max_size=4, unique_by=lambda metric: metric.name))
    return [draw(_snapshot(metric)) for metric in chosen]


@st.composite
def _snapshot(draw: st.DrawFn, metric: Metric) -> MetricSnapshot:
    labels = st.tuples(*[LABEL_VALUES for _ in metric.labels])
    drawn = draw(st.dictionaries(labels, _value(metric), min_size=1, max_size=3))
    return take(metric.name, drawn)


def _value(metric: Metric) -> st.SearchStrategy[Number | Cell]:
    if metric.type is MetricType.GAUGE:
        return FINITE
    if metric.type is MetricType.COUNTER:
        return AMOUNTS
    counts = st.lists(COUNTS, min_size=len(metric.boundaries) + 1, max_size=len(metric.boundaries) + 1)
    return st.builds(lambda total, each: [total, 0.0, 1.0, *each], AMOUNTS, counts)


def expected(taken: Iterable[MetricSnapshot]) -> dict[Sample, float]:
    """Return every sample that a page of these snapshots must have, by name and labels."""
    samples: dict[Sample, float] = {}
    for each in taken:
        for series, value in each.points:
            labels = dict(zip(each.metric.label_names, series.labels, strict=True))
            if not isinstance(value, list):
                samples[_key(each.metric.name, labels)] = value
                continue
            total = 0
            for le, count in zip([*map(bound, each.metric.boundaries), "+Inf"], value[3:], strict=True):
                total += int(count)
                samples[_key(f"{each.metric.name}_bucket", {**labels, "le": le})] = total
            samples[_key(f"{each.metric.name}_sum", labels)] = value[0]
            samples[_key(f"{each.metric.name}_count", labels)] = total
    return samples


def parsed(families: Iterable[Family]) -> dict[Sample, float]:
    """Return every sample of a parsed page but the start timestamps."""
    samples = [sample for family in families for sample in family.samples]
    return {_key(each.name, each.labels): each.value for each in samples if not each.name.endswith("_created")}


def _key(name: str, labels: Mapping[str, str]) -> Sample:
    return name, frozenset(labels.items())


@given(snapshots(list(CONTRACT.metrics)))
def test_parsing_the_text_page_gives_back_what_was_written(taken: list[MetricSnapshot]) -> None:
    """Whatever the labels hold and however long the numbers are, names, labels and values survive."""
    page = text.write(taken).decode()
    # prometheus_client itself appends `_total` to each counter that it reads.
    wanted = {
        (f"{name}_total" if name == COST.name else name, labels): v for (name, labels), v in expected(taken).items()
    }
    assert wanted == parsed(parse_text(page))


@given(snapshots(STRICT))
def test_parsing_the_openmetrics_page_gives_back_what_was_written(taken: list[MetricSnapshot]) -> None:
    """The strict parser reads all but the cost counter, `# EOF` and start timestamps included."""
    page = openmetrics.write(taken).decode()
    assert expected(taken) == parsed(parse_openmetrics(page))


@given(snapshots(list(CONTRACT.metrics)))
def test_a_second_page_from_what_was_kept_is_the_same(taken: list[MetricSnapshot]) -> None:
    """What is kept with a series serves both text formats, in any order."""
    first, strict = text.write(taken), openmetrics.write(taken)
    assert (first, strict) == (text.write(taken), openmetrics.write(taken))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5, "5"),
        (5.0, "5.0"),
        (2**53 + 1, "9007199254740993"),
        (0.1 + 0.2, "0.30000000000000004"),
        (5e-324, "5e-324"),
        (1e290, "1e+290"),
        (-0.0, "-0.0"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_numbers_are_exact(value: Number, written: str) -> None:
    """Integers keep all their digits, floats the shortest that read back as the same float."""
    page = text.write([take("nodejs_heap_size_used_bytes", {(): value})]).decode()
    assert page.splitlines()[-1] == f"nodejs_heap_size_used_bytes {written}"


@pytest.mark.parametrize(
    ("boundary", "le"),
    [
        (1.0, "1.0"),
        (0.0001, "0.0001"),
        (0.000025, "2.5e-05"),
        (262144.0, "262144.0"),
        (1e6, "1e+06"),
        (1048576.0, "1.048576e+06"),
        (16777216.0, "1.6777216e+07"),
        (1e16, "1e+16"),
        (-2500000.0, "-2.5e+06"),
        (math.inf, "+Inf"),
    ],
)
def test_boundaries_are_written_as_prometheus_stores_them(boundary: float, le: str) -> None:
    """Every reader of the page, not only Prometheus, ends with the same `le`."""
    assert le == bound(boundary)


def test_label_values_are_escaped() -> None:
    """A backslash, a quote and the end of a line can't end a label; a per cent sign is no placeholder."""
    value = 'a"b\\c\nd%s%%'
    counter = take("techsapo_http_requests_total", {("GET", value, "200"): 1})
    histogram = take("techsapo_http_request_duration_seconds", {("GET", value): [1.0, 1.0, 1.0, 1, *[0] * 14]})
    page = text.write([counter, histogram]).decode()
    assert r'{method="GET",route="a\"b\\c\nd%s%%",status_code="200"} 1' in page
    assert r'_bucket{method="GET",route="a\"b\\c\nd%s%%",le="0.005"} 1' in page
    assert r'_sum{method="GET",route="a\"b\\c\nd%s%%"} 1.0' in page


def test_a_lone_surrogate_does_not_break_the_page() -> None:
    """What UTF-8 has no bytes for becomes a question mark."""
    page = text.write([take("techsapo_http_requests_total", {("GET", "\ud800", "200"): 1})])
    assert b'route="?"' in page


def test_histograms_are_cumulated_and_end_with_infinity() -> None:
    """The engine counts each bucket alone; the page adds them up, and the count is the last one."""
    cell: Cell = [7.5, 0.1, 99, 1, 0, 2, 0, 0, 0, 0, 3]
    lines = text.write([take("techsapo_wallbounce_processing_duration_seconds", {(): cell})]).decode().splitlines()[2:]
    name = "techsapo_wallbounce_processing_duration_seconds"
    bounds = ("0.5", "1.0", "2.0", "5.0", "10.0", "30.0", "60.0", "+Inf")
    counts = (1, 1, 3, 3, 3, 3, 3, 6)
    buckets = [f'{name}_bucket{{le="{le}"}} {count}' for le, count in zip(bounds, counts, strict=True)]
    assert lines == [*buckets, f"{name}_sum 7.5", f"{name}_count 6"]


def test_metadata_stands_once_and_in_the_contracts_order() -> None:
    """Each metric that has series has one HELP and one TYPE line, before its samples."""
    page = text.write(every_metric()).decode().splitlines()
    names = [metric.name for metric in CONTRACT.metrics]
    assert names == [line.split()[2] for line in page if line.startswith("# TYPE ")]
    assert names == [line.split()[2] for line in page if line.startswith("# HELP ")]


def test_a_metric_without_series_is_not_on_the_page() -> None:
    """There are no zeros for what never happened."""
    assert text.write([]) == b""
    assert openmetrics.write([]) == b"# EOF\n"


@pytest.mark.parametrize("write", [text.write, openmetrics.write])
def test_target_info_carries_the_version_and_nothing_else(write: Callable[..., bytes]) -> None:
    """Where the version is not known there is no target_info at all."""
    assert 'target_info{service_version="1.2\\"3"} 1\n' in write([], '1.2"3').decode()
    assert "target_info" not in write([], None).decode()


def test_openmetrics_tells_the_start_of_counters_and_histograms() -> None:
    """Seconds with all the nanoseconds that are known; gauges have no start."""
    page = openmetrics.write(every_metric()).decode()
    created = [line for line in page.splitlines() if line.split("{")[0].split(" ")[0].endswith("_created")]
    with_start = [metric for metric in CONTRACT.metrics if metric.type is not MetricType.GAUGE]
    assert len(created) == sum(2 if metric.labels else 1 for metric in with_start)
    assert {line.rsplit(" ", 1)[1] for line in created} == {"1767225600.123456789"}
    assert 'techsapo_wallbounce_cost_usd_created{provider="other",task_type="premium"} 1767225600.123456789' in created


def test_openmetrics_names_a_unit_where_the_name_ends_with_it() -> None:
    """Any other UNIT line makes Prometheus refuse the whole page."""
    lines = openmetrics.write(every_metric()).decode().splitlines()
    units = dict(line.split()[2:] for line in lines if line.startswith("# UNIT "))
    assert units["techsapo_http_request_duration_seconds"] == "seconds"
    assert units["techsapo_wallbounce_cost_usd"] == "usd"
    assert units["techsapo_cache_hit_ratio"] == "ratio"
    assert "techsapo_llm_token_usage" not in units
    assert all(name.endswith(f"_{unit}") for name, unit in units.items())


def test_openmetrics_refuses_nothing_but_the_cost_counter() -> None:
    """Its name has no `_total`: the strict parser clashes over it, and Prometheus takes it as a counter."""
    with pytest.raises(ValueError, match="Clashing name: techsapo_wallbounce_cost_usd"):
        parse_openmetrics(openmetrics.write(every_metric()).decode())
    others = [each for each in every_metric() if each.metric is not COST]
    assert {family.name for family in parse_openmetrics(openmetrics.write(others).decode())} == {
        metric.name.removesuffix("_total") if metric.type is MetricType.COUNTER else metric.name for metric in STRICT
    }
