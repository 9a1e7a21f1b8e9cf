"""OTLP metrics with a text in every place that takes one."""

import time
from collections.abc import Iterable

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric

from telemetry.contract import CONTRACT, MetricType
from tests.support.collector import attributes
from tests.support.personal_data import Datum
from tests.support.personal_payloads import fill_scope

NOW = time.time_ns()


def senders(data: Iterable[Datum]) -> ExportMetricsServiceRequest:
    """Return a sender about each datum, with the text in its resource and scope, in exemplars and in unknown names."""
    payload = ExportMetricsServiceRequest()
    for text in (datum.text for datum in data):
        resource = payload.resource_metrics.add(schema_url=text)
        names = ("service.name", "service.namespace", "service.instance.id", "service.version", "host.name", text)
        resource.resource.attributes.extend(attributes(dict.fromkeys(names, text)))
        scope = resource.scope_metrics.add(schema_url=text)
        fill_scope(scope.scope, text)
        for name in ("techsapo_http_requests_total", text):
            metric = scope.metrics.add(name=name, description=text, unit=text, metadata=attributes({text: text}))
            _add_point(metric, MetricType.COUNTER, ("route",), text)
            metric.sum.data_points[0].exemplars.add(
                filtered_attributes=attributes({text: text, "plain": text}), as_double=1, time_unix_nano=NOW
            )
    return payload


def points(data: Iterable[Datum], instance: str) -> ExportMetricsServiceRequest:
    """Return every metric of the contract that has labels, a point about each datum, the text in every label."""
    payload = ExportMetricsServiceRequest()
    resource = payload.resource_metrics.add()
    resource.resource.attributes.extend(attributes({"service.name": "tests", "service.instance.id": instance}))
    metrics = resource.scope_metrics.add().metrics
    found = tuple(data)
    for declared in CONTRACT.metrics:
        if declared.labels:
            metric = metrics.add(name=declared.name)
            labels = [label.name for label in declared.labels]
            for text in (datum.text for datum in found):
                _add_point(metric, declared.type, labels, text, declared.boundaries)
    return payload


def _add_point(
    metric: Metric, kind: MetricType, labels: Iterable[str], text: str, boundaries: tuple[float, ...] = ()
) -> None:
    attached = attributes(dict.fromkeys((*labels, text, "undeclared"), text))
    match kind:
        case MetricType.COUNTER:
            metric.sum.is_monotonic = True
            metric.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
            metric.sum.data_points.add(attributes=attached, as_double=1, time_unix_nano=NOW)
        case MetricType.GAUGE:
            metric.gauge.data_points.add(attributes=attached, as_double=1, time_unix_nano=NOW)
        case MetricType.HISTOGRAM:
            metric.histogram.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
            counts = [1, *([0] * len(boundaries))]
            metric.histogram.data_points.add(
                attributes=attached,
                count=1,
                sum=0,
                bucket_counts=counts,
                explicit_bounds=boundaries,
                time_unix_nano=NOW,
            )
