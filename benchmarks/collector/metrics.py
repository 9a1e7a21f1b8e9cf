"""Pushes of metrics: an app's by this library and by the stock SDK, one that masks nothing, a flood of addresses."""

from collections.abc import Iterable

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.metrics import MeterProvider as AnyMeterProvider
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, NumberDataPoint
from opentelemetry.sdk.metrics import MeterProvider as StockMeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricReader
from opentelemetry.sdk.resources import Resource

from benchmarks.collector import app
from benchmarks.collector.load import WRITTEN_NS, Load, key_values, resource
from telemetry.contract.networks import client_ip_buckets
from telemetry.engine import MeterProvider
from tests.support.collector import SALT, counter, sender

Point = NumberDataPoint | HistogramDataPoint

# Pushed at a time: what fills a payload of some hundred KiB.
_ADDRESSES_A_PUSH = 2_000


def masked(instances: int) -> Load:
    """Metrics as this library sends them: the contract's own, client addresses as buckets."""
    return _load("data point", [_ours() for _ in range(instances)])


def stock(instances: int) -> Load:
    """The same app with the stock SDK: raw instruments, raw client addresses."""
    return _load("data point, raw", [_stock() for _ in range(instances)])


def personal(instances: int) -> Load:
    """The contract's metrics from a sender that masks nothing: an e-mail address in each point, raw client addresses.

    No two addresses of a route share a bucket: both Collectors have equally many series.
    """
    pushes = [_ours() for _ in range(instances)]
    raw = _address_of_each_bucket()
    for number, point in enumerate(point for push in pushes for point in points(push)):
        for attribute in point.attributes:
            if attribute.key == "client_ip":
                attribute.value.string_value = raw[attribute.value.string_value]
        point.attributes.extend(key_values({"enduser.email": f"user{number % 1_000}@example.com"}))
    return _load("data point, all personal", pushes)


def addresses(distinct: int) -> Load:
    """A flood of client addresses, each its own, from one process."""
    pushes = [
        sender(
            [
                counter(
                    "techsapo_rate_limit_hits_total",
                    [
                        ({"endpoint": "/analyses", "client_ip": address(number)}, 1)
                        for number in range(first, min(first + _ADDRESSES_A_PUSH, distinct))
                    ],
                )
            ],
            service_name="shop",
            service_instance_id="flooded",
        )
        for first in range(0, distinct, _ADDRESSES_A_PUSH)
    ]
    bodies = [ExportMetricsServiceRequest(resource_metrics=[push]).SerializeToString() for push in pushes]
    return Load("client addresses", "/v1/metrics", bodies, distinct)


def address(number: int) -> str:
    """Return a client's address, another one for each number below five million."""
    return f"{11 + number // 65_536}.{number // 256 % 256}.{number % 256}.7"


def points(push: ExportMetricsServiceRequest) -> Iterable[Point]:
    """Return every data point of a push."""
    for each in push.resource_metrics:
        for scope in each.scope_metrics:
            for metric in scope.metrics:
                yield from metric.sum.data_points
                yield from metric.gauge.data_points
                yield from metric.histogram.data_points


def _load(what: str, pushes: list[ExportMetricsServiceRequest]) -> Load:
    total = 0
    for instance, push in enumerate(pushes):
        push.resource_metrics[0].resource.attributes.extend(resource(instance))
        for point in points(push):
            point.start_time_unix_nano, point.time_unix_nano = WRITTEN_NS - 10**18, WRITTEN_NS
            total += 1
    return Load(what, "/v1/metrics", [push.SerializeToString() for push in pushes], total)


def _ours() -> ExportMetricsServiceRequest:
    provider = MeterProvider(resource=Resource.get_empty(), salt=SALT.encode())
    reader = InMemoryMetricReader()
    provider.add_metric_reader(reader)
    return _pushed(provider, reader)


def _stock() -> ExportMetricsServiceRequest:
    reader = InMemoryMetricReader()
    return _pushed(
        StockMeterProvider(metric_readers=[reader], resource=Resource.get_empty(), shutdown_on_exit=False), reader
    )


def _pushed(provider: AnyMeterProvider, reader: MetricReader) -> ExportMetricsServiceRequest:
    app.record(provider.get_meter("app"))
    assert isinstance(reader, InMemoryMetricReader)
    collected = reader.get_metrics_data()
    assert collected is not None
    return encode_metrics(collected)


def _address_of_each_bucket() -> dict[str, str]:
    buckets = client_ip_buckets(SALT.encode())
    return {buckets.bucket(address(number)): address(number) for number in range(20_000)}
