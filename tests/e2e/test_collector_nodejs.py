"""A Node.js service as it comes: no instance id, raw addresses, a resource that tells who runs it on which machine."""

from pathlib import Path

import pytest

from telemetry.contract.networks import client_ip_buckets
from tests.conftest import StartCollector
from tests.support import nodejs_sender, npm, wait
from tests.support.collector import SALT, Collector
from tests.support.otlp_sink import OtlpSink

ADDRESSES = ["203.0.113.9", "203.0.113.9", "10.1.2.3", "2001:db8:1:2::3", "::ffff:198.51.100.7", "no address"]


@pytest.fixture(scope="module")
def sender() -> Path:
    """The service, with what it depends on."""
    if not npm.installed():
        pytest.skip(npm.MISSING)
    return nodejs_sender.install()


def test_a_nodejs_service_is_held_to_the_contract(sender: Path, collector: Collector) -> None:
    """Its requests by status, its durations, V8's heap, and its clients as buckets; and two of them stay apart."""
    for _ in range(2):
        nodejs_sender.send(sender, collector.endpoint, 5, ADDRESSES, {"OTEL_SERVICE_NAME": "web"})
    buckets = client_ip_buckets(SALT.encode())
    expected: dict[str, float] = {}
    for address in ADDRESSES:
        expected[buckets.bucket(address)] = expected.get(buckets.bucket(address), 0) + 2
    assert collector.values("techsapo_rate_limit_hits_total", "client_ip") == expected
    assert collector.values("techsapo_http_requests_total", "status_code") == {"200": 10, "404": 2, "500": 2}
    assert collector.values("techsapo_http_request_duration_seconds_count", "method") == {"GET": 14}
    assert collector.values("techsapo_http_requests_total", "job") == {"web": 14}
    instances = collector.values("techsapo_http_requests_total", "instance")
    assert [7, 7] == list(instances.values())
    assert all(instance.startswith("hashed-") for instance in instances)
    used, total = (
        collector.values(f"nodejs_heap_size_{which}_bytes", "instance")[next(iter(instances))]
        for which in ("used", "total")
    )
    assert 1_000_000 < used < total
    # V8's pauses come with boundaries of their own, as it is documented.
    assert collector.own("otelcol_processor_techsapo_policy_refused_points_total", reason="wrong_boundaries") > 0


def test_nothing_of_a_nodejs_resource_or_span_gets_through(
    sender: Path, make_collector: StartCollector, otlp_sink: OtlpSink
) -> None:
    """Neither addresses and e-mail addresses in what it sends, nor its user, machine and command line in metrics."""
    collector = make_collector(forward=otlp_sink.endpoint)
    resource = "process.owner=zoe,host.name=zoes-laptop,host.id=4c4c4544,service.version=1.2.3"
    nodejs_sender.send(
        sender,
        collector.endpoint,
        3,
        ADDRESSES,
        {"OTEL_SERVICE_NAME": "web", "OTEL_RESOURCE_ATTRIBUTES": resource},
    )
    wait.until(lambda: otlp_sink.requests, 30, "the traces")
    traces = b"".join(request.body for request in otlp_sink.requests).decode(errors="replace")
    assert "[email]" in traces
    assert "[ip]" in traces
    page = collector.text()
    for secret in ("zoe.quill", "203.0.113.9", "2001:db8:1:2", "198.51.100.7"):
        assert secret not in traces + page + collector.output
    for kept in ("zoe", "4c4c4544", "sender.mjs"):
        assert kept not in page
    assert [labels for (name, labels) in collector.series() if name == "target_info"] == [
        frozenset({("job", "web"), ("instance", instance), ("service_version", "1.2.3")})
        for instance in collector.values("techsapo_http_requests_total", "instance")
    ]
