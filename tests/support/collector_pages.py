"""The Collector's page in each format that a Prometheus may ask for."""

import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support import metric_family, ports
from tests.support.collector import Collector, Labels

TEXT = "text/plain;version=0.0.4"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"
PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

TYPES = {0: "counter", 1: "gauge", 3: "untyped", 4: "histogram"}


@dataclass(frozen=True)
class Figure:
    """A series of the protobuf page. A histogram's value is its sum, `counts` are those of its buckets, cumulative.

    `start_ns` is in nanoseconds since 1970; 0 where none is told.
    """

    type: str
    value: float
    start_ns: int = 0
    counts: tuple[tuple[float, int], ...] = ()


def page(collector: Collector, accept: str) -> bytes:
    """Return the page as it is answered to an Accept header."""
    address = f"http://{ports.LOOPBACK}:{collector.page}/metrics"
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": accept}), timeout=30) as answer:
        body: bytes = answer.read()
    return body


def figures(collector: Collector, instance: str, job: str = "web") -> dict[tuple[str, Labels], Figure]:
    """Return what the protobuf page tells of an instance, by name and labels without job and instance."""
    return by_instance(collector, job).get(instance, {})


def by_instance(collector: Collector, job: str = "web") -> dict[str, dict[tuple[str, Labels], Figure]]:
    """Return what the protobuf page tells of each instance of a job, but for `target_info`."""
    found: dict[str, dict[tuple[str, Labels], Figure]] = {}
    for (name, labels), figure in parsed(page(collector, PROTOBUF)).items():
        told = dict(labels)
        if told.pop("job") == job and name != "target_info":
            found.setdefault(told.pop("instance"), {})[name, frozenset(told.items())] = figure
    return found


def parsed(protobuf: bytes) -> dict[tuple[str, Labels], Figure]:
    """Return every series of a protobuf page, the Collector's or an embedded one, by name and labels."""
    return {(name, labels): figure for name, labels, figure in _figures(protobuf)}


def _figures(protobuf: bytes) -> Iterator[tuple[str, Labels, Figure]]:
    for family in metric_family.decode(protobuf):
        kind = TYPES[family.type]
        for metric in family.metric:
            yield family.name, frozenset((pair.name, pair.value) for pair in metric.label), _figure(kind, metric)


def _figure(kind: str, metric: Any) -> Figure:  # messages of a schema made at run time have no static type
    match kind:
        case "histogram":
            told = metric.histogram
            counts = tuple((bucket.upper_bound, bucket.cumulative_count) for bucket in told.bucket)
            return Figure(
                kind, told.sample_sum, _ns(told.created_timestamp), (*counts, (float("inf"), told.sample_count))
            )
        case "counter":
            return Figure(kind, metric.counter.value, _ns(metric.counter.created_timestamp))
        case _:
            return Figure(kind, metric.gauge.value)


def _ns(timestamp: Any) -> int:  # see above
    return int(timestamp.seconds) * 1_000_000_000 + int(timestamp.nanos)
