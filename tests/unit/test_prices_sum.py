"""The cost that is counted equals an independent, exact sum over all calls, whatever their order and concurrency."""

import random
import tomllib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest
from opentelemetry.context import attach, detach, set_value
from opentelemetry.sdk.resources import Resource

from app_integration import spending
from app_integration.llm import prices
from app_integration.llm.call import Calls
from app_integration.llm.usage import Usage
from telemetry.engine import MeterProvider
from telemetry.settings import Settings
from tests.support.contracts import values

CALLS = 200_000
THREADS = 8
MICRODOLLAR = Fraction(1, 10**6)
TABLE = tomllib.loads((Path(prices.__file__).with_name("prices.toml")).read_text(), parse_float=Fraction)
KINDS = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
TASKS = ("basic", "premium", "critical")


class Made(NamedTuple):
    """A call and what it costs by the file, calculated in fractions; None where it has no price."""

    provider: str
    model: str
    usage: Usage
    task: str
    usd: Fraction | None


def random_call(chance: random.Random) -> Made:
    """A call of any model in the table, now and then of one, of a tier or of a kind of token that has no price."""
    entry = chance.choice(TABLE["price"])
    usual = chance.random() < 0.9
    tiers = (None, "default", *entry.get("tier", ())) if usual else (None, "flex", "priority", "scale")
    kinds = [kind for kind in KINDS if kind in entry or not usual]
    largest = chance.choice((1_000, 30_000, 300_000))
    tokens = {kind: chance.randint(0, largest) for kind in kinds if chance.random() < 0.7}
    usage = Usage(**tokens, service_tier=chance.choice(tiers), untold=())
    known = chance.random() < 0.98
    name = chance.choice(entry["models"])
    usd = cost(entry, usage) if known else None
    return Made(entry["provider"], name if known else "unheard-of", usage, chance.choice(TASKS), usd)


def cost(entry: dict[str, dict[str, dict[str, Fraction]]], usage: Usage) -> Fraction | None:
    """What the file says that an answer costs: calculated from the text, by nothing of what is tested."""
    tokens = {kind: amount for kind, amount in asdict(usage).items() if kind not in ("service_tier", "untold")}
    rates: object = entry
    if usage.service_tier not in (None, "default"):
        rates = entry.get("tier", {}).get(str(usage.service_tier))
    if "long" in entry and sum(tokens.values()) - tokens["output"] > entry["long"]["above"]:
        rates = rates.get("long") if isinstance(rates, dict) else None
    if not isinstance(rates, dict) or any(amount and kind not in rates for kind, amount in tokens.items()):
        return None
    return sum((amount * Fraction(rates[kind]) * MICRODOLLAR for kind, amount in tokens.items() if amount), Fraction(0))


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> MeterProvider:
    """A provider of the contract's metrics with the packaged prices."""
    monkeypatch.setattr(prices, "_in_force", None)
    weights = {"model_price": prices.weight(Settings.from_environ({}))}
    return MeterProvider(resource=Resource({}), salt=b"a salt for tests", weights=weights)


def test_the_sum_is_right_to_the_micro_dollar(provider: MeterProvider) -> None:
    """200,000 calls from 8 threads: by provider and task, what is counted, what accounts are told, what is unpriced."""
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    made = [random_call(chance) for _ in range(CALLS)]
    calls = Calls(provider)
    told: dict[str, list[int]] = defaultdict(list)
    unsubscribe = spending.subscribe(lambda spent: told[spent.provider].append(spent.picodollars))

    def make(number: int) -> None:
        for one in made[number::THREADS]:
            token = attach(set_value("techsapo.task_type", one.task))
            call = calls.begin("chat", one.provider, one.model)
            call.answered(one.model)
            call.used(one.usage)
            call.end()
            detach(token)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(make, range(THREADS)))
    unsubscribe()

    exact: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    without: dict[str, int] = defaultdict(int)
    for one in made:
        exact[one.provider, one.task] += one.usd or 0
        without[one.provider] += one.usd is None
    counted = values(provider, "techsapo_wallbounce_cost_usd")
    assert counted.keys() == exact.keys(), seed
    for labels, usd in exact.items():
        value = counted[labels]
        assert isinstance(value, float)
        assert abs(Fraction(value) - usd) < MICRODOLLAR / 2, (seed, labels)
    accounts = {name: Fraction(sum(amounts), 10**12) for name, amounts in told.items()}
    assert accounts == {name: sum(usd for (other, _), usd in exact.items() if other == name) for name in accounts}, seed
    unpriced: dict[str, int] = defaultdict(int)
    for labels, count in values(provider, "techsapo_llm_unpriced_calls_total").items():
        assert isinstance(count, int)
        unpriced[labels[0]] += count
    assert unpriced == without, seed
    assert 100 < min(without.values()) < sum(without.values()) < CALLS / 4, "most calls have a price, not all"
