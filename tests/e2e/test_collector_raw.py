"""Senders that know nothing of the contract: the instruments of a stock SDK come out as our own engine shows them."""

import random
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from opentelemetry import metrics
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider as StockProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

from telemetry.contract import CONTRACT
from telemetry.engine import MeterProvider
from telemetry.exposition import text
from tests.support.collector import SALT, Collector, samples

Measure = Callable[[metrics.Meter, random.Random], None]
Attributes = dict[str, str | int]

HTTP = CONTRACT.by_name["techsapo_http_request_duration_seconds"].boundaries
SIZES = CONTRACT.by_name["techsapo_http_request_size_bytes"].boundaries
DATABASE = CONTRACT.by_name["techsapo_db_operation_duration_seconds"].boundaries
CALLS = CONTRACT.by_name["techsapo_llm_response_time_seconds"].boundaries


def serve(meter: metrics.Meter, choose: random.Random) -> None:
    """Measure a web server as its instrumentation does, with routes, methods and status codes of all kinds."""
    duration = meter.create_histogram("http.server.request.duration", explicit_bucket_boundaries_advisory=HTTP)
    received = meter.create_histogram("http.server.request.body.size", explicit_bucket_boundaries_advisory=SIZES)
    active = meter.create_up_down_counter("http.server.active_requests")
    for _ in range(300):
        attributes: Attributes = {
            "http.request.method": choose.choice(["GET", "POST", "_OTHER"]),
            "url.scheme": "https",
            "server.address": f"host-{choose.randrange(50)}.example.com",
            "server.port": choose.choice([443, 8443]),
        }
        active.add(choose.choice([1, 1, -1]), {"http.request.method": "GET", "url.scheme": "https"})
        if choose.random() < 0.9:
            attributes["http.route"] = choose.choice(["/users/{id}", "/orders", "no route", "/users/1234567"])
        if choose.random() < 0.9:
            attributes["http.response.status_code"] = choose.choice([200, 201, 404, 500, 999])
        duration.record(choose.random() * 12, attributes)
        received.record(choose.randrange(2**25), attributes)


def store(meter: metrics.Meter, choose: random.Random) -> None:
    """Measure databases: two that the contract knows, and one that it does not."""
    duration = meter.create_histogram("db.client.operation.duration", explicit_bucket_boundaries_advisory=DATABASE)
    connections = meter.create_up_down_counter("db.client.connection.count")
    for _ in range(300):
        attributes: Attributes = {
            "db.system.name": choose.choice(["redis", "mysql", "postgresql"]),
            "db.operation.name": choose.choice(["get", "SELECT", "commit", "what is this"]),
            "db.query.text": "SELECT * FROM users WHERE email = 'zoe@example.com'",
        }
        if choose.random() < 0.2:
            attributes["error.type"] = "TimeoutError"
        duration.record(choose.random(), attributes)
        state = choose.choice(["used", "idle"])
        connections.add(1, {"db.system.name": "redis", "db.client.connection.state": state, "pool": "zoe"})


def call(meter: metrics.Meter, choose: random.Random) -> None:
    """Measure calls of LLM providers, each operation under a name of its own: an old one and a newer one."""
    named = ("gen_ai.client.operation.duration", "gen_ai.client.inference.operation.duration")
    durations = [meter.create_histogram(name, explicit_bucket_boundaries_advisory=CALLS) for name in named]
    tokens = meter.create_histogram("gen_ai.client.token.usage", explicit_bucket_boundaries_advisory=[1.0, 4.0])
    for number in range(300):
        attributes: Attributes = {
            choose.choice(["gen_ai.provider.name", "gen_ai.system"]): choose.choice(["openai", "anthropic"]),
            "gen_ai.request.model": choose.choice(["gpt-5", "claude-sonnet-4", "not a model"]),
            "gen_ai.operation.name": ["embeddings", "chat"][number % 2],
        }
        if number % 7 == 0:
            attributes["server.address"] = "openrouter.ai"
        if number % 5 == 0:
            attributes["error.type"] = choose.choice(["429", "APITimeoutError", "ValueError"])
        durations[number % 2].record(choose.random() * 90, attributes)
        tokens.record(
            choose.randrange(1, 9_000), {**attributes, "gen_ai.token.type": choose.choice(["input", "output"])}
        )


def operate(meter: metrics.Meter, choose: random.Random) -> None:
    """Record this project's own instruments: counters, gauges, addresses, memory."""
    hits = meter.create_counter("techsapo.rate_limit.hits")
    cache = meter.create_counter("techsapo.cache.requests")
    queue = meter.create_gauge("techsapo.queue.size")
    memory = meter.create_up_down_counter("process.memory.usage", unit="By")
    memory.add(123_456_789)
    for _ in range(300):
        address = f"{choose.randrange(1, 224)}.{choose.randrange(256)}.{choose.randrange(256)}.9"
        hits.add(choose.randrange(1, 9), {"endpoint": "/analyses", "client_ip": address})
        cache.add(1, {"cache_type": "redis", "result": choose.choice(["hit", "miss"]), "key": "user:zoe"})
        queue.set(choose.randrange(100), {"queue_name": f"q{choose.randrange(20)}"})


@pytest.mark.parametrize("measure", [serve, store, call, operate])
def test_a_stock_sdk_gives_the_page_of_our_engine(measure: Measure, collector: Collector) -> None:
    """Series by series: what a semantic view takes in the process, it takes in the Collector."""
    resource = Resource({"service.name": "app", "service.instance.id": "one", "host.name": "zoes-laptop"})
    exporter = OTLPMetricExporter(endpoint=f"{collector.endpoint}/v1/metrics")
    with ExitStack() as stack:
        own = MeterProvider(CONTRACT, resource=resource, salt=SALT.encode())
        stack.callback(own.shutdown)
        stock = StockProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)], resource)
        stack.callback(stock.shutdown, timeout_millis=1_000)
        for provider in (own, stock):
            measure(provider.get_meter("tests"), random.Random(5))
        assert stock.force_flush()
        embedded = samples(text.write(own.snapshot(), "").decode())
    through = {
        (name, labels - {("job", "app"), ("instance", "one")}): value
        for (name, labels), value in collector.series().items()
        if name != "target_info"
    }
    # A figure of the process itself: what it drops, a stock SDK sends.
    del embedded["techsapo_telemetry_dropped_instruments", frozenset()]
    assert len(embedded) > 20
    assert set(embedded) == set(through)
    assert embedded == pytest.approx(through, rel=1e-9)
    assert "zoe" not in collector.text()
