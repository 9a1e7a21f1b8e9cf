"""Our engine in the test's own process, pushing to a Collector when it is told to."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

from telemetry.contract import CONTRACT
from telemetry.engine import MeterProvider, Weight
from tests.support.collector import SALT, Collector

# A million tokens of any model cost a dollar.
PRICE = Weight(("gen_ai.request.model",), lambda _: 1e-6)
NEVER_BY_ITSELF = 3_600_000


class PushingEngines:
    """Makes providers that push to one Collector, and shuts them down at the end."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self._made = ExitStack()

    def make(
        self,
        instance: str,
        *,
        service: str = "app",
        weights: Mapping[str, Weight] | None = None,
        clock: Callable[[], int] | None = None,
    ) -> MeterProvider:
        """Return a provider of the contract as an instance of a service, of version 1.2.3."""
        resource = Resource({"service.name": service, "service.instance.id": instance, "service.version": "1.2.3"})
        told = {"model_price": PRICE} if weights is None else weights
        provider = (
            MeterProvider(CONTRACT, resource=resource, salt=SALT.encode(), weights=told)
            if clock is None
            else MeterProvider(CONTRACT, resource=resource, salt=SALT.encode(), weights=told, clock=clock)
        )
        exporter = OTLPMetricExporter(endpoint=f"{self.collector.endpoint}/v1/metrics")
        provider.add_metric_reader(PeriodicExportingMetricReader(exporter, export_interval_millis=NEVER_BY_ITSELF))
        self._made.callback(provider.shutdown)
        return provider

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._made.close()
