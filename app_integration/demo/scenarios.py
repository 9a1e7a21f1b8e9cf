"""Scenarios: kinds of trouble that the demo makes, each to be seen in the figures."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from app_integration.demo.providers import Providers
from app_integration.simulator import PROVIDERS


class Redis(Protocol):
    """A Redis that can be down for a while."""

    async def stop(self) -> None:
        """Be down."""

    async def start(self) -> None:
        """Be there again, without its data."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a scenario can act upon; `redis` is None where there is none."""

    providers: Providers
    redis: Redis | None


Act = Callable[[Stage], Awaitable[None]]


async def _nothing(_: Stage) -> None:
    """Leave things as they are."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`variables` are settings of the application; `begin` and `end` are the trouble, for the middle half of the time.

    `shares` are how often each kind of request comes beside the usual; those that it does not name stay. One that
    `needs_redis` would be no trouble without it.
    """

    tells: str
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    shares: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    begin: Act = _nothing
    end: Act = _nothing
    needs_redis: bool = False


async def _outage(stage: Stage) -> None:
    stage.providers.let("openai", error_rate=1.0)
    stage.providers.let("anthropic", rate_limited_rate=0.5)


async def _disagree(stage: Stage) -> None:
    for provider in PROVIDERS:
        stage.providers.let(provider, disagreement=0.9)


async def _recover(stage: Stage) -> None:
    stage.providers.recover()


async def _stop_redis(stage: Stage) -> None:
    if stage.redis is not None:
        await stage.redis.stop()


async def _start_redis(stage: Stage) -> None:
    if stage.redis is not None:
        await stage.redis.start()


async def act(scenario: Scenario, stage: Stage, quarter: float, stopping: asyncio.Event) -> None:
    """Make the trouble of a scenario after `quarter` seconds, and end it after twice as many.

    It is ended, too, where the demo is stopped in the midst of it.
    """
    if await _is_over(stopping, quarter):
        return
    await scenario.begin(stage)
    try:
        await _is_over(stopping, 2 * quarter)
    finally:
        await scenario.end(stage)


async def _is_over(stopping: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
    return stopping.is_set()


USUAL: Final = "usual"
# A second request for an analysis is refused without telling what the analysis was, which is not in the cache here.
_NO_REPEATS: Final = MappingProxyType({"repeat": 0})
_ATTACK: Final = {"probe": 12, "guess": 12, "greedy": 20, "suspicious": 14}

SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType(
    {
        USUAL: Scenario("mixed traffic, nothing goes wrong but what always does"),
        "provider-outage": Scenario(
            "one provider answers nothing but errors, another refuses half of its calls; a breaker opens",
            begin=_outage,
            end=_recover,
        ),
        "low-consensus": Scenario("the providers' answers part", begin=_disagree, end=_recover),
        "budget": Scenario(
            "the day's budget is soon spent, and analyses are refused",
            variables=MappingProxyType({"REFERENCE_APP_BUDGET_USD": "0.05"}),
        ),
        "redis-down": Scenario(
            "Redis is gone for a while: no cache, no rate limits",
            shares=MappingProxyType({**_NO_REPEATS, "greedy": 16}),
            begin=_stop_redis,
            end=_start_redis,
            needs_redis=True,
        ),
        "cache-cold": Scenario(
            "hardly anything is asked twice, and the cache forgets at once",
            variables=MappingProxyType({"REFERENCE_APP_CACHE_SECONDS": "1"}),
            shares=MappingProxyType({**_NO_REPEATS, "common": 2, "new": 24}),
        ),
        "attack": Scenario(
            "somebody tries keys, paths, injections, and all too many requests", shares=MappingProxyType(_ATTACK)
        ),
    }
)
