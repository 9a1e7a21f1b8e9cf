"""What a page costs: collecting and writing counters and histograms, in microseconds a series."""

import prometheus_client
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider as StockMeterProvider
from opentelemetry.sdk.resources import Resource

from benchmarks import peers
from benchmarks.table import OURS, Row
from benchmarks.timing import in_turn
from telemetry.engine import MeterProvider
from telemetry.exposition import text

SERIES = 500
AIM = 20.0
_ROUNDS = 5


def rows() -> list[Row]:
    """Time a page of 500 counters and one of 500 histograms of 14 buckets, two labels each."""
    return [_row("counter"), _row("histogram")]


def _sent() -> list[dict[str, str]]:
    return [{"label_0": f"value-{number % 50}", "label_1": f"value-{number // 50}"} for number in range(SERIES)]


def _row(kind: str) -> Row:
    provider = MeterProvider(peers.contract(2), resource=Resource({}), salt=peers.SALT)
    stock_registry = prometheus_client.CollectorRegistry()
    stock = StockMeterProvider(metric_readers=[_reader(stock_registry)], shutdown_on_exit=False)
    registry = prometheus_client.CollectorRegistry()
    names = ("label_0", "label_1")
    if kind == "counter":
        counters = [found.get_meter("bench").create_counter("bench.counter") for found in (provider, stock)]
        client_counter = prometheus_client.Counter("bench_counter", "A counter.", names, registry=registry)
        for attributes in _sent():
            for counter in counters:
                counter.add(1.5, attributes)
            client_counter.labels(*attributes.values()).inc(1.5)
    else:
        histograms = [
            found.get_meter("bench").create_histogram(
                "bench.histogram", explicit_bucket_boundaries_advisory=peers.BOUNDARIES
            )
            for found in (provider, stock)
        ]
        client_histogram = prometheus_client.Histogram(
            "bench_histogram", "A histogram.", names, buckets=peers.BOUNDARIES, registry=registry
        )
        for attributes in _sent():
            for histogram in histograms:
                histogram.record(0.3, attributes)
            client_histogram.labels(*attributes.values()).observe(0.3)
    timed = in_turn(
        {
            OURS: lambda: text.write(provider.snapshot()),
            peers.CLIENT: lambda: prometheus_client.generate_latest(registry),
            peers.SDK: lambda: prometheus_client.generate_latest(stock_registry),
        },
        rounds=_ROUNDS,
        calls=5,
    )
    a_series = {name: value.scaled(1 / SERIES / 1_000) for name, value in timed.items()}
    return Row(f"page of {SERIES} {kind}s", "µs a series", a_series, {peers.CLIENT: AIM})


def _reader(registry: prometheus_client.CollectorRegistry) -> PrometheusMetricReader:
    return PrometheusMetricReader(registry=registry)
