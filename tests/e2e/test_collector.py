"""The Collector as it is built and configured: what comes in by OTLP, what Prometheus gets to see."""

import gzip
import random
import subprocess

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

from telemetry.contract import CONTRACT
from telemetry.contract.networks import client_ip_buckets
from telemetry.engine import MeterProvider
from telemetry.exposition import text
from telemetry.privacy import ALL_BUCKETS
from tests.conftest import StartCollector
from tests.support.collector import COLLECTOR, SALT, Collector, counter, samples, sender

HITS = "techsapo_rate_limit_hits_total"
LOGINS = "techsapo_auth_attempts_total"
REFUSED = "otelcol_processor_techsapo_policy_refused_points_total"


def measure(provider: MeterProvider, seed: int) -> None:
    """Record some of everything: counters, histograms, gauges, raw addresses, values past a limit."""
    choose = random.Random(seed)
    meter = provider.get_meter("tests")
    hits = meter.create_counter("techsapo.rate_limit.hits")
    requests = meter.create_histogram("http.server.request.duration")
    analyses = meter.create_counter("techsapo.wallbounce.requests")
    confidence = meter.create_histogram("techsapo.wallbounce.consensus.confidence")
    cache = meter.create_counter("techsapo.cache.requests")
    queue = meter.create_gauge("techsapo.queue.size")
    breaker = meter.create_gauge("techsapo.circuit_breaker.state")
    active = meter.create_up_down_counter("techsapo.connections.active")
    for number in range(400):
        address = f"{choose.randrange(1, 224)}.{choose.randrange(256)}.{choose.randrange(256)}.9"
        hits.add(choose.randrange(1, 9), {"endpoint": "/analyses", "client_ip": address})
        route = {"http.request.method": "GET", "http.route": f"/r{choose.randrange(5)}"}
        requests.record(choose.random() * 12, {**route, "http.response.status_code": 200})
        analyses.add(1, {"task_type": "basic", "provider": f"p{number % 40}", "status": "success"})
        confidence.record(choose.random())
        cache.add(1, {"cache_type": "redis", "result": choose.choice(["hit", "miss"])})
        queue.set(number, {"queue_name": f"q{number % 40}"})
        active.add(1, {"connection_type": "grpc"})
    breaker.set(1, {"service": "openai", "state": "open"})


def pushing(collector: Collector, instance: str, service: str = "app") -> MeterProvider:
    """Return a provider that pushes to a Collector when it is flushed."""
    resource = Resource({"service.name": service, "service.instance.id": instance, "service.version": "1.2.3"})
    provider = MeterProvider(CONTRACT, resource=resource, salt=SALT.encode())
    exporter = OTLPMetricExporter(endpoint=f"{collector.endpoint}/v1/metrics")
    provider.add_metric_reader(PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000))
    return provider


def test_both_ways_show_the_same_page(collector: Collector) -> None:
    """Series by series, but for job and instance, and the figures that differ by their moment."""
    provider = pushing(collector, "one")
    measure(provider, 1)
    assert provider.force_flush()
    embedded = samples(text.write(provider.snapshot(), "1.2.3").decode())
    through = {}
    for (name, labels), value in collector.series().items():
        assert ("job", "app") in labels
        assert ("instance", "one") in labels
        through[name, labels - {("job", "app"), ("instance", "one")}] = value
    assert len(embedded) > 300
    assert set(embedded) == set(through)
    assert embedded == pytest.approx(through, rel=1e-12)
    provider.shutdown()


def test_both_ways_show_the_same_types_and_descriptions(collector: Collector) -> None:
    """The cost counter, whose name has no _total, included."""
    provider = pushing(collector, "one")
    measure(provider, 2)
    meter = provider.get_meter("tests")
    meter.create_counter("techsapo.errors").add(1, {"error_type": "TimeoutError", "severity": "error", "service": "a"})
    assert provider.force_flush()
    embedded = text.write(provider.snapshot(), "1.2.3").decode()
    described = {line for line in embedded.splitlines() if line.startswith("#") and "target_info" not in line}
    found = {line for line in collector.text().splitlines() if line.startswith("#") and "target_info" not in line}
    assert described == found
    provider.shutdown()


def test_two_processes_add_up(collector: Collector) -> None:
    """What comes out is what went in, the first interval included."""
    providers = [pushing(collector, name) for name in ("one", "two")]
    for seed, provider in enumerate(providers):
        measure(provider, seed)
        assert provider.force_flush()
    sent = sum(
        value
        for provider in providers
        for taken in provider.snapshot()
        if taken.metric.name == HITS
        for _, value in taken.points
        if isinstance(value, int | float)
    )
    by_instance = collector.values(HITS, "instance")
    assert set(by_instance) == {"one", "two"}
    assert sum(by_instance.values()) == sent
    assert sum(collector.values("techsapo_wallbounce_consensus_confidence_count", "instance").values()) == 800
    for provider in providers:
        provider.shutdown()


def test_a_sender_of_raw_addresses_is_masked(collector: Collector) -> None:
    """As a Node.js service sends them: the buckets are Python's, their sum is the number of hits."""
    buckets = client_ip_buckets(SALT.encode())
    addresses = [f"203.{n % 256}.{n // 256}.7" for n in range(3_000)] + ["10.1.2.3", "::1", "no address"]
    raw = [({"endpoint": "/a", "client_ip": address, "user": "zoe"}, 2.0) for address in addresses]
    collector.send(sender([counter(HITS, raw)], service_name="web", process_owner="zoe"))
    expected: dict[str, float] = {}
    for address in addresses:
        expected[buckets.bucket(address)] = expected.get(buckets.bucket(address), 0) + 2
    assert collector.values(HITS, "client_ip") == expected
    assert set(expected) <= set(ALL_BUCKETS)
    assert "zoe" not in collector.text()


def test_what_is_masked_already_stays(collector: Collector) -> None:
    """A sender that masks and one that does not meet in the same bucket."""
    bucket = client_ip_buckets(SALT.encode()).bucket("198.51.100.7")
    collector.send(
        sender(
            [counter(HITS, [({"endpoint": "/a", "client_ip": value}, 1.0) for value in (bucket, "198.51.100.7")])],
            service_name="web",
        )
    )
    assert collector.values(HITS, "client_ip") == {bucket: 2.0}


def test_senders_without_an_instance_id_stay_apart(collector: Collector) -> None:
    """Each gets an id that its resource gives it, the same at every push."""
    for _ in range(2):
        for pid in ("1", "2"):
            points = [({"status": "success", "method": "jwt"}, 5.0)]
            collector.send(sender([counter(LOGINS, points)], service_name="web", process_pid=pid))
    instances = collector.values(LOGINS, "instance")
    assert sorted(instances.values()) == [5.0, 5.0]
    assert all(instance.startswith("hashed-") for instance in instances)


def test_one_name_from_several_scopes_resources_and_metrics_adds_up(collector: Collector) -> None:
    """Of one payload: whatever a sender has split is one series again."""
    points = [({"status": "success", "method": "jwt"}, 5.0)]
    one = sender([counter(LOGINS, points), counter(LOGINS, points)], service_name="web", service_instance_id="1")
    one.scope_metrics.add(metrics=[counter(LOGINS, points)])
    two = sender([counter(LOGINS, points)], service_name="web", service_instance_id="1", os_type="linux")
    collector.send(one, two)
    assert collector.values(LOGINS, "instance") == {"1": 20.0}


def test_broken_points_are_refused_one_by_one(collector: Collector) -> None:
    """The rest of the payload goes on, and the reasons are counted."""
    delta = counter(LOGINS, [({"status": "failure", "method": "jwt"}, 3.0)])
    delta.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    points = [({"status": "success", "method": method}, value) for method, value in (("jwt", 5.0), ("api_key", -1.0))]
    points += [({"status": "success", "method": "mtls"}, float("nan"))]
    collector.send(sender([delta, counter(LOGINS, points), counter("no_such_metric", points)], service_name="web"))
    assert collector.values(LOGINS, "method") == {"jwt": 5.0}
    refused = {why: collector.own(REFUSED, reason=why) for why in ("delta", "broken", "wrong_type")}
    assert refused == {"delta": 1.0, "broken": 2.0, "wrong_type": 0.0}
    assert collector.own("otelcol_processor_techsapo_policy_unknown_metrics_total") == 1.0


@pytest.mark.parametrize(
    "salt",
    [
        "0123456789012345",
        "12345678901234567890e5",
        'a: b$c {[x]} # "q" y',
        "'quoted quoted quoted'",
        "[1,2,3,4,5,6,7,8]",
    ],
)
def test_the_salt_is_taken_as_it_is_written(make_collector: StartCollector, salt: str) -> None:
    """Whatever YAML would make of it, the Collector's buckets are the process's."""
    collector = make_collector(env={"TECHSAPO_CLIENT_IP_SALT": salt})
    raw = [({"endpoint": "/a", "client_ip": "203.0.113.9"}, 1.0), ({"endpoint": "/a", "client_ip": "2001:db8::1"}, 1.0)]
    collector.send(sender([counter(HITS, raw)], service_name="web"))
    buckets = client_ip_buckets(salt.encode())
    assert set(collector.values(HITS, "client_ip")) == {buckets.bucket("203.0.113.9"), buckets.bucket("2001:db8::1")}
    assert salt not in collector.output


def test_the_collector_does_not_start_without_a_salt(make_collector: StartCollector) -> None:
    """It says in a line what to set."""
    collector = make_collector(start=False)
    environment = {name: value for name, value in (collector.env or {}).items() if "SALT" not in name}
    ended = subprocess.run(
        collector.command, cwd=collector.cwd, env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode != 0
    assert "client_ip_salt: set it, or client_ip_salt_file" in ended.stderr


def test_what_is_no_otlp_is_refused_and_harms_nothing(collector: Collector) -> None:
    """Malformed bodies and a compressed bomb get a 4xx; later requests work."""
    assert collector.post("/v1/metrics", b"\xff" * 100) == 400
    assert collector.post("/v1/metrics", gzip.compress(b"\0" * 1_000)) == 400
    collector.send(sender([counter(LOGINS, [({"status": "success", "method": "jwt"}, 5.0)])], service_name="web"))
    assert collector.values(LOGINS, "method") == {"jwt": 5.0}


def test_the_binary_is_ours() -> None:
    """It tells its name and version."""
    told = subprocess.run([COLLECTOR, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    assert told.startswith("techsapo-collector version ")
