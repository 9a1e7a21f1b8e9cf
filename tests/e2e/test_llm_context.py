"""Calls of the real SDKs from tasks, groups, threads and executors: their task type, and what they cost together."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

import anthropic
import openai
import pytest
from google import genai
from google.genai import types

import app_integration
from app_integration.budget import BudgetGuard
from app_integration.llm import name_provider
from app_integration.simulator import Simulator, behaviours, running
from app_integration.wallbounce import analysis
from tests.support.measured import Measured

# USD per million tokens as the providers publish them: input, input from the cache, output.
PRICES = {
    "openai": (Fraction("1.25"), Fraction("0.125"), Fraction(10)),
    "anthropic": (Fraction(3), Fraction("0.3"), Fraction(15)),
    "gcp.gemini": (Fraction("1.25"), Fraction("0.125"), Fraction(10)),
    "openrouter": (Fraction("0.26"), Fraction("0.13"), Fraction("0.38")),
}
TROUBLE = (
    *(f"{provider}.latency_seconds=0" for provider in PRICES),
    *(f"{provider}.cached_share=0.3" for provider in PRICES),
    "openai.error_rate=0.2",
    "anthropic.rate_limited_rate=0.2",
    "gcp.gemini.error_rate=0.1",
)
KEY = "a key " + "of tests"

Ask = Callable[[str], object]


@dataclass
class Sdks:
    """Synchronous and asynchronous clients of all four providers, at a simulator."""

    url: str
    simulator: Simulator

    def __post_init__(self) -> None:
        name_provider(f"{self.url}/openrouter/api/v1", "openrouter")
        self.openai = openai.OpenAI(base_url=f"{self.url}/openai/v1", api_key=KEY, max_retries=0)
        self.openrouter = openai.OpenAI(base_url=f"{self.url}/openrouter/api/v1", api_key=KEY, max_retries=0)
        self.anthropic = anthropic.Anthropic(base_url=f"{self.url}/anthropic", api_key=KEY, max_retries=0)
        self.gemini = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=f"{self.url}/gemini"))

    @property
    def asks(self) -> tuple[Ask, ...]:
        """One way to ask each provider, which may raise what its SDK raises."""
        return (
            lambda text: self.openai.chat.completions.create(
                model="gpt-5", messages=[{"role": "user", "content": text}]
            ),
            lambda text: self.openrouter.chat.completions.create(
                model="deepseek/deepseek-v3.2", messages=[{"role": "user", "content": text}]
            ),
            lambda text: self.anthropic.messages.create(
                model="claude-sonnet-4-20250514", max_tokens=99, messages=[{"role": "user", "content": text}]
            ),
            lambda text: self.gemini.models.generate_content(model="gemini-2.5-pro", contents=text),
        )

    def ask(self, number: int) -> None:
        """Ask one of them; what it raises is part of the test."""
        with contextlib.suppress(openai.APIStatusError, anthropic.APIStatusError, genai.errors.APIError):
            self.asks[number % len(self.asks)](f"question {number}")

    def cost(self) -> dict[str, Fraction]:
        """What everything that was served costs, exactly, by provider."""
        found: dict[str, Fraction] = {}
        for row in self.simulator.served.rows():
            of_input, cached, output = PRICES[row.provider]
            usd = (row.input * of_input + row.cache_read * cached + row.output * output) / 10**6
            found[row.provider] = found.get(row.provider, Fraction(0)) + usd
        return {provider: usd for provider, usd in found.items() if usd}


@pytest.fixture
def sdks(figures: Measured) -> Iterator[Sdks]:
    """The SDKs, instrumented into the global provider as an application does it."""
    app_integration.instrument(figures.provider)
    try:
        simulator = Simulator(behaviours(TROUBLE))
        with running(simulator) as url:
            yield Sdks(url, simulator)
    finally:
        app_integration.uninstrument()


async def everywhere(sdks: Sdks) -> None:
    """Ask from threads of several kinds, from tasks and groups of them."""
    numbers = iter(range(1_000))
    await asyncio.gather(*(asyncio.to_thread(sdks.ask, next(numbers)) for _ in range(8)))
    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(asyncio.to_thread(sdks.ask, next(numbers)))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sdks.ask, (next(numbers) for _ in range(8))))
        await asyncio.get_running_loop().run_in_executor(pool, sdks.ask, next(numbers))
    thread = threading.Thread(target=sdks.ask, args=(next(numbers),))
    thread.start()
    thread.join()


def test_calls_carry_their_analysis_wherever_they_are_made(sdks: Sdks, figures: Measured) -> None:
    """Not one is without its task type, and the analysis knows what all of them have cost, to the last digit."""
    with analysis(task_type="critical") as bounce:
        asyncio.run(everywhere(sdks))
    counted = figures.values("techsapo_llm_requests_total")
    assert sum(counted.values()) == 26
    assert {labels[3] for labels in counted} == {"critical"}
    assert Fraction(bounce.cost_picodollars, 10**12) == sum(sdks.cost().values())


def test_the_cost_is_right_to_the_micro_dollar_whatever_the_order(sdks: Sdks, figures: Measured) -> None:
    """Two hundred calls of four providers from sixteen threads, failures among them; the budget agrees."""
    guard = BudgetGuard(10)
    guard.start()
    try:
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(sdks.ask, range(200)))
    finally:
        guard.close()
    told: dict[str, float] = {}
    for labels, usd in figures.values("techsapo_wallbounce_cost_usd").items():
        told[labels[0]] = told.get(labels[0], 0.0) + usd
    exact = sdks.cost()
    assert set(told) == set(PRICES) == set(exact)
    assert max(abs(told[provider] - float(usd)) for provider, usd in exact.items()) < 1e-6
    assert Fraction(guard.spent_today_picodollars, 10**12) == sum(exact.values())
    outcomes = {labels[2] for labels in figures.values("techsapo_llm_requests_total")}
    assert outcomes == {"success", "error", "rate_limited"}
    assert figures.values("techsapo_llm_unpriced_calls_total") == {}
