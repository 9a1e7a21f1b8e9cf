"""The GenAI conventions in each of their editions: the same calls give the same figures, and count once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.sdk.resources import Resource

from app_integration.llm import prices
from telemetry.engine import MeterProvider
from telemetry.settings import Settings
from tests.support.contracts import SALT, Value, values

Series = Mapping[tuple[str, ...], Value]

DURATIONS = (
    "gen_ai.client.operation.duration",
    "gen_ai.client.inference.operation.duration",
    "gen_ai.client.inference.duration",
)
TOKENS = ("gen_ai.client.token.usage", "gen_ai.client.inference.token.usage")
INPUT, OUTPUT = "gen_ai.client.inference.usage.input_tokens", "gen_ai.client.inference.usage.output_tokens"
FIGURES = (
    "techsapo_llm_requests_total",
    "techsapo_llm_response_time_seconds",
    "techsapo_llm_unpriced_calls_total",
    "techsapo_llm_token_usage_total",
    "techsapo_wallbounce_cost_usd",
)


@dataclass(frozen=True)
class Call:
    """A call as an instrumentation measures it."""

    operation: str | None
    model: str
    seconds: float
    sent: int
    received: int

    @property
    def attributes(self) -> dict[str, str]:
        """What is recorded with its duration and its tokens."""
        told = {"gen_ai.provider.name": "openai", "gen_ai.request.model": self.model}
        return told if self.operation is None else {**told, "gen_ai.operation.name": self.operation}


Step = Callable[[Meter, Call], None]


def last(name: str) -> Step:
    """Record how long a call lasts."""
    return lambda meter, call: meter.create_histogram(name).record(call.seconds, call.attributes)


def use(name: str) -> Step:
    """Record the tokens of a call, by their type."""

    def record(meter: Meter, call: Call) -> None:
        usage = meter.create_histogram(name)
        usage.record(call.sent, {**call.attributes, "gen_ai.token.type": "input"})
        usage.record(call.received, {**call.attributes, "gen_ai.token.type": "output"})

    return record


def count(meter: Meter, call: Call) -> None:
    """Count the tokens of a call, as the conventions have it now: a counter each, and parts of them in others."""
    for name, tokens in ((INPUT, call.sent), (OUTPUT, call.received)):
        meter.create_counter(name).add(tokens, {**call.attributes, "gen_ai.token.modality": "text"})
    meter.create_counter("gen_ai.client.inference.usage.cache_read.input_tokens").add(call.sent, call.attributes)
    meter.create_histogram("gen_ai.client.inference.operation.input_tokens").record(call.sent, call.attributes)


CALLS: tuple[Step, ...] = tuple(map(last, DURATIONS))
USES: tuple[Step, ...] = (*map(use, TOKENS), count)


def engine() -> MeterProvider:
    """A provider of the contract's metrics with the packaged prices."""
    weights = {"model_price": prices.weight(Settings.from_environ({}))}
    return MeterProvider(resource=Resource({}), salt=SALT, weights=weights)


@pytest.fixture(autouse=True)
def packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prices of the process are put back."""
    monkeypatch.setattr(prices, "_in_force", None)


def figures(source: MeterProvider) -> dict[str, Series]:
    """Collect what the calls give."""
    return {name: values(source, name) for name in FIGURES}


def expected(calls: Sequence[Call]) -> dict[str, Series]:
    """What the calls give when each counts once, under the oldest names."""
    source = engine()
    meter = source.get_meter("expected")
    for call in calls:
        CALLS[0](meter, call)
        USES[0](meter, call)
    return figures(source)


TWO = (Call("chat", "gpt-5", 0.5, 1_000_000, 200_000), Call(None, "no such model", 1.5, 7, 9))


@pytest.mark.parametrize("duration", CALLS)
@pytest.mark.parametrize("tokens", USES)
def test_every_edition_gives_the_same_figures(duration: Step, tokens: Step) -> None:
    """Requests, response times, tokens by type, and cost: to the cent, as by the oldest names."""
    source = engine()
    for call in TWO:
        duration(source.get_meter("library"), call)
        tokens(source.get_meter("library"), call)
    assert figures(source) == expected(TWO)
    assert values(source, "techsapo_wallbounce_cost_usd") == {("openai", "other"): pytest.approx(1.25 + 2.0)}
    assert values(source, "techsapo_llm_token_usage_total")["openai", "input", "gpt-5"] == 1_000_000


some_calls = st.lists(
    st.builds(
        Call,
        st.sampled_from(["chat", "embeddings", None]),
        st.sampled_from(["gpt-5", "no such model"]),
        st.sampled_from([0.25, 0.5, 4.0]),
        st.integers(0, 9_999),
        st.integers(0, 9_999),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(some_calls, st.sets(st.sampled_from(CALLS), min_size=1), st.sets(st.sampled_from(USES), min_size=1), st.data())
def test_calls_count_once_however_their_records_interleave(
    calls: list[Call], durations: set[Step], uses: set[Step], data: st.DataObject
) -> None:
    """Each call is recorded under every one of some editions, in any order of all records."""
    records = [(step, call) for call in calls for step in (*durations, *uses)]
    source = engine()
    for step, call in data.draw(st.permutations(records)):
        step(source.get_meter("library"), call)
    counted, once = figures(source), expected(calls)
    # Sums of floats depend on their order: a cost's last digit, and nothing else.
    cost, cost_once = (each.pop("techsapo_wallbounce_cost_usd") for each in (counted, once))
    assert counted == once
    assert cost == pytest.approx(cost_once, rel=1e-12)


@settings(deadline=None)
@given(some_calls, some_calls)
def test_two_scopes_add_up(ours: list[Call], theirs: list[Call]) -> None:
    """Each records its own calls under both names, and each edition first in one of them."""
    source = engine()
    for scope, calls, steps in (("ours", ours, CALLS), ("theirs", theirs, CALLS[::-1])):
        for call in calls:
            for step in steps:
                step(source.get_meter(scope), call)
    assert figures(source)["techsapo_llm_requests_total"] == expected([*ours, *theirs])["techsapo_llm_requests_total"]


@settings(deadline=None)
@given(some_calls)
def test_an_ignored_scope_adds_nothing(calls: list[Call]) -> None:
    """Whatever it records, beside a scope that measures the same calls."""
    source = engine()
    source.ignore_scopes(["opentelemetry.instrumentation.openai_v2"])
    for call in calls:
        for step in (*CALLS, *USES):
            for scope in ("opentelemetry.instrumentation.openai_v2", "ours"):
                step(source.get_meter(scope), call)
    assert figures(source) == expected(calls)


def test_observed_tokens_count_once() -> None:
    """A library that keeps its own sums tells them when it is asked."""
    source = engine()
    meter = source.get_meter("library")

    def observe(kind: str | None, *tokens: int) -> Callable[[CallbackOptions], Iterator[Observation]]:
        attributes = {**TWO[0].attributes} if kind is None else {**TWO[0].attributes, "gen_ai.token.type": kind}
        return lambda _: (Observation(amount, attributes) for amount in tokens)

    meter.create_observable_counter(INPUT, [observe(None, 1_000_000)])
    meter.create_observable_counter(OUTPUT, [observe(None, 200_000)])
    meter.create_observable_counter(TOKENS[0], [observe("input", 1_000_000), observe("output", 200_000)])
    once = expected(TWO[:1])
    for name in ("techsapo_llm_token_usage_total", "techsapo_wallbounce_cost_usd"):
        assert [values(source, name), values(source, name)] == [once[name]] * 2
