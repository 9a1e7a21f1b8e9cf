"""Stock readers and exporters on our provider: attached by the SDK's own seam, fed with its data model."""

import inspect
import io
import json
from collections.abc import Iterator

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import Counter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    ConsoleMetricExporter,
    InMemoryMetricReader,
    MetricReader,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from prometheus_client import REGISTRY, generate_latest

from telemetry.contract import Bounded
from tests.support.contracts import counter, gauge, histogram, provider
from tests.support.otlp_sink import OtlpSink


def test_the_seam_between_provider_and_reader_is_as_the_engine_uses_it() -> None:
    """Private by name in the SDK: a version that changes it fails here, not in an application."""
    assert list(inspect.signature(MetricReader._set_collect_callback).parameters) == ["self", "func"]
    asked: list[tuple[object, object]] = []

    def collect(reader: object, timeout_millis: float = 0) -> None:
        asked.append((reader, timeout_millis))

    reader = InMemoryMetricReader()
    reader._set_collect_callback(collect)  # type: ignore[arg-type]  # declared for the SDK's own provider
    reader.collect(timeout_millis=7)
    assert asked == [(reader, 7)]
    assert set(reader._instrument_class_temporality.values()) == {AggregationTemporality.CUMULATIVE}


def test_a_reader_is_given_the_data_model_of_the_sdk() -> None:
    """One resource, one scope, each metric with the contract's description and unit."""
    source, reader = provider(counter({"x": Bounded(9)}), gauge(), histogram()), InMemoryMetricReader()
    source.add_metric_reader(reader)
    assert reader.get_metrics_data() is None
    meter = source.get_meter("app", "1.0", "https://schema", {"a": "b"})
    meter.create_counter("things", "ignored", "ignored").add(2, {"x": "a", "dropped": 1})
    meter.create_gauge("level").set(-1)
    meter.create_histogram("size").record(5)
    data = reader.get_metrics_data()
    assert data is not None
    (resource_metrics,) = json.loads(data.to_json())["resource_metrics"]
    (scope_metrics,) = resource_metrics["scope_metrics"]
    told = {
        metric["name"]: {
            **metric["data"],
            "data_points": [
                {key: value for key, value in point.items() if "time" not in key}
                for point in metric["data"]["data_points"]
            ],
        }
        for metric in scope_metrics["metrics"]
    }
    assert scope_metrics["scope"]["name"] == "techsapo.telemetry"
    assert [(metric["description"], metric["unit"]) for metric in scope_metrics["metrics"]] == [
        (f"What {name} measures.", "1") for name in ("things", "level", "size")
    ]
    assert told == {
        "things_total": {
            "aggregation_temporality": 2,
            "is_monotonic": True,
            "data_points": [{"attributes": {"x": "a"}, "value": 2, "exemplars": []}],
        },
        "level": {"data_points": [{"attributes": {}, "value": -1, "exemplars": []}]},
        "size": {
            "aggregation_temporality": 2,
            "data_points": [
                {
                    "attributes": {},
                    "count": 1,
                    "sum": 5,
                    "bucket_counts": [0, 1, 0],
                    "explicit_bounds": [1.0, 10.0],
                    "min": 5,
                    "max": 5,
                    "exemplars": [],
                }
            ],
        },
    }


def test_points_carry_birth_and_collection_times() -> None:
    """In nanoseconds, the birth not after the collection; the birth stays."""
    source, reader = provider(counter()), InMemoryMetricReader()
    source.add_metric_reader(reader)
    things = source.get_meter("app").create_counter("things")
    times = []
    for _ in range(2):
        things.add(1)
        data = reader.get_metrics_data()
        assert data is not None
        (point,) = data.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points
        times.append((point.start_time_unix_nano, point.time_unix_nano))
    assert times[0][0] == times[1][0]
    assert 1_700_000_000 * 10**9 < times[0][0] <= times[0][1] <= times[1][1]


def test_two_readers_are_told_the_same() -> None:
    """Cumulative: a collection takes nothing away."""
    source, readers = provider(counter()), [InMemoryMetricReader(), InMemoryMetricReader()]
    for reader in readers:
        source.add_metric_reader(reader)
    source.get_meter("app").create_counter("things").add(3)
    points = []
    for reader in (*readers, *readers):
        data = reader.get_metrics_data()
        assert data is not None
        points.append(data.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points[0].value)  # type: ignore[union-attr]  # a number's
    assert points == [3, 3, 3, 3]


def test_a_reader_that_prefers_delta_is_refused() -> None:
    """Everything here is cumulative; the message says so."""
    source = provider(counter())
    reader = InMemoryMetricReader({Counter: AggregationTemporality.DELTA})
    with pytest.raises(ValueError, match="InMemoryMetricReader prefers delta temporality"):
        source.add_metric_reader(reader)
    assert source.force_flush()


def test_the_console_exporter_prints_what_was_recorded() -> None:
    """At a flush, and once more at the shutdown."""
    source, printed = provider(counter()), io.StringIO()
    source.add_metric_reader(PeriodicExportingMetricReader(ConsoleMetricExporter(out=printed), 3_600_000))
    source.get_meter("app").create_counter("things").add(3)
    assert source.force_flush()
    assert '"value": 3' in printed.getvalue()
    flushed = len(printed.getvalue())
    source.shutdown()
    assert len(printed.getvalue()) > flushed


def test_the_otlp_exporter_delivers_what_was_recorded(otlp_sink: OtlpSink) -> None:
    """To a real receiver, with the last figures at the shutdown."""
    source = provider(counter({"x": Bounded(9)}), histogram())
    exporter = OTLPMetricExporter(endpoint=f"{otlp_sink.endpoint}/v1/metrics")
    source.add_metric_reader(PeriodicExportingMetricReader(exporter, 3_600_000))
    meter = source.get_meter("app")
    meter.create_counter("things").add(10**30, {"x": "a"})
    meter.create_histogram("size").record(5)
    assert source.force_flush()
    meter.create_counter("things").add(1, {"x": "b"})
    source.shutdown()
    assert [request.accepted for request in otlp_sink.requests] == [True, True]
    assert (otlp_sink.total("things_total", x="a"), otlp_sink.total("things_total", x="b")) == (1e30, 1)


@pytest.fixture
def prometheus_reader() -> Iterator[PrometheusMetricReader]:
    """A stock Prometheus reader, taken from the global registry in any case."""
    reader = PrometheusMetricReader()
    yield reader
    reader.shutdown()


def test_the_stock_prometheus_reader_shows_what_was_recorded(prometheus_reader: PrometheusMetricReader) -> None:
    """Names, labels, buckets; the registry is its own concern."""
    source = provider(counter({"x": Bounded(9)}), histogram())
    source.add_metric_reader(prometheus_reader)
    meter = source.get_meter("app")
    meter.create_counter("things").add(3, {"x": "a"})
    meter.create_histogram("size").record(5)
    page = generate_latest(REGISTRY).decode()
    lines = [line.split("{")[0] + " " + line.rsplit(" ", 1)[1] for line in page.splitlines() if "_total{" in line]
    assert "things_total 3.0" in lines
    assert 'le="10.0"' in page


def test_a_resource_reaches_the_reader() -> None:
    """With its schema."""
    source, reader = provider(counter()), InMemoryMetricReader()
    source.resource = Resource({"service.name": "app"}, "https://schema")
    source.add_metric_reader(reader)
    source.get_meter("app").create_counter("things").add(1)
    data = reader.get_metrics_data()
    assert data is not None
    (told,) = data.resource_metrics
    assert (told.resource.attributes["service.name"], told.schema_url) == ("app", "https://schema")
