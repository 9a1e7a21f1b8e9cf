"""Our Collector from `build/`, on free ports, and its pages."""

import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric, ResourceMetrics
from prometheus_client.parser import text_string_to_metric_families

from tests.support import ports
from tests.support.processes import Server

ROOT = Path(__file__).parents[2]
COLLECTOR = ROOT / "build" / "techsapo-collector"
SALT = "the salt of the tests, no secret"

Labels = frozenset[tuple[str, str]]


class Collector(Server):
    """The Collector with the project's own configuration.

    `env` is added to its environment; `overlay` is YAML that is laid over the configuration.
    """

    def __init__(
        self,
        directory: Path,
        *,
        forward: str | None = None,
        env: Mapping[str, str] | None = None,
        overlay: str | None = None,
    ) -> None:
        self.grpc, self.http, self.page, self.health, self.telemetry = (ports.free_port() for _ in range(5))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "TECHSAPO_"))}
        own = {
            "TECHSAPO_CLIENT_IP_SALT": SALT,
            "TECHSAPO_COLLECTOR_OTLP_GRPC": f"{ports.LOOPBACK}:{self.grpc}",
            "TECHSAPO_COLLECTOR_OTLP_HTTP": f"{ports.LOOPBACK}:{self.http}",
            "TECHSAPO_COLLECTOR_PROMETHEUS": f"{ports.LOOPBACK}:{self.page}",
            "TECHSAPO_COLLECTOR_HEALTH": f"{ports.LOOPBACK}:{self.health}",
            "TECHSAPO_COLLECTOR_TELEMETRY_PORT": str(self.telemetry),
        }
        command: list[str | Path] = [COLLECTOR, "--config", "collector/config/collector.yaml"]
        if forward is not None:
            command += ["--config", "collector/config/forward.yaml"]
            own["TECHSAPO_COLLECTOR_FORWARD"] = forward
        if overlay is not None:
            laid_over = directory / "overlay.yaml"
            laid_over.write_text(overlay)
            command += ["--config", laid_over]
        super().__init__(
            command,
            output=directory / "collector.log",
            ready=self._is_ready,
            deadline=60.0,
            env={**inherited, **own, **(env or {})},
            cwd=ROOT,
        )

    @property
    def endpoint(self) -> str:
        """Where OTLP/HTTP is received, without a path."""
        return f"http://{ports.LOOPBACK}:{self.http}"

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> int:
        """Send an OTLP/HTTP body ("/v1/metrics") and return the status of the answer."""
        told = {"Content-Type": "application/x-protobuf", **(headers or {})}
        request = urllib.request.Request(self.endpoint + path, body, told)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status: int = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        return status

    def send(self, *resources: ResourceMetrics) -> Self:
        """Send metrics in one payload; they are on the page when this returns."""
        assert (
            self.post("/v1/metrics", ExportMetricsServiceRequest(resource_metrics=resources).SerializeToString()) == 200
        )
        return self

    def text(self) -> str:
        """Return the page that Prometheus scrapes, in the text format."""
        return _get(self.page, "/metrics")

    def series(self) -> dict[tuple[str, Labels], float]:
        """Return the value of every series of the page, by name and labels."""
        return samples(self.text())

    def values(self, name: str, label: str) -> dict[str, float]:
        """Return the sum of a metric's series by the value of a label."""
        found: dict[str, float] = {}
        for (series, labels), value in self.series().items():
            if series == name:
                key = dict(labels).get(label, "")
                found[key] = found.get(key, 0) + value
        return found

    def own(self, name: str, **labels: str) -> float:
        """Return the sum of one of the Collector's own figures over the series with these labels."""
        found = samples(self.own_page())
        return sum(value for (each, had), value in found.items() if each == name and set(labels.items()) <= had)

    def own_page(self) -> str:
        """Return the page of the Collector's own figures, in the text format."""
        return _get(self.telemetry, "/metrics")

    def _is_ready(self) -> bool:
        try:
            return _get(self.health, "/") != "" and ports.is_listening(self.page)
        except OSError:
            return False


def samples(page: str) -> dict[tuple[str, Labels], float]:
    """Return the value of every series of a page in the text format, by name and labels.

    Boundaries are written as Prometheus 3 writes them when it scrapes: le="5" of the Go client is le="5.0".
    """
    return {
        (sample.name, frozenset((name, _le(name, value)) for name, value in sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def _le(name: str, value: str) -> str:
    return repr(float(value)) if name == "le" and value != "+Inf" else value


def attributes(values: Mapping[str, str]) -> list[KeyValue]:
    """Return text attributes as OTLP has them."""
    return [KeyValue(key=name, value=AnyValue(string_value=value)) for name, value in values.items()]


def counter(name: str, points: Iterable[tuple[Mapping[str, str], float]], start_ns: int = 0) -> Metric:
    """Return a cumulative counter as OTLP has it: labels and value of each point."""
    metric = Metric(name=name)
    metric.sum.is_monotonic = True
    metric.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    for labels, value in points:
        metric.sum.data_points.add(
            attributes=attributes(labels),
            as_double=value,
            start_time_unix_nano=start_ns,
            time_unix_nano=time.time_ns(),
        )
    return metric


def sender(metrics: Iterable[Metric], **resource: str) -> ResourceMetrics:
    """Return metrics of one sender; `_` in the names of the resource's attributes stands for a full stop."""
    found = ResourceMetrics()
    found.resource.attributes.extend(attributes({name.replace("_", "."): value for name, value in resource.items()}))
    found.scope_metrics.add(metrics=metrics)
    return found


def _get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://{ports.LOOPBACK}:{port}{path}", timeout=10) as answer:
        body: bytes = answer.read()
    return body.decode()
