"""The stock SDK as the oracle: the same operations on both, with equivalent views, give the same MetricsData.

Views of the SDK rename no attribute and count no histogram, so the contract here has labels named like the attributes
that they come from. Left out are what the engine has not (delta, exemplars, exponential histograms), start times, and
that an up-down counter leaves as a gauge. Amounts are multiples of an eighth: the SDK adds each interval up before it
adds it to the total, so that other fractions would be rounded otherwise.
"""

import itertools
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
from opentelemetry.sdk.metrics import MeterProvider as StockMeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    InMemoryMetricReader,
    MetricsData,
    NumberDataPoint,
    Sum,
)
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation
from opentelemetry.sdk.metrics.view import View as StockView

from telemetry.contract import Bounded, Combine, Metric, MetricType, Take
from tests.support.contracts import metric, provider

BOUNDARIES = (-1.0, 0.0, 2.5, 5.0, 100.0)
A, B = {"a": Bounded(50)}, {"b": Bounded(50)}

# Every kind of instrument, and two that feed two metrics each.
METRICS = (
    metric("counted_total", MetricType.COUNTER, Take.SUM, "counted", A | B),
    metric("counted_by_a_total", MetricType.COUNTER, Take.SUM, "counted", A),
    metric("upped", MetricType.GAUGE, Take.SUM, "upped", A | B, combine=Combine.SUM),
    metric("sized", MetricType.HISTOGRAM, Take.DISTRIBUTION, "sized", A | B, boundaries=BOUNDARIES),
    metric("sized_by_b", MetricType.HISTOGRAM, Take.DISTRIBUTION, "sized", B, boundaries=(1.0,)),
    metric("gauged", MetricType.GAUGE, Take.LAST, "gauged", A, combine=Combine.SUM),
    metric("observed_total", MetricType.COUNTER, Take.SUM, "observed", A | B),
    metric("observed_level", MetricType.GAUGE, Take.SUM, "observed_upped", A, combine=Combine.SUM),
    metric("observed_gauge", MetricType.GAUGE, Take.LAST, "observed_gauged", A, combine=Combine.SUM),
)
MONOTONIC = {"counted", "sized", "observed"}
RECORD = {"counted": "add", "upped": "add", "sized": "record", "gauged": "set"}
OBSERVED = ("observed", "observed_upped", "observed_gauged")

Attributes = dict[str, str | int]


@dataclass(frozen=True)
class Measured:
    """One measurement of a synchronous instrument."""

    instrument: str
    amount: float
    attributes: Attributes | None


@dataclass(frozen=True)
class Collected:
    """A collection, and what callbacks tell in it."""

    told: Mapping[str, Sequence[tuple[float, Attributes]]]


@dataclass
class Side:
    """One of the two providers, with its instruments and a reader."""

    provider: MeterProvider
    reader: InMemoryMetricReader
    told: dict[str, Sequence[tuple[float, Attributes]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        meter = self.provider.get_meter("oracle")
        units = {view.instruments[0]: (each.unit, each.description) for each in METRICS for view in each.views}
        self.records = {
            name: getattr(create(name, *units[name]), RECORD[name])
            for name, create in (
                ("counted", meter.create_counter),
                ("upped", meter.create_up_down_counter),
                ("sized", meter.create_histogram),
                ("gauged", meter.create_gauge),
            )
        }
        for name, create_observable in (
            ("observed", meter.create_observable_counter),
            ("observed_upped", meter.create_observable_up_down_counter),
            ("observed_gauged", meter.create_observable_gauge),
        ):
            create_observable(name, [self._tell(name)], *units[name])

    def _tell(self, name: str):  # type: ignore[no-untyped-def]  # the API's CallbackT
        def callback(_: CallbackOptions) -> Iterator[Observation]:
            for amount, attributes in self.told.get(name, ()):
                yield Observation(amount, attributes)

        return callback

    def collect(self, told: Mapping[str, Sequence[tuple[float, Attributes]]]) -> object:
        """What the reader is given, without times."""
        self.told = dict(told)
        return normal(self.reader.get_metrics_data())


def ours(*, locked: bool = False) -> Side:
    """The engine."""
    reader = InMemoryMetricReader()
    engine = provider(*METRICS, locked=locked)
    engine.add_metric_reader(reader)
    return Side(engine, reader)


def stock() -> Side:
    """The SDK."""
    reader = InMemoryMetricReader()
    views = [
        StockView(
            instrument_name=view.instruments[0],
            name=each.name,
            attribute_keys=set(each.label_names),
            aggregation=ExplicitBucketHistogramAggregation(each.boundaries) if each.boundaries else None,
        )
        for each in METRICS
        for view in each.views
    ]
    return Side(StockMeterProvider([reader], views=views, shutdown_on_exit=False), reader)


def normal(data: MetricsData | None) -> object:
    """MetricsData without times and scopes; a missing attribute as the label `other`."""
    return {
        each.name: (
            each.description,
            each.unit,
            isinstance(each.data, Histogram),
            # Where the contract has a gauge, the SDK has a sum that may fall.
            None if BY_NAME[each.name].type is MetricType.GAUGE else temporality(each.data),
            {labels(each.name, point): value(point) for point in each.data.data_points},
        )
        for resource in (data.resource_metrics if data else ())
        for scope in resource.scope_metrics
        for each in scope.metrics
    }


def temporality(data: object) -> tuple[AggregationTemporality, bool]:
    """Temporality of a sum or histogram, and whether it only rises."""
    assert isinstance(data, (Sum, Histogram))
    return data.aggregation_temporality, isinstance(data, Histogram) or data.is_monotonic


BY_NAME: Mapping[str, Metric] = {each.name: each for each in METRICS}


def labels(name: str, point: object) -> tuple[str, ...]:
    """Label values of a point in the order of the contract."""
    assert isinstance(point, (NumberDataPoint, HistogramDataPoint))
    attributes = point.attributes or {}
    return tuple(str(attributes.get(label, "other")) for label in BY_NAME[name].label_names)


def value(point: object) -> object:
    """All that a point tells but for its times."""
    if isinstance(point, HistogramDataPoint):
        return (point.count, point.sum, point.min, point.max, tuple(point.bucket_counts), tuple(point.explicit_bounds))
    assert isinstance(point, NumberDataPoint)
    return point.value


amounts = st.one_of(
    st.integers(-1_000, 1_000_000),
    st.integers(-8_000, 8_000_000).map(lambda eighths: eighths / 8),
    st.sampled_from(BOUNDARIES),
)
attribute_sets: st.SearchStrategy[Attributes | None] = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "a": st.sampled_from(["x", "y", "z", 7, 200]),
        "b": st.sampled_from(["k", "l"]),
        "dropped": st.integers(0, 3),
        "too": st.text(max_size=3),
    },
)
measurements = st.builds(Measured, st.sampled_from(sorted(RECORD)), amounts, attribute_sets)


@st.composite
def collections(draw: st.DrawFn) -> Collected:
    """What callbacks tell: of a counter nothing negative, and no label set of a gauge twice."""
    names = draw(st.sets(st.sampled_from(OBSERVED)))
    told: dict[str, Sequence[tuple[float, Attributes]]] = {}
    for name in sorted(names):
        keys = draw(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("kl")), unique_by=lambda key: key[0]))
        told[name] = [
            (abs(draw(amounts)) if name in MONOTONIC else draw(amounts), {"a": a, "b": b, "dropped": 1})
            for a, b in keys
        ]
    return Collected(told)


@pytest.fixture(autouse=True)
def quiet_sdk() -> Iterator[None]:
    """The SDK warns of each negative amount."""
    logger = logging.getLogger("opentelemetry.sdk.metrics")
    level = logger.level
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(level)


@settings(max_examples=200, deadline=None)
@given(st.lists(measurements | collections(), max_size=50), st.booleans())
def test_any_sequence_of_operations_gives_what_the_sdk_gives(
    operations: list[Measured | Collected], locked: bool
) -> None:
    """Every kind, ints and floats, negative ones, attributes missing or dropped, collections in between."""
    engine, oracle = ours(locked=locked), stock()
    for operation in [*operations, Collected({})]:
        if isinstance(operation, Collected):
            assert engine.collect(operation.told) == oracle.collect(operation.told)
        else:
            for side in (engine, oracle):
                side.records[operation.instrument](operation.amount, operation.attributes)
    engine.provider.shutdown()  # type: ignore[attr-defined]  # both have it, the API has not


@settings(max_examples=60, deadline=None)
@given(st.lists(measurements, max_size=30), st.sampled_from([float("nan"), float("inf"), "7", None, 10**400]))
def test_what_is_no_amount_changes_nothing_else(operations: list[Measured], wrong: float) -> None:
    """The SDK, which would add NaN, is not told of it: the engine's figures are as if it had not been, either."""
    engine, oracle = ours(), stock()
    for operation in operations:
        for side in (engine, oracle):
            side.records[operation.instrument](operation.amount, operation.attributes)
        engine.records[operation.instrument](wrong, operation.attributes)
    assert engine.collect({}) == oracle.collect({})


@settings(max_examples=15, deadline=None)
@given(st.lists(measurements, min_size=50, max_size=150))
def test_many_threads_give_what_the_sdk_gives(drawn: list[Measured]) -> None:
    """Threads share the operations out, each in another order, while another one collects; compared when all are done.

    Gauges are left out: which thread is the last is not told.
    """
    # Of a gauge the last one counts, and there is no last one among threads.
    operations = [each for each in drawn if each.instrument != "gauged"]
    engine, oracle = ours(), stock()
    ended = threading.Event()

    def work(first: int) -> None:
        for operation in itertools.chain(operations[first:], operations[:first]):
            for side in (engine, oracle):
                side.records[operation.instrument](operation.amount, operation.attributes)

    def collect() -> None:
        while not ended.is_set():
            for side in (engine, oracle):
                side.reader.get_metrics_data()

    collector = threading.Thread(target=collect)
    threads = [threading.Thread(target=work, args=(len(operations) * number // 4,)) for number in range(4)]
    collector.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended.set()
    collector.join()
    assert engine.collect({}) == oracle.collect({})
    engine.provider.shutdown()  # type: ignore[attr-defined]  # both have it, the API has not
