"""The weight `model_price`: which measurements have a price, which calls have none, and that sums are exact."""

from pathlib import Path

import pytest
from opentelemetry.sdk.resources import Resource

from app_integration.llm import prices
from telemetry.engine import MeterProvider
from telemetry.settings import Settings, SettingsError
from tests.support.contracts import refused, values

COST = "techsapo_wallbounce_cost_usd"
UNPRICED = "techsapo_llm_unpriced_calls_total"
DURATION = "gen_ai.client.operation.duration"
TOKENS = "gen_ai.client.token.usage"
ASKED = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"}
INPUT = {**ASKED, "gen_ai.token.type": "input"}
OWN = 'date = 2026-11-25\n[[price]]\nprovider = "openai"\nmodels = ["mine"]\nsource = "x"\ninput = 1\noutput = 2\n'


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> MeterProvider:
    """A provider of the contract's metrics with the packaged prices."""
    monkeypatch.setattr(prices, "_in_force", None)
    weights = {"model_price": prices.weight(Settings.from_environ({}))}
    return MeterProvider(resource=Resource({}), salt=b"a salt for tests", weights=weights)


def cost(provider: MeterProvider, attributes: dict[str, object], tokens: int = 1_000_000) -> object:
    """Record so many tokens and return what they cost, in USD; None where there is no cost at all."""
    usage = provider.get_meter("app").create_histogram(TOKENS)
    usage.record(tokens, attributes)  # type: ignore[arg-type]  # values of any type, as an application may pass them
    return next(iter(values(provider, COST).values()), None)


def unpriced(provider: MeterProvider, attributes: dict[str, object]) -> float:
    """Record a call and return how many calls without a price there are."""
    duration = provider.get_meter("app").create_histogram(DURATION)
    duration.record(1.0, attributes)  # type: ignore[arg-type]  # values of any type, as an application may pass them
    return sum(value for value in values(provider, UNPRICED).values() if not isinstance(value, list))


@pytest.mark.parametrize(
    ("told", "usd"),
    [
        ({}, 1.25),
        ({"techsapo.token.rate": "cache_read"}, 0.125),
        ({"gen_ai.token.type": "output"}, 10.0),
        ({"gen_ai.token.type": "output", "gen_ai.response.service_tier": "flex"}, 5.0),
        ({"gen_ai.response.model": "gpt-5-mini-2025-08-07"}, 0.25),
        ({"gen_ai.request.model": "anything", "gen_ai.response.model": "gpt-5"}, 1.25),
        ({"gen_ai.provider.name": None, "gen_ai.system": "openai"}, 1.25),
        ({"server.address": "openrouter.ai", "gen_ai.request.model": "anthropic/claude-sonnet-4"}, 3.0),
        ({"gen_ai.provider.name": "gcp.gemini", "gen_ai.request.model": "gemini-2.5-pro"}, 1.25),
        (
            {
                "gen_ai.provider.name": "gcp.gemini",
                "gen_ai.request.model": "gemini-2.5-pro",
                "techsapo.price.tier": "long",
            },
            2.5,
        ),
    ],
)
def test_tokens_cost_by_who_answered_and_how(provider: MeterProvider, told: dict[str, object], usd: float) -> None:
    """The model that answered goes before the one that was asked; a gateway is known by its address."""
    assert cost(provider, {**INPUT, **told}) == usd


@pytest.mark.parametrize(
    "told",
    [
        {"gen_ai.response.model": "gpt-55"},
        {"gen_ai.request.model": None},
        {"gen_ai.request.model": ["gpt-5"]},
        {"gen_ai.provider.name": "azure.ai.openai"},
        {"server.address": "openrouter.ai"},
        {"techsapo.token.rate": "cache_write_1h"},
        {"techsapo.token.rate": ["cache_read"]},
        {"techsapo.token.rate": "cache_read", "gen_ai.token.type": "output"},
        {"gen_ai.token.type": "reasoning"},
        {"gen_ai.response.service_tier": "scale"},
        {"techsapo.price.tier": "long"},
        {"techsapo.price.missing": True},
    ],
)
def test_tokens_without_a_price_cost_nothing_not_even_0(provider: MeterProvider, told: dict[str, object]) -> None:
    """A silent 0 would look like a free model; nothing raises, whatever the attributes are."""
    assert cost(provider, {**INPUT, **told}) is None
    assert "a weight that raised" not in refused(provider)


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ({}, 0),
        ({"gen_ai.response.model": "gpt-5-2025-08-07"}, 0),
        ({"error.type": "429"}, 0),
        ({"error.type": "404", "gen_ai.request.model": "gpt-55"}, 0),
        ({"gen_ai.request.model": "gpt-55"}, 1),
        ({"gen_ai.response.model": "gpt-55"}, 1),
        ({"gen_ai.response.model": "gpt-55", "error.type": "timeout"}, 1),
        ({"techsapo.usage.missing": True}, 1),
        ({"techsapo.usage.missing": True, "error.type": "timeout"}, 1),
        ({"techsapo.price.missing": True}, 1),
        ({"gen_ai.response.service_tier": "scale"}, 1),
    ],
)
def test_a_call_without_a_price_is_counted(provider: MeterProvider, told: dict[str, object], counted: int) -> None:
    """Not one that failed before it was answered: it costs nothing, whether or not its model has a price."""
    assert unpriced(provider, {**ASKED, **told}) == counted


def test_the_start_puts_the_operators_file_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What prices a call, and what an analysis and a budget add up, is one table."""
    monkeypatch.setattr(prices, "_in_force", None)
    assert not prices.current().knows("openai", "mine")
    (tmp_path / "prices.toml").write_text(OWN)
    weight = prices.weight(Settings.from_environ({"TECHSAPO_PRICES_FILE": str(tmp_path / "prices.toml")}))
    told = dict.fromkeys(weight.attributes) | INPUT | {"gen_ai.request.model": "mine"}
    assert (prices.current().knows("openai", "mine"), weight.factor(told)) == (True, 1e-6)


def test_a_wrong_file_is_a_wrong_setting(tmp_path: Path) -> None:
    """The start ends with one line that names the variable, the file, the entry, what it got and what is right."""
    path = tmp_path / "prices.toml"
    path.write_text(OWN.replace("input = 1", "input = -1"))
    with pytest.raises(SettingsError) as caught:
        prices.weight(Settings.from_environ({"TECHSAPO_PRICES_FILE": str(path)}))
    assert str(caught.value) == (
        f"TECHSAPO_PRICES_FILE: got -1 at price 1 (openai: mine), input of {str(path)!r}; "
        "accepts USD per million tokens: a number from 0 to 1,000,000 with at most 6 decimals"
    )
