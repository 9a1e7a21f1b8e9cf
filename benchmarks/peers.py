"""The peers: the same counter and histogram in this engine, the OpenTelemetry SDK and prometheus_client."""

from collections.abc import Callable
from types import MappingProxyType

import prometheus_client
from opentelemetry.sdk.metrics import MeterProvider as StockMeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource

from telemetry.contract import (
    Bounded,
    Contract,
    Label,
    Metric,
    MetricType,
    Take,
    attribute,
)
from telemetry.contract import View as SemanticView
from telemetry.engine import MeterProvider

BOUNDARIES = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
DROPPED = {f"dropped.attribute.{number}": f"value-{number}" for number in range(10)}
SALT = b"not a secret: benchmarks only"

SDK = "opentelemetry-sdk"
CLIENT = "prometheus_client"
CHILD = "prometheus_client cached child"
WITHOUT = "this engine, none dropped"

Action = Callable[[], object]


def attributes(labels: int) -> dict[str, str]:
    """Return an attribute set of so many labels."""
    return {f"label_{number}": f"value-{number}" for number in range(labels)}


def _metric(name: str, kind: MetricType, labels: int) -> Metric:
    names = tuple(attributes(labels))
    return Metric(
        name=name,
        type=kind,
        description="A metric of the benchmark.",
        unit="1",
        labels=tuple(Label(label, Bounded(100)) for label in names),
        boundaries=BOUNDARIES if kind is MetricType.HISTOGRAM else (),
        views=(
            SemanticView(
                (name.replace("_", "."),),
                Take.DISTRIBUTION if kind is MetricType.HISTOGRAM else Take.SUM,
                MappingProxyType({label: attribute(label) for label in names}),
            ),
        ),
        series_limit=100_000,
    )


def contract(labels: int) -> Contract:
    """Return a contract of one counter and one histogram."""
    return Contract(
        (
            _metric("bench_counter", MetricType.COUNTER, labels),
            _metric("bench_histogram", MetricType.HISTOGRAM, labels),
        )
    )


def engine(labels: int, dropped: dict[str, str] | None = None) -> dict[str, Action]:
    """Record with this engine, by attributes and bound."""
    meter = MeterProvider(contract(labels), resource=Resource({}), salt=SALT).get_meter("bench")
    counter, histogram = meter.create_counter("bench.counter"), meter.create_histogram("bench.histogram")
    sent = {**attributes(labels), **(dropped or {})}
    add, record = counter.add, histogram.record
    bound_counter, bound_histogram = counter.bind(sent).add, histogram.bind(sent).record
    return {
        "counter": lambda: add(1, sent),
        "histogram": lambda: record(0.3, sent),
        "counter, bound": lambda: bound_counter(1),
        "histogram, bound": lambda: bound_histogram(0.3),
    }


def stock_sdk(labels: int, dropped: dict[str, str] | None = None) -> dict[str, Action]:
    """Record with opentelemetry-sdk under equivalent views. It has no bound instruments."""
    keys = set(attributes(labels))
    provider = StockMeterProvider(
        metric_readers=[InMemoryMetricReader()],
        views=[
            View(instrument_name="bench.counter", attribute_keys=keys),
            View(
                instrument_name="bench.histogram",
                attribute_keys=keys,
                aggregation=ExplicitBucketHistogramAggregation(BOUNDARIES),
            ),
        ],
        shutdown_on_exit=False,
    )
    meter = provider.get_meter("bench")
    counter, histogram = meter.create_counter("bench.counter"), meter.create_histogram("bench.histogram")
    sent = {**attributes(labels), **(dropped or {})}
    return {"counter": lambda: counter.add(1, sent), "histogram": lambda: histogram.record(0.3, sent)}


def prometheus(labels: int) -> dict[str, Action]:
    """Record with prometheus_client, by labels() and on cached children."""
    registry = prometheus_client.CollectorRegistry()
    names, values = tuple(attributes(labels)), tuple(attributes(labels).values())
    counter = prometheus_client.Counter("bench_counter", "A counter.", names, registry=registry)
    histogram = prometheus_client.Histogram(
        "bench_histogram", "A histogram.", names, buckets=BOUNDARIES, registry=registry
    )
    if not labels:
        return {
            "counter": counter.inc,
            "histogram": lambda: histogram.observe(0.3),
            "counter, bound": counter.inc,
            "histogram, bound": lambda: histogram.observe(0.3),
        }
    child, histogram_child = counter.labels(*values), histogram.labels(*values)
    return {
        "counter": lambda: counter.labels(*values).inc(),
        "histogram": lambda: histogram.labels(*values).observe(0.3),
        "counter, bound": child.inc,
        "histogram, bound": lambda: histogram_child.observe(0.3),
    }
