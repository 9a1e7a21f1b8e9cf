"""Files of prices: TOML to checked entries."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app_integration.llm.price_place import KINDS, Place, PricesError, Rates

# Tiers that answers name and that cost what the entry itself says.
ORDINARY_TIERS = frozenset({"", "default", "standard"})
ORDINARY = ""

# Gemini's names of models are paths: models/NAME, publishers/google/models/NAME.
_FOLDER = re.compile(r"\A(?:.*/)?models/")

_RatesOf = dict[tuple[str, bool], Rates]


@dataclass(frozen=True, slots=True)
class Price:
    """What the models of these names cost at a provider, as `source` told on the day `read`.

    `rates` are told for a service tier (ORDINARY, or its name) and for long prompts (True) or others (False);
    a prompt is long above `long_above` tokens.
    """

    provider: str
    models: tuple[str, ...]
    source: str
    read: datetime.date
    rates: Mapping[tuple[str, bool], Rates]
    long_above: int | None


def read(path: Path) -> tuple[Price, ...]:
    """Read the entries of a file.

    Raises:
        PricesError: it cannot be read, or says something that an entry does not have or cannot mean.
    """
    file = Place.of_file(path)
    file.only("date", "price")
    date = file.date("date")
    entries = file.get("price")
    if not isinstance(entries, list) or not entries:
        raise file.wrong("price", entries, "one [[price]] or more")
    prices = tuple(_price(file.at(f"price {number}", entry), date) for number, entry in enumerate(entries, 1))
    _refuse_doubles(path, prices)
    return prices


def plain(model: str) -> str:
    """Return the name of a model without the path that Gemini puts before it."""
    return _FOLDER.sub("", model, count=1)


def _price(entry: Place, date: datetime.date) -> Price:
    entry.only("provider", "models", "source", "read", "input_only", *KINDS, "long", "tier")
    provider, models = entry.text("provider"), tuple(map(plain, entry.texts("models")))
    entry.name = f"{entry.name} ({provider}: {models[0]})"
    needed: tuple[str, ...] = ("input", "output")
    if entry.flag("input_only"):
        needed = ("input",)
        if (output := entry.get("output")) is not None:
            raise entry.wrong("output", output, "no price of output beside input_only = true")
    rates: _RatesOf = {(ORDINARY, False): entry.rates(needed)}
    above = None
    if long := entry.inner("long"):
        long.only("above", *KINDS)
        above = long.tokens("above")
        rates[ORDINARY, True] = long.rates(needed)
    if tiers := entry.inner("tier"):
        for name in tiers.table:
            rates |= _tier(tiers, name, needed, long=above is not None)
    return Price(provider, models, entry.text("source"), entry.date("read", date), rates, above)


def _tier(tiers: Place, name: str, needed: tuple[str, ...], *, long: bool) -> _RatesOf:
    if name in ORDINARY_TIERS or name != name.lower():
        raise tiers.wrong(repr(name), name, "a tier in small letters, not the ordinary one: that is the entry itself")
    tier = tiers.at(name, tiers.get(name))
    tier.only("long", *KINDS)
    rates: _RatesOf = {(name, False): tier.rates(needed)}
    if inner := tier.inner("long"):
        if not long:
            raise tier.unfit("long", "a price", "none where the entry has no long = { above = ... }")
        inner.only(*KINDS)
        rates[name, True] = inner.rates(needed)
    return rates


def _refuse_doubles(path: Path, prices: tuple[Price, ...]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for number, price in enumerate(prices, 1):
        for model in price.models:
            first = seen.setdefault((price.provider, model), number)
            if first != number:
                place = f"price {number} ({price.provider}: {model})"
                raise PricesError(path, place, f"a model that price {first} has too", "one entry for each model")
