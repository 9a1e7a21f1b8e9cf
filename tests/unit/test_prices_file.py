"""Mistakes in a file of prices: each is told in one line that says where it stands and what would be right."""

import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app_integration.llm.prices import Prices, PricesError

RIGHT = """date = 2026-11-25
[[price]]
provider = "openai"
models = ["gpt-5"]
source = "https://example.com/prices"
read = 2026-11-24
input = 1.25
cache_read = 0.125
output = 10
long = { above = 200_000, input = 2, output = 20 }
tier.flex = { input = 0.5, output = 5, long = { input = 1, output = 10 } }
"""
ENTRY = "price 1 (openai: gpt-5)"
SECOND = '[[price]]\nprovider = "openai"\nmodels = ["o3", "gpt-5"]\nsource = "x"\ninput = 1\noutput = 1\n'
USD = "accepts USD per million tokens: a number from 0 to 1,000,000 with at most 6 decimals"

# What is replaced in the file that is right, by what, where the error is found, what it says.
MISTAKES = [
    ("input = 1.25", "input = -1", f"{ENTRY}, input", f"got -1; {USD}"),
    ("input = 1.25", "input = nan", f"{ENTRY}, input", f"got NaN; {USD}"),
    ("input = 1.25", "input = inf", f"{ENTRY}, input", f"got Infinity; {USD}"),
    ("input = 1.25", "input = '1.25'", f"{ENTRY}, input", f"got '1.25'; {USD}"),
    ("input = 1.25", "input = true", f"{ENTRY}, input", f"got True; {USD}"),
    ("input = 1.25", "input = 1.2500001", f"{ENTRY}, input", f"got 1.2500001; {USD}"),
    ("input = 1.25", f"input = 1.{'0' * 40}1", f"{ENTRY}, input", f"got 1.{'0' * 40}1; {USD}"),
    ("input = 1.25", "input = 1_000_001", f"{ENTRY}, input", f"got 1000001; {USD}"),
    ("input = 1.25", "input = 1e99999", f"{ENTRY}, input", "got 1E+99999"),
    ("input = 1.25\n", "", f"{ENTRY}, input", f"got nothing; {USD}"),
    ("output = 10\n", "", f"{ENTRY}, output", f"got nothing; {USD}"),
    ("cache_read = 0.125", "cached = 0.125", f"{ENTRY}, 'cached'".replace(f"{ENTRY}", "price 1"), "no meaning here"),
    ('provider = "openai"\n', "", "price 1, provider", "got nothing; accepts a text"),
    ('provider = "openai"', 'provider = " openai"', "price 1, provider", "got ' openai'"),
    ('models = ["gpt-5"]', "models = []", "price 1, models", "got []; accepts a list of one text or more"),
    ('models = ["gpt-5"]', 'models = "gpt-5"', "price 1, models", "got 'gpt-5'"),
    ('models = ["gpt-5"]', 'models = ["gpt-5", 5]', "price 1, models", "got 5"),
    ('models = ["gpt-5"]', 'models = ["gpt-5", "gpt-5"]', "price 1, models", "each name once"),
    ('source = "https://example.com/prices"\n', "", f"{ENTRY}, source", "got nothing"),
    ("read = 2026-11-24", 'read = "2026-11-24"', f"{ENTRY}, read", "got '2026-11-24'; accepts a date"),
    ("read = 2026-11-24", "read = 2026-11-24T10:00:00", f"{ENTRY}, read", "accepts a date such as 2026-11-25"),
    ("date = 2026-11-25\n", "", "date", "got nothing; accepts a date such as 2026-11-25"),
    ("date = 2026-11-25\n", "date = 2026-11-25\nfor = 1\n", "'for'", "no meaning here; accepts date, price"),
    ("above = 200_000, ", "", f"{ENTRY}, long, above", "got nothing; accepts a whole number of tokens"),
    ("above = 200_000, ", "above = 0, ", f"{ENTRY}, long, above", "got 0"),
    ("above = 200_000, ", "above = 2e5, ", f"{ENTRY}, long, above", "got 2E+5"),
    ("input = 2, output = 20", "input = 2", f"{ENTRY}, long, output", "got nothing"),
    ("tier.flex = {", "tier.Flex = {", f"{ENTRY}, tier, 'Flex'", "small letters"),
    ("tier.flex = {", "tier.default = {", f"{ENTRY}, tier, 'default'", "the entry itself"),
    ("input = 0.5,", "input = 0.5, above = 1,", f"{ENTRY}, tier, flex, 'above'", "no meaning here"),
    ("long = { above = 200_000, input = 2, output = 20 }\n", "", f"{ENTRY}, tier, flex, long", "none where the entry"),
    ("input = 0.5, output = 5", "output = 5", f"{ENTRY}, tier, flex, input", "got nothing"),
    ("input = 1.25", "input_only = 1\ninput = 1.25", f"{ENTRY}, input_only", "got 1; accepts true or false"),
    ("input = 1.25", "input_only = true\ninput = 1.25", f"{ENTRY}, output", "no price of output"),
    ("[[price]]", "[price]", "price", "accepts one [[price]] or more"),
    ("[[price]]", "price = 5\n[[other]]", "'other'", "no meaning here"),
    ("tier.flex =", "long.input = 3\ntier.flex =", "", "accepts a readable TOML file of prices"),
    ("output = 10", "output = ", "", "accepts a readable TOML file of prices"),
    ("input = 1.25", "input = 1e-99999999999999999999", "", "accepts a readable TOML file of prices"),
    ("input = 1.25", f"input = {'9' * 5_000}", "", "accepts a readable TOML file of prices"),
    ("input = 1.25", "input = " + "[" * 50_000, "", "accepts a readable TOML file of prices"),
    ("input = 1.25", "input = 1.25 #" + "x" * (1 << 20), "", "accepts 1,048,576 bytes at most"),
]


def error_of(path: Path) -> str:
    """Return what the error says that a file is refused with."""
    with pytest.raises(PricesError) as caught:
        Prices.load(path)
    return str(caught.value)


def test_the_file_that_mistakes_are_made_in_is_right(tmp_path: Path) -> None:
    """Otherwise the tests below would prove nothing."""
    (tmp_path / "prices.toml").write_text(RIGHT)
    assert Prices.load(tmp_path / "prices.toml").tier("openai", "gpt-5", 200_001) == "long"


@pytest.mark.parametrize(("right", "wrong", "place", "said"), MISTAKES)
def test_a_mistake_is_told_with_its_place(right: str, wrong: str, place: str, said: str, tmp_path: Path) -> None:
    """One line: the file, the entry and the key, what was got, what would be right."""
    assert right in RIGHT
    path = tmp_path / "prices.toml"
    path.write_text(RIGHT.replace(right, wrong, 1))
    message = error_of(path)
    assert message.startswith(f"{place} of {str(path)!r}: got " if place else f"{str(path)!r}: got "), message
    assert said in message
    assert re.fullmatch(r"[^\n]{1,600}", message)


def test_two_entries_for_one_model_are_refused(tmp_path: Path) -> None:
    """Which of them is meant, nobody knows."""
    path = tmp_path / "prices.toml"
    path.write_text(RIGHT + SECOND)
    assert f"price 2 (openai: gpt-5) of {str(path)!r}: got a model that price 1 has too; " in error_of(path)


@pytest.mark.parametrize(("content", "said"), [(b"\xff\xfe", "utf-8"), (b"", "got nothing; accepts a date")])
def test_a_file_that_is_no_text_or_empty_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    """Whatever is given by mistake."""
    (tmp_path / "prices.toml").write_bytes(content)
    assert said in error_of(tmp_path / "prices.toml")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Not there, or a folder."""
    assert "got No such file or directory; accepts" in error_of(tmp_path / "missing.toml")
    assert "got Is a directory; accepts" in error_of(tmp_path)


def test_each_packaged_entry_tells_where_and_when_it_was_read() -> None:
    """A figure without a source could not be looked up again."""
    text = (Path(__file__).parents[2] / "app_integration/llm/prices.toml").read_text()
    table = tomllib.loads(text, parse_float=Decimal)
    entries = list(Prices.load())
    assert len(entries) == sum(len(entry["models"]) for entry in table["price"]) > 50
    assert all("read" in entry for entry in table["price"])
    assert {price.source.partition("://")[0] for _, _, price in entries} == {"https"}
    assert all(date(2026, 10, 1) <= price.read <= table["date"] for _, _, price in entries)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gcp.gemini", "openrouter"])
def test_the_cached_part_of_a_prompt_never_costs_more_than_the_rest(provider: str) -> None:
    """A slip of the pen in the packaged table would be seen: prices of one entry stand in a known order."""
    for _, model, price in (entry for entry in Prices.load() if entry[0] == provider):
        for where, rates in price.rates.items():
            full = rates["input"]
            assert rates.get("cache_read", 0) <= full <= rates.get("cache_write", full), (model, where)
            assert rates.get("cache_write", full) <= rates.get("cache_write_1h", rates.get("cache_write", full)), model
            assert full <= rates.get("output", full), (model, where)
