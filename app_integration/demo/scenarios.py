"""Scenarios: kinds of trouble that the demo makes, each to be seen in the figures."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from app_integration.demo.stage import Need, Stage
from app_integration.simulator import PROVIDERS

Act = Callable[[Stage], Awaitable[None]]


async def _nothing(_: Stage) -> None:
    """Leave things as they are."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`variables` are settings of the application; `begin` and `end` are the trouble, for the middle half of the time.

    `shares` are how often each kind of request comes beside the usual; those that it does not name stay. Without
    what it `needs` it would be no trouble. Where a budget is the trouble, `spends_budget`, its day is over with the
    trouble in the stack, whose alert then ends.
    """

    tells: str
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    shares: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    begin: Act = _nothing
    end: Act = _nothing
    needs: tuple[Need, ...] = ()
    spends_budget: bool = False


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


async def _fail_all(stage: Stage) -> None:
    for provider in PROVIDERS:
        stage.providers.let(provider, error_rate=1.0)


async def _slow_down(stage: Stage) -> None:
    if stage.link is not None:
        stage.link.let(_SLOW_SECONDS)


async def _speed_up(stage: Stage) -> None:
    if stage.link is not None:
        stage.link.let(0.0)


async def _fill_memory(stage: Stage) -> None:
    if stage.memory is not None:
        await stage.memory.fill()


async def _relieve_memory(stage: Stage) -> None:
    if stage.memory is not None:
        await stage.memory.relieve()


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
# An answer of the history is three of the database's; each must come within the application's five seconds.
_SLOW_SECONDS: Final = 3.0
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
        "total-outage": Scenario(
            "no provider answers anything but errors: whatever is not in the cache ends in 502",
            begin=_fail_all,
            end=_recover,
        ),
        "low-consensus": Scenario("the providers' answers part", begin=_disagree, end=_recover),
        "budget": Scenario(
            "the day's budget is soon spent, and analyses are refused",
            variables=MappingProxyType({"REFERENCE_APP_BUDGET_USD": "0.05"}),
            spends_budget=True,
        ),
        "redis-down": Scenario(
            "Redis is gone for a while: no cache, no rate limits",
            shares=MappingProxyType({**_NO_REPEATS, "greedy": 16}),
            begin=_stop_redis,
            end=_start_redis,
            needs=("Redis",),
        ),
        "slow-history": Scenario(
            "each answer of the database takes seconds longer, and everybody waits who reads the history",
            variables=MappingProxyType({"REFERENCE_APP_MYSQL_CONNECTIONS": "20"}),
            shares=MappingProxyType({"probe": 1, "no method": 1, "wrong": 1, "greedy": 20}),
            begin=_slow_down,
            end=_speed_up,
            needs=("MariaDB",),
        ),
        "memory": Scenario(
            "something beside the application takes almost all of the memory that both may have",
            begin=_fill_memory,
            end=_relieve_memory,
            needs=("memory",),
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
