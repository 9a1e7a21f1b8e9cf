"""Where figures come from: the application's page, or what it pushes to a plain OTLP receiver in this process."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, Metric, NumberDataPoint

from app_integration.demo.figures import Figures
from app_integration.demo.posts import Post, Posts
from app_integration.demo.processes import DemoError

_METRICS_PATH = "/v1/metrics"
_MOST_BYTES = 16 * 1024 * 1024

Sample = tuple[str, Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Destination:
    """The base address that OTLP/HTTP is pushed to, and the bearer token that is asked for there."""

    endpoint: str
    token: str | None = None


class Receiver(Protocol):
    """Gets the newest figures, and tells in a line how that goes."""

    async def newest(self) -> Figures:
        """Return what is known now. Raises DemoError where a page cannot be read."""

    def described(self) -> str:
        """Tell how the figures came, for people."""


class Page:
    """Scrapes the page of the application."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url = url
        self._client = client
        self._size = 0
        self._seconds = 0.0

    async def newest(self) -> Figures:
        """Scrape the page. Raises DemoError where it cannot be read."""
        begun = time.perf_counter()
        try:
            response = (await self._client.get(self.url)).raise_for_status()
            self._seconds, self._size = time.perf_counter() - begun, len(response.content)
            return Figures.of_page(response.text, time.monotonic())
        except (httpx.HTTPError, ValueError) as error:
            msg = f"the page {self.url} cannot be read: {type(error).__name__} {error}"
            raise DemoError(msg) from error

    def described(self) -> str:
        """Tell how long the last scrape took, and how much it was."""
        return f"page of {self._size / 1024:.0f} KiB in {self._seconds * 1e3:.1f} ms"


class OtlpReceiver(Posts):
    """A plain OTLP/HTTP receiver on a free port of loopback: `with OtlpReceiver() as receiver:`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: dict[tuple[str, tuple[tuple[str, str], ...]], Sample] = {}
        self._received = 0.0
        self._pushes = 0
        self._size = 0
        super().__init__(Post(_METRICS_PATH, self.take, _MOST_BYTES, 200, "application/x-protobuf"))

    @property
    def endpoint(self) -> str:
        """The base address, for OTEL_EXPORTER_OTLP_ENDPOINT."""
        return self.address

    def take(self, body: bytes) -> None:
        """Keep the newest point of each series. Raises ValueError: it is none."""
        try:
            request = ExportMetricsServiceRequest.FromString(body)
        except DecodeError as error:
            raise ValueError(str(error)) from error
        samples = [sample for metric in _metrics(request) for sample in _samples(metric)]
        with self._lock:
            self._samples.update(
                ((name, tuple(sorted(labels.items()))), (name, labels, v)) for name, labels, v in samples
            )
            self._received = time.monotonic()
            self._pushes += 1
            self._size = len(body)

    async def newest(self) -> Figures:
        """Return the newest point of each series."""
        with self._lock:
            return Figures.of_samples(self._samples.values(), self._received)

    def described(self) -> str:
        """Tell how many pushes there were, and how much the last one was."""
        with self._lock:
            return f"{self._pushes} OTLP pushes, the last of {self._size / 1024:.0f} KiB"


def _metrics(request: ExportMetricsServiceRequest) -> Iterator[Metric]:
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            yield from scope.metrics


def _samples(metric: Metric) -> Iterator[Sample]:
    for number in (*metric.sum.data_points, *metric.gauge.data_points):
        yield metric.name, _labels(number.attributes), _value(number)
    for histogram in metric.histogram.data_points:
        yield from _histogram_samples(metric.name, histogram)


def _value(point: NumberDataPoint) -> float:
    return float(point.as_int) if point.WhichOneof("value") == "as_int" else point.as_double


def _histogram_samples(name: str, point: HistogramDataPoint) -> Iterator[Sample]:
    labels = _labels(point.attributes)
    yield f"{name}_count", labels, float(point.count)
    yield f"{name}_sum", labels, point.sum
    cumulated = 0.0
    for bound, count in zip((*point.explicit_bounds, float("inf")), point.bucket_counts, strict=True):
        cumulated += count
        yield f"{name}_bucket", {**labels, "le": str(bound)}, cumulated


def _labels(attributes: Iterable[KeyValue]) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in attributes}
