"""The Collector's page as a real Prometheus sees it, in each format that it may ask for."""

import re
import time
from collections.abc import Iterator

import pytest
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.resources import Resource

from telemetry.contract import CONTRACT, Bounded, Enum, Label, MetricType
from telemetry.engine.collect import metrics_data
from telemetry.exposition.syntax import bound
from tests.conftest import StartCollector, StartPrometheus
from tests.support import otlp_payloads as otlp
from tests.support import ports, wait
from tests.support.collector import Collector
from tests.support.collector_pages import OPENMETRICS, TEXT, page
from tests.support.engine_pushes import PushingEngines
from tests.support.prometheus import Prometheus
from tests.support.snapshots import every_metric

LOGINS = "techsapo_auth_attempts_total"
COST = "techsapo_wallbounce_cost_usd"
CONFIDENCE = "techsapo_wallbounce_consensus_confidence"

Labels = frozenset[tuple[str, str]]

# The formats as Prometheus names them; by default it asks for protobuf first, since start timestamps are wanted.
PROTOCOLS = {
    "default": (),
    "protobuf": ("PrometheusProto",),
    "OpenMetrics": ("OpenMetricsText1.0.0",),
    "text": ("PrometheusText0.0.4",),
}
# The Collector tells start timestamps in protobuf alone (docs/adr/0008).
TELLS_STARTS = {"default", "protobuf"}


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> str:
    """One of the formats."""
    return str(request.param)


@pytest.fixture
def prometheus(protocol: str, collector: Collector, start_prometheus: StartPrometheus) -> Prometheus:
    """A Prometheus that scrapes the Collector in this format, and has done so."""
    started = start_prometheus([f"{ports.LOOPBACK}:{collector.page}"], protocols=PROTOCOLS[protocol])
    wait.until(lambda: started.targets_up() == 1, 30, "the first scrape")
    return started


def send_every_metric(collector: Collector) -> None:
    """Send all metrics of the contract, each with two series where it has labels."""
    resource = Resource({"service.name": "shop", "service.instance.id": "one", "service.version": "1.2.3", "zoe": "x"})
    told = metrics_data(every_metric(), resource, time.time_ns())
    assert told is not None
    assert collector.post("/v1/metrics", encode_metrics(told).SerializeToString()) == 200


def admitted(label: Label, value: str) -> str:
    """Return a value as its label has it: what does not fit the pattern is `other`."""
    fits = not isinstance(label.domain, Bounded) or re.fullmatch(label.domain.pattern, value)
    return value if fits else "other"


def expected_series() -> Iterator[Labels]:
    """Yield the series of `every_metric` as Prometheus has to see them."""
    who = {"job": "shop", "instance": "one"}
    yield frozenset({"__name__": "target_info", "service_version": "1.2.3", **who}.items())
    for taken in every_metric():
        metric = taken.metric
        for each, _ in taken.points:
            labels = {**{label.name: admitted(label, each.attributes[label.name]) for label in metric.labels}, **who}
            if metric.type is MetricType.HISTOGRAM:
                for le in [*map(bound, metric.boundaries), "+Inf"]:
                    yield frozenset({"__name__": f"{metric.name}_bucket", "le": le, **labels}.items())
                yield from (
                    frozenset({"__name__": f"{metric.name}{end}", **labels}.items()) for end in ("_sum", "_count")
                )
            elif metric.one_hot is not None:
                domain = metric.labels[metric.label_names.index(metric.one_hot)].domain
                assert isinstance(domain, Enum)
                for value in domain.values:
                    yield frozenset({"__name__": metric.name, **labels, metric.one_hot: value}.items())
            else:
                yield frozenset({"__name__": metric.name, **labels}.items())


def test_prometheus_sees_the_contracts_series_in_every_format(collector: Collector, prometheus: Prometheus) -> None:
    """Names, types, and labels exactly those of the contract with job and instance of the sender."""
    send_every_metric(collector)
    wait.until(lambda: prometheus.value(LOGINS), 30, "the scrape of what was sent")
    assert {frozenset(labels.items()) for labels in prometheus.series('{job="shop"}')} == set(expected_series())
    assert {metric.name: prometheus.metric_type(metric.name) for metric in CONTRACT.metrics} == {
        metric.name: metric.type.value for metric in CONTRACT.metrics
    }
    (cost,) = prometheus.query(f'{COST}{{provider="other"}}')
    assert cost.value == 1.5
    assert prometheus.series(f"{COST}_total") == []


def test_a_counter_that_is_born_at_5_has_increased_by_5(
    protocol: str, collector: Collector, prometheus: Prometheus
) -> None:
    """Where the format has start timestamps, and a histogram by what it is born with; the others lose that."""
    with PushingEngines(collector) as engines:
        provider = engines.make("one", service="shop")
        meter = provider.get_meter("tests")
        meter.create_counter("techsapo.auth.attempts").add(5, {"status": "success", "method": "jwt"})
        for _ in range(3):
            meter.create_histogram("techsapo.wallbounce.consensus.confidence").record(0.5)
        assert provider.force_flush()
        scrapes = 3 if protocol in TELLS_STARTS else 2
        counted = f"count_over_time({LOGINS}[1m])"
        wait.until(lambda: (prometheus.value(counted) or 0) >= scrapes, 30, "two scrapes of it")
        assert prometheus.value(LOGINS) == 5
        increases = [prometheus.value(f"increase({name}[1m] anchored)") for name in (LOGINS, f"{CONFIDENCE}_count")]
        assert increases == ([5, 3] if protocol in TELLS_STARTS else [0, 0])


def test_who_asks_for_openmetrics_gets_the_text_format(collector: Collector) -> None:
    """In which the cost is the counter that it is: OpenMetrics has no counters without `_total`."""
    send_every_metric(collector)
    asked = page(collector, OPENMETRICS)
    assert asked == page(collector, TEXT)
    assert f"# TYPE {COST} counter\n".encode() in asked


def test_a_sender_that_goes_silent_disappears(
    make_collector: StartCollector, start_prometheus: StartPrometheus
) -> None:
    """Once its figures have expired, from Prometheus as well: those of the others stay."""
    collector = make_collector(overlay="{exporters: {prometheus: {metric_expiration: 3s}}}")
    prometheus = start_prometheus([f"{ports.LOOPBACK}:{collector.page}"])
    logins = otlp.Number({"status": "success", "method": "jwt"}, 5)

    def shown(*senders: str) -> set[str]:
        fresh = otlp.Number(logins.labels, logins.value)
        collector.send(*(otlp.instance([otlp.counter(LOGINS, [fresh])], sender) for sender in senders))
        return {sample.labels["instance"] for sample in prometheus.query(LOGINS)}

    shown("silent")
    wait.until(lambda: shown("steady") == {"silent", "steady"}, 30, "both senders")
    wait.until(lambda: shown("steady") == {"steady"}, 30, "the end of the silent one")
    assert prometheus.targets_up() == 1
