"""What is wrong with a point is counted, the point is refused, and everything else of its payload goes on."""

import math
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    DataPointFlags,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
)

from telemetry.contract import CONTRACT
from tests.support import otlp_payloads as otlp
from tests.support.collector import Collector, Labels, attributes
from tests.support.collector_pages import Figure, figures
from tests.support.instrumented import environment
from tests.support.processes import Server

LOGINS = "techsapo_auth_attempts_total"
QUEUE = "techsapo_queue_size"
TIMES = "techsapo_llm_response_time_seconds"
REFUSED = "otelcol_processor_techsapo_policy_refused_points_total"
REASONS = ("delta", "wrong_type", "wrong_boundaries", "broken", "no_value", "too_many_instances")

JWT, MTLS = {"status": "success", "method": "jwt"}, {"status": "success", "method": "mtls"}
GPT, CLAUDE = {"provider": "openai", "model": "gpt-5"}, {"provider": "anthropic", "model": "claude-sonnet-4"}
ONES = [1] * 15
NO_VALUE = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK


def counted(*points: NumberDataPoint) -> Metric:
    """Return logins with these points after a good one."""
    metric = otlp.counter(LOGINS, [otlp.Number(MTLS, 7)])
    metric.sum.data_points.extend(points)
    return metric


def queued(*points: NumberDataPoint) -> Metric:
    """Return a queue's size with these points after a good one."""
    metric = otlp.gauge(QUEUE, [otlp.Number({"queue_name": "good"}, -3)])
    metric.gauge.data_points.extend(points)
    return metric


def spread(*points: HistogramDataPoint) -> Metric:
    """Return response times with these points after a good one."""
    return otlp.histogram(TIMES, [otlp.distribution(TIMES, CLAUDE, ONES, 2.5), *points])


def logins(value: float | None, **fields: int) -> NumberDataPoint:
    """Return a point of logins; without a value where it is None."""
    point = NumberDataPoint(attributes=attributes(JWT), time_unix_nano=1, **fields)  # type: ignore[arg-type]  # all integers
    if value is not None:
        point.MergeFrom(otlp.Number(JWT, value).proto())
    return point


def times(**changed: object) -> HistogramDataPoint:
    """Return a point of response times in which fields are changed; None takes one away."""
    fields = {
        "attributes": attributes(GPT),
        "explicit_bounds": CONTRACT.by_name[TIMES].boundaries,
        "bucket_counts": ONES,
        "count": sum(ONES),
        "sum": 2.5,
        **changed,
    }
    return HistogramDataPoint(**{name: value for name, value in fields.items() if value is not None})  # type: ignore[arg-type]  # fields of all types


def renamed(metric: Metric, name: str) -> Metric:
    """Return a metric under another name: of another type than the contract's."""
    metric.name = name
    return metric


def with_temporality(metric: Metric, temporality: AggregationTemporality.ValueType) -> Metric:
    """Return a counter or a histogram of another temporality."""
    getattr(metric, str(metric.WhichOneof("data"))).aggregation_temporality = temporality
    return metric


def not_monotonic() -> Metric:
    """Return logins as a sum that may fall."""
    metric = otlp.counter(LOGINS, [otlp.Number(JWT, 5)])
    metric.sum.is_monotonic = False
    return metric


def exponential() -> Metric:
    """Return response times as an exponential histogram."""
    metric = Metric(name=TIMES)
    metric.exponential_histogram.aggregation_temporality = otlp.CUMULATIVE
    metric.exponential_histogram.data_points.add(attributes=attributes(GPT), count=1, sum=1.0, scale=1, zero_count=1)
    return metric


def summary() -> Metric:
    """Return response times as a summary."""
    metric = Metric(name=TIMES)
    metric.summary.data_points.add(attributes=attributes(GPT), count=1, sum=1.0)
    return metric


BOUNDARIES = CONTRACT.by_name[TIMES].boundaries
ONE_LOGIN, ONE_TIME, ONE_LENGTH = [otlp.Number(JWT, 5)], [times()], [otlp.Number({"queue_name": "bad"}, 5)]

# What is sent, and why one point of it is refused.
WRONG: dict[str, tuple[str, Metric]] = {
    "delta counter": ("delta", with_temporality(otlp.counter(LOGINS, ONE_LOGIN), otlp.DELTA)),
    "delta histogram": ("delta", with_temporality(otlp.histogram(TIMES, ONE_TIME), otlp.DELTA)),
    "counter of no temporality": ("broken", with_temporality(otlp.counter(LOGINS, ONE_LOGIN), otlp.UNSPECIFIED)),
    "histogram of no temporality": ("broken", with_temporality(otlp.histogram(TIMES, ONE_TIME), otlp.UNSPECIFIED)),
    "counter as a gauge": ("wrong_type", otlp.gauge(LOGINS, ONE_LOGIN)),
    "counter that may fall": ("wrong_type", not_monotonic()),
    "counter as a histogram": ("wrong_type", renamed(otlp.histogram(TIMES, ONE_TIME), LOGINS)),
    "gauge as a counter": ("wrong_type", otlp.counter(QUEUE, ONE_LENGTH)),
    "gauge as a histogram": ("wrong_type", renamed(otlp.histogram(TIMES, ONE_TIME), QUEUE)),
    "histogram as a counter": ("wrong_type", otlp.counter(TIMES, ONE_LOGIN)),
    "histogram as a gauge": ("wrong_type", otlp.gauge(TIMES, ONE_LOGIN)),
    "exponential histogram": ("wrong_type", exponential()),
    "summary": ("wrong_type", summary()),
    "another boundary": ("wrong_boundaries", spread(times(explicit_bounds=[*BOUNDARIES[:-1], 81.93]))),
    "a boundary less": (
        "wrong_boundaries",
        spread(times(explicit_bounds=BOUNDARIES[1:], bucket_counts=ONES[1:], count=14)),
    ),
    "a boundary more": (
        "wrong_boundaries",
        spread(times(explicit_bounds=[0.0, *BOUNDARIES], bucket_counts=[1, *ONES], count=16)),
    ),
    "no buckets": ("wrong_boundaries", spread(times(explicit_bounds=None, bucket_counts=None))),
    "counter of NaN": ("broken", counted(logins(math.nan))),
    "counter of infinity": ("broken", counted(logins(math.inf))),
    "counter past all sums": ("broken", counted(logins(1e300))),
    "counter below zero": ("broken", counted(logins(-0.5))),
    "counter of an integer below zero": ("broken", counted(logins(-5))),
    "gauge of NaN": ("broken", queued(otlp.Number({"queue_name": "bad"}, math.nan).proto())),
    "gauge of minus infinity": ("broken", queued(otlp.Number({"queue_name": "bad"}, -math.inf).proto())),
    "histogram of NaN": ("broken", spread(times(sum=math.nan))),
    "histogram of infinity": ("broken", spread(times(sum=math.inf))),
    "histogram below zero": ("broken", spread(times(sum=-0.5))),
    "histogram without a sum": ("broken", spread(times(sum=None))),
    "counts that do not add up": ("broken", spread(times(count=16))),
    "counts that wrap around": ("broken", spread(times(bucket_counts=[2**64 - 1, 2, *ONES[2:]], count=14))),
    "a bucket less than its boundaries": ("broken", spread(times(bucket_counts=ONES[1:], count=14))),
    "a bucket more than its boundaries": ("broken", spread(times(bucket_counts=[*ONES, 1], count=16))),
    "buckets without boundaries": ("broken", spread(times(explicit_bounds=None))),
    "counter that says it has no value": ("no_value", counted(logins(5, flags=NO_VALUE))),
    "counter without a value": ("no_value", counted(logins(None))),
    "histogram that says it has no value": ("no_value", spread(times(flags=NO_VALUE))),
}
EXPECTED = {
    LOGINS: {frozenset(MTLS.items()): 7.0},
    QUEUE: {frozenset({("queue_name", "good")}): -3.0},
    TIMES: {frozenset(CLAUDE.items()): 2.5},
}


def refused(collector: Collector) -> dict[str, float]:
    """Return how many points have been refused, by reason."""
    return {reason: collector.own(REFUSED, reason=reason) for reason in REASONS}


@pytest.mark.parametrize("case", WRONG)
def test_one_point_is_refused_and_the_rest_goes_on(module_collector: Collector, case: str) -> None:
    """The other points of its Metric object, and the other metrics of its payload, before it and behind it."""
    reason, wrong = WRONG[case]
    before = refused(module_collector)
    metrics = [counted(), queued(), spread()]
    good = [metric for metric in metrics if metric.name != wrong.name or points_of(wrong) == 1]
    module_collector.send(otlp.instance([good[0], wrong, *good[1:]], case))
    assert refused(module_collector) == {**before, reason: before[reason] + 1}
    assert by_metric(figures(module_collector, case)) == EXPECTED


def points_of(metric: Metric) -> int:
    """Return how many points a metric has."""
    return len(getattr(metric, str(metric.WhichOneof("data"))).data_points)


def by_metric(page: Mapping[tuple[str, Labels], Figure]) -> dict[str, dict[Labels, float]]:
    """Return the values of a page by metric and labels."""
    found: dict[str, dict[Labels, float]] = {}
    for (name, labels), figure in page.items():
        found.setdefault(name, {})[labels] = figure.value
    return found


def test_points_of_every_kind_of_wrong_in_one_payload(collector: Collector) -> None:
    """All of them together: each is counted for itself, and what is right is as if it had come alone."""
    collector.send(otlp.instance([metric for _, metric in WRONG.values()], "all"))
    expected = dict.fromkeys(REASONS, 0.0)
    for reason, _ in WRONG.values():
        expected[reason] += 1
    assert refused(collector) == expected
    right = {
        name: sum(metric.name == name and points_of(metric) == 2 for _, metric in WRONG.values()) for name in EXPECTED
    }
    assert by_metric(figures(collector, "all")) == {
        LOGINS: {frozenset(MTLS.items()): 7.0 * right[LOGINS]},
        QUEUE: {frozenset({("queue_name", "good")}): -3.0},
        TIMES: {frozenset(CLAUDE.items()): 2.5 * right[TIMES]},
    }


def test_a_payload_that_has_nothing_is_answered(module_collector: Collector) -> None:
    """No resources, no metrics, no points, no name: nothing to refuse, nothing to show."""
    before = refused(module_collector)
    module_collector.send()
    module_collector.send(otlp.instance([], "empty"))
    module_collector.send(otlp.instance([Metric(name=LOGINS), Metric(), otlp.gauge(QUEUE, [])], "empty"))
    assert refused(module_collector) == before
    assert figures(module_collector, "empty") == {}


def test_two_processes_without_an_instance_id_stay_apart(module_collector: Collector, tmp_path: Path) -> None:
    """Of a stock SDK, with the resource that Node.js gives: each process has its own series, the same at every push."""
    with ExitStack() as started:
        processes = [
            started.enter_context(
                Server(
                    [sys.executable, "-m", "tests.support.apps.stock_sender", "nameless", "25"],
                    output=tmp_path / f"{number}.log",
                    env=environment(OTEL_EXPORTER_OTLP_ENDPOINT=module_collector.endpoint),
                )
            )
            for number in range(2)
        ]
        assert [process.wait() for process in processes] == [0, 0]
    shown = {
        dict(labels)["instance"]: value
        for (name, labels), value in module_collector.series().items()
        if name == LOGINS and ("job", "nameless") in labels
    }
    assert list(shown.values()) == [25.0, 25.0]
    assert all(instance.startswith("hashed-") for instance in shown)
