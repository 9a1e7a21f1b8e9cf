"""What an answer costs, to the pico-dollar, and when it has no price at all."""

from pathlib import Path

import pytest

from app_integration.llm.prices import Prices, PricesError
from app_integration.llm.usage import Usage

MILLION = 1_000_000
USD = 10**12
PACKAGED = Prices.load()

HEAD = "date = 2026-11-25\n"
OWN = HEAD + (
    '[[price]]\nprovider = "openai"\nmodels = ["gpt-5", "our-own"]\nsource = "our contract"\ninput = 1\noutput = 2\n'
)


def prices(directory: Path, text: str) -> Prices:
    """Load a file of this text over the packaged table."""
    path = directory / "prices.toml"
    path.write_text(text)
    return Prices.load(path)


@pytest.mark.parametrize(
    ("provider", "model", "usage", "usd"),
    [
        ("openai", "gpt-5", Usage(input=MILLION), 1.25),
        ("openai", "gpt-5", Usage(cache_read=MILLION), 0.125),
        ("openai", "gpt-5", Usage(cache_write=MILLION), 1.25),
        ("openai", "gpt-5.4", Usage(cache_write=MILLION), 5),
        ("openai", "gpt-5.4", Usage(cache_write=1_000, service_tier="flex"), 0.00125),
        ("openai", "gpt-5", Usage(output=MILLION), 10),
        ("openai", "gpt-5", Usage(input=MILLION, output=MILLION, service_tier="default"), 11.25),
        ("openai", "gpt-5", Usage(input=MILLION, output=MILLION, service_tier="flex"), 5.625),
        ("openai", "gpt-5", Usage(input=MILLION, output=MILLION, service_tier="Priority"), 22.5),
        ("anthropic", "claude-sonnet-4", Usage(input=100_000), 0.3),
        ("anthropic", "claude-sonnet-4", Usage(cache_write=100_000), 0.375),
        ("anthropic", "claude-sonnet-4", Usage(cache_write_1h=100_000), 0.6),
        ("anthropic", "claude-sonnet-4", Usage(cache_read=100_000, output=100_000, service_tier="standard"), 1.53),
        ("gcp.gemini", "gemini-2.5-pro", Usage(input=200_000, output=MILLION), 10.25),
        ("gcp.gemini", "gemini-2.5-flash", Usage(input=MILLION, output=MILLION), 2.8),
        ("openrouter", "google/gemini-2.5-pro", Usage(input=100_000, output=MILLION), 10.125),
        ("openai", "text-embedding-3-small", Usage(input=MILLION), 0.02),
        ("openai", "gpt-5", Usage(), 0),
    ],
)
def test_an_answer_costs_what_the_provider_publishes(provider: str, model: str, usage: Usage, usd: float) -> None:
    """Each kind of token has its price, each tier its own."""
    assert round(usd * USD) == PACKAGED.cost(provider, model, usage)


def test_a_long_prompt_has_its_own_prices() -> None:
    """Above the limit the whole answer costs more, its output too; cached tokens belong to the prompt."""
    assert PACKAGED.tier("gcp.gemini", "gemini-2.5-pro", 200_000) is None
    assert PACKAGED.tier("gcp.gemini", "gemini-2.5-pro", 200_001) == "long"
    assert PACKAGED.tier("openai", "gpt-5", 400_000) is None
    assert PACKAGED.tier("openai", "no-such-model", 400_000) is None
    long = Usage(input=1, cache_read=200_000, output=10)
    assert PACKAGED.cost("gcp.gemini", "gemini-2.5-pro", long) == 2_500_000 + 200_000 * 250_000 + 10 * 15_000_000
    written = Usage(cache_write=150_000, cache_write_1h=50_001)
    assert PACKAGED.cost("anthropic", "claude-sonnet-4", written) == 150_000 * 7_500_000 + 50_001 * 12_000_000


@pytest.mark.parametrize(
    ("provider", "model", "usage"),
    [
        ("openai", "gpt-55", Usage(input=1)),
        ("openai", None, Usage(input=1)),
        ("openai", "", Usage(input=1)),
        ("anthropic", "gpt-5", Usage(input=1)),
        ("gcp.vertex_ai", "gemini-2.5-pro", Usage(input=1)),
        ("openai", "gpt-5-pro", Usage(input=1, cache_write=1)),
        ("openai", "gpt-5", Usage(input=1, service_tier="scale")),
        ("openai", "gpt-5", Usage(service_tier="scale")),
        ("openai", "gpt-5.5", Usage(input=300_000, service_tier="priority")),
        ("openai", "text-embedding-3-small", Usage(input=1, output=1)),
        ("openai", "gpt-5", Usage(input=-1)),
        ("openrouter", "openai/gpt-5:free", Usage(input=1)),
        ("openrouter", "openai/gpt-5:nitro", Usage(input=1)),
        ("openrouter", "gpt-5", Usage(input=1)),
        ("openai", "gpt-5-2025", Usage(input=1)),
        ("openai", "gpt-5-20250807-preview", Usage(input=1)),
    ],
)
def test_what_has_no_price_is_not_guessed(provider: str, model: str | None, usage: Usage) -> None:
    """A model, a tier or a kind of token without a price leaves the whole answer without one."""
    assert PACKAGED.cost(provider, model, usage) is None


@pytest.mark.parametrize(
    ("provider", "model", "plain"),
    [
        ("openai", "gpt-5-2025-08-07", "gpt-5"),
        ("anthropic", "claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("anthropic", "claude-opus-4-1-20250805", "claude-opus-4-1"),
        ("gcp.gemini", "models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("gcp.gemini", "publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("openrouter", "openai/gpt-5-2025-08-07", "openai/gpt-5"),
    ],
)
def test_a_snapshot_costs_what_its_model_does(provider: str, model: str, plain: str) -> None:
    """Answers name the snapshot, with its date; Gemini names the path as well."""
    usage = Usage(input=3, output=5)
    assert PACKAGED.cost(provider, model, usage) == PACKAGED.cost(provider, plain, usage) is not None


def test_a_snapshot_that_is_listed_has_its_own_price() -> None:
    """The first gpt-4o was dearer than those that followed."""
    first, later = (
        PACKAGED.cost("openai", name, Usage(input=1)) for name in ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06")
    )
    assert (first, later) == (5_000_000, 2_500_000)


def test_an_operators_file_goes_before_the_packaged_table_model_by_model(tmp_path: Path) -> None:
    """Its models cost what it says, tiers included; others what they cost before."""
    table = prices(tmp_path, OWN)
    usage = Usage(input=3, output=5)
    assert table.cost("openai", "gpt-5", usage) == table.cost("openai", "our-own", usage) == 13_000_000
    assert table.cost("openai", "gpt-5-2025-08-07", usage) == 13_000_000
    assert table.cost("openai", "gpt-5", Usage(input=3, service_tier="flex")) is None
    assert table.cost("openai", "gpt-5", Usage(cache_read=3)) is None
    assert table.cost("openai", "gpt-5-mini", usage) == PACKAGED.cost("openai", "gpt-5-mini", usage) is not None


def test_the_smallest_price_is_exact(tmp_path: Path) -> None:
    """A millionth of a dollar for a million tokens is a pico-dollar for one; a free model costs 0, which is a price."""
    text = OWN.replace("input = 1\n", "input = 0.000001\n").replace("output = 2\n", "output = 0\n")
    assert prices(tmp_path, text).cost("openai", "our-own", Usage(input=7, output=9)) == 7


def test_what_is_wrong_is_an_error_of_its_own(tmp_path: Path) -> None:
    """Whoever loads a table in code catches one exception."""
    with pytest.raises(PricesError):
        Prices.load(tmp_path / "missing.toml")
