"""Senders between two editions of the GenAI conventions: through the Collector, too, each call counts once."""

import random
from collections.abc import Callable, Sequence
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
from tests.support import otlp_payloads as otlp
from tests.support.collector import SALT, Collector, samples

CALLS = CONTRACT.by_name["techsapo_llm_response_time_seconds"].boundaries
REFUSED = "otelcol_processor_techsapo_policy_refused_points_total"
REQUESTS, TOKENS = "techsapo_llm_requests_total", "techsapo_llm_token_usage_total"

DURATIONS = (
    "gen_ai.client.operation.duration",
    "gen_ai.client.inference.operation.duration",
    "gen_ai.client.inference.duration",
)
USAGE = "gen_ai.client.token.usage"
INPUT, OUTPUT = "gen_ai.client.inference.usage.input_tokens", "gen_ai.client.inference.usage.output_tokens"

Attributes = dict[str, str]
Record = Callable[[metrics.Meter, Attributes, float, int, int], None]


def old(meter: metrics.Meter, call: Attributes, seconds: float, sent: int, received: int) -> None:
    """Record a call as the conventions had it until 1.41: a histogram of tokens, by their type."""
    meter.create_histogram(DURATIONS[0], explicit_bucket_boundaries_advisory=CALLS).record(seconds, call)
    usage = meter.create_histogram(USAGE, explicit_bucket_boundaries_advisory=[1.0, 1024.0])
    usage.record(sent, {**call, "gen_ai.token.type": "input"})
    usage.record(received, {**call, "gen_ai.token.type": "output"})


def new(meter: metrics.Meter, call: Attributes, seconds: float, sent: int, received: int) -> None:
    """Record a call as the conventions have it now: counters of tokens, and what is part of them beside."""
    meter.create_histogram(DURATIONS[2], explicit_bucket_boundaries_advisory=CALLS).record(seconds, call)
    for name, tokens in ((INPUT, sent), (OUTPUT, received)):
        meter.create_counter(name, "{token}").add(tokens, {**call, "gen_ai.token.modality": "text"})
    meter.create_counter("gen_ai.client.inference.usage.cache_read.input_tokens").add(sent // 2, call)
    meter.create_histogram("gen_ai.client.inference.operation.input_tokens").record(sent, call)


def measure(provider: metrics.MeterProvider, editions: Sequence[Record], seed: int = 7) -> float:
    """Record 200 calls of two libraries under each of the editions; return the sum of all tokens."""
    choose, total = random.Random(seed), 0
    for _ in range(200):
        call = {
            "gen_ai.operation.name": choose.choice(["chat", "embeddings"]),
            "gen_ai.provider.name": choose.choice(["openai", "anthropic"]),
            "gen_ai.request.model": choose.choice(["gpt-5", "claude-sonnet-4", "not a model"]),
        }
        if choose.random() < 0.2:
            call["error.type"] = choose.choice(["429", "APITimeoutError", "ValueError"])
        seconds, sent, received = choose.random() * 90, choose.randrange(9_000), choose.randrange(900)
        meter = provider.get_meter(choose.choice(["one library", "another"]))
        for record in editions:
            record(meter, call, seconds, sent, received)
        total += sent + received
    return total


def sending(collector: Collector, stack: ExitStack) -> StockProvider:
    """Return a stock SDK that sends to a Collector when it is flushed."""
    exporter = OTLPMetricExporter(endpoint=f"{collector.endpoint}/v1/metrics")
    resource = Resource({"service.name": "app", "service.instance.id": "one"})
    stock = StockProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)], resource)
    stack.callback(stock.shutdown, timeout_millis=1_000)
    return stock


@pytest.mark.parametrize("editions", [[old], [new], [old, new], [new, old]], ids=["old", "new", "old-new", "new-old"])
def test_a_stock_sdk_gives_the_page_of_our_engine(editions: list[Record], collector: Collector) -> None:
    """Whichever editions it records, and in whichever order: series by series, and what is ignored is told."""
    with ExitStack() as stack:
        own = MeterProvider(CONTRACT, resource=Resource({}), salt=SALT.encode())
        stack.callback(own.shutdown)
        stock = sending(collector, stack)
        (tokens,) = {measure(provider, editions) for provider in (own, stock)}
        assert stock.force_flush()
        embedded = samples(text.write(own.snapshot(), "").decode())
    through = {
        (name, labels - {("job", "app"), ("instance", "one")}): value
        for (name, labels), value in collector.series().items()
        if name != "target_info"
    }
    # A figure of the process itself: what it drops, a stock SDK sends.
    embedded.pop(("techsapo_telemetry_dropped_instruments", frozenset()), None)
    assert embedded == pytest.approx(through, rel=1e-9)
    assert sum(value for (name, _), value in through.items() if name == REQUESTS) == 200
    assert sum(value for (name, _), value in through.items() if name == TOKENS) == tokens
    assert (collector.own(REFUSED, reason="duplicate_edition") > 0) is (len(editions) > 1)


def test_a_sender_that_begins_with_another_edition_goes_on(collector: Collector) -> None:
    """What counted goes on counting: no figure falls, and none is doubled, however far behind the older name is."""
    seen: list[tuple[float, float]] = []
    with ExitStack() as stack:
        stock = sending(collector, stack)
        for seed, editions in enumerate([[new], [new, old], [old, new]]):
            measure(stock, editions, seed)
            assert stock.force_flush()
            told = collector.values(REQUESTS, "job"), collector.values(TOKENS, "job")
            seen.append((told[0]["app"], told[1]["app"]))
    expected, total = [], 0.0
    for seed in range(3):
        total += measure(metrics.NoOpMeterProvider(), [], seed)
        expected.append((200.0 * (seed + 1), total))
    assert seen == expected


def test_two_processes_choose_for_themselves(collector: Collector) -> None:
    """A sender of one edition beside one of another: rolling updates have both."""
    for instance, name in (("one", DURATIONS[0]), ("two", DURATIONS[1]), ("three", DURATIONS[2])):
        collector.send(
            otlp.instance(
                [otlp.histogram(name, [otlp.distribution("techsapo_llm_response_time_seconds", {}, [1] * 15, 2.5)])],
                instance,
            )
        )
    assert collector.values(REQUESTS, "instance") == {"one": 15, "two": 15, "three": 15}
