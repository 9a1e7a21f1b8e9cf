"""Events in services, with the demo's scenarios: what the alerts on applications are for."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from app_integration.demo import mariadb_server, memory_group, redis_server, slow_link
from app_integration.demo.processes import DemoError
from app_integration.demo.scenarios import SCENARIOS
from app_integration.demo.stage import Stage
from app_integration.simulator import PROVIDERS
from tests.support import alert_services
from tests.support.alert_events import Event, alert, firing, resolved, until
from tests.support.alert_services import START_SECONDS, Service
from tests.support.alert_stack import AlertStack

FAILING: Final = (
    *(alert("LlmProviderFailing", "P0", job="outage", provider=provider) for provider in PROVIDERS),
    alert("HttpServerErrors", "P0", job="outage"),
    alert("SloBudgetBurns", "P0", job="outage", slo="availability", burn="fast"),
)
BURNING: Final = alert("SloBudgetBurns", "P1", job="outage", slo="availability", burn="medium")
PARTING: Final = (alert("ConsensusConfidenceLow", "P0", job="parting"), alert("ConsensusFalling", "P1", job="parting"))
RUNNING_OUT: Final = alert("BudgetRunningOut", "P1", job="spending")
SPENT: Final = alert("BudgetNearlySpent", "P1", job="spending")
NOTHING_LEFT: Final = alert("BudgetSpent", "P1", job="spending")
FULL: Final = alert("MemoryNearLimit", "P0", job="stores", component="container")
SLOW: Final = alert("ResponsesSlow", "P1", job="stores")
NO_REDIS: Final = alert("RedisConnectionFailures", "P1", job="stores")
STALE: Final = alert("DataStale", "P1", job="misconfigured")
_NEW_MODEL: Final = "deepseek/deepseek-v9"
UNPRICED: Final = alert("LlmCallsUnpriced", "P1", job="misconfigured", provider="openrouter", model=_NEW_MODEL)
SILENT: Final = alert("ServiceSilent", "P0", job="stores")

# The guard refuses at the budget; until then a part of it is spent at once, and the rest when that was told.
_BUDGET_USD: Final = 0.6
_FIRST_SHARE: Final = 0.7
# What has been spent within the window of an hour must have been spent for so long, at the pace, when it is over.
_LONG_ENOUGH_SECONDS: Final = 30


async def lose_all_providers(stack: AlertStack, directory: Path, exits: AsyncExitStack) -> None:
    """No provider answers for a while: nobody gets an analysis, and a month's allowance burns."""
    scenario = SCENARIOS["total-outage"]
    service = await exits.enter_async_context(alert_services.running(stack, directory, "outage"))
    stage = Stage(service.providers)
    service.send(6, {"new": 1})
    # Beside those that wait for providers: with fewer requests a share would say nothing, and the alert would end.
    service.send(6, {"health": 1})
    await until(lambda: _calls(stack, "outage") > 0, "a call of the service outage")
    await scenario.begin(stage)
    await firing(stack, *FAILING)
    # Long enough that it is told for the longer window, too, once the shorter one has ended.
    since = 'time() - ALERTS_FOR_STATE{alertname="SloBudgetBurns",burn="medium",job="outage",slo="availability"}'
    await until(lambda: (stack.prometheus.value(since) or 0) > _LONG_ENOUGH_SECONDS, "half a minute of failures")
    await scenario.end(stage)
    await resolved(stack, *FAILING)
    await firing(stack, BURNING)
    await resolved(stack, BURNING)
    await service.be_quiet()


async def let_answers_part(stack: AlertStack, directory: Path, exits: AsyncExitStack) -> None:
    """The providers agree for an hour, and no longer, and then again."""
    scenario = SCENARIOS["low-consensus"]
    service = await exits.enter_async_context(alert_services.running(stack, directory, "parting"))
    stage = Stage(service.providers)
    service.send(5, {"new": 1})
    before = 'job:wallbounce_consensus_confidence_count:rate1h{job="parting"} offset 20s'
    await until(lambda: stack.prometheus.value(before), "twenty seconds of agreement")
    await scenario.begin(stage)
    await firing(stack, *PARTING)
    await scenario.end(stage)
    await resolved(stack, *PARTING)
    await service.be_quiet()


async def spend_the_budget(stack: AlertStack, directory: Path, exits: AsyncExitStack) -> None:
    """Most of it is spent at once, then all of it, and somebody raises it."""
    variables = {"REFERENCE_APP_BUDGET_USD": str(_BUDGET_USD)}
    async with alert_services.running(stack, directory, "spending", variables) as poor:
        poor.send(10, {"new": 1})
        await until(lambda: _spent(poor) > _FIRST_SHARE * _BUDGET_USD, "seven tenths of the budget spent")
        await poor.be_quiet()
        await firing(stack, RUNNING_OUT)
        poor.send(10, {"new": 1})
        await firing(stack, SPENT, NOTHING_LEFT)
        # Before the old one ends: else the service would have been silent.
        await exits.enter_async_context(alert_services.running(stack, directory / "raised", "spending"))
    await resolved(stack, RUNNING_OUT, SPENT, NOTHING_LEFT)


async def lose_the_stores(stack: AlertStack, directory: Path, exits: AsyncExitStack) -> None:
    """The memory fills up; then the database is slow, and Redis is gone; in the end the service is killed."""
    redis, mariadb = await _stores(exits, directory)
    link = await exits.enter_async_context(slow_link.running(mariadb.port))
    group = await exits.enter_async_context(memory_group.running(directory / "ballast.log"))
    variables = {
        **SCENARIOS["slow-history"].variables,
        "REFERENCE_APP_REDIS_URL": redis.url,
        "REFERENCE_APP_MYSQL_URL": mariadb.url_at(link.port),
    }
    async with alert_services.running(stack, directory / "app", "stores", variables, group=group) as service:
        stage = Stage(service.providers, redis, link, group)
        service.send(6, {"new": 3, "history": 3})
        for names, alerts in ((("memory",), (FULL,)), (("slow-history", "redis-down"), (SLOW, NO_REDIS))):
            for name in names:
                await SCENARIOS[name].begin(stage)
            await firing(stack, *alerts)
            for name in names:
                await SCENARIOS[name].end(stage)
            await resolved(stack, *alerts)
        os.killpg(service.app.child.pid, signal.SIGKILL)
    await firing(stack, SILENT)
    await exits.enter_async_context(alert_services.running(stack, directory / "again", "stores"))
    await resolved(stack, SILENT)


async def deploy_wrongly(stack: AlertStack, directory: Path, exits: AsyncExitStack) -> None:
    """A service pushes once a minute, and asks a model that nobody has a price of; then it is deployed rightly."""
    # Of two Collectors that are told in turn one would always know of a push that is not so old.
    variables = {"REFERENCE_APP_OPENROUTER_MODEL": _NEW_MODEL, "TECHSAPO_OTLP_ENDPOINTS": stack.collectors[0].endpoint}
    async with alert_services.running(stack, directory, "misconfigured", variables, interval=4) as wrong:
        wrong.send(5, {"new": 1})
        await firing(stack, STALE, UNPRICED)
        # More often than it must: on a busy machine a push is late by what would be a quarter of a minute here.
        running = alert_services.running(stack, directory / "right", "misconfigured", interval=0.5)
        right = await exits.enter_async_context(running)
    right.send(5, {"new": 1})
    await resolved(stack, STALE, UNPRICED)
    await right.be_quiet()


async def _stores(
    exits: AsyncExitStack, directory: Path
) -> tuple[redis_server.RedisServer, mariadb_server.MariaDbServer]:
    redis, mariadb, stopping = redis_server.program(), mariadb_server.programs(), asyncio.Event()
    if redis is None or mariadb is None:
        raise DemoError(redis_server.MISSING if redis is None else mariadb_server.MISSING)
    await asyncio.to_thread(directory.mkdir)
    return (
        await exits.enter_async_context(redis_server.running(redis, directory, START_SECONDS, stopping)),
        await exits.enter_async_context(mariadb_server.running(mariadb, directory, START_SECONDS, stopping)),
    )


def _spent(service: Service) -> float:
    """Return in USD what its providers have served to it."""
    claims = {claim.metric: claim.sent for claim in service.providers.claims()}
    return claims["techsapo_budget_spent_today_usd"][""]


def _calls(stack: AlertStack, job: str) -> float:
    return stack.prometheus.value(f'sum(techsapo_llm_requests_total{{job="{job}"}})') or 0


EVENTS: Final = (
    Event("outage", (*FAILING, BURNING), lose_all_providers),
    Event("parting", PARTING, let_answers_part),
    Event("spending", (RUNNING_OUT, SPENT, NOTHING_LEFT), spend_the_budget),
    Event("stores", (FULL, SLOW, NO_REDIS, SILENT), lose_the_stores),
    Event("misconfigured", (STALE, UNPRICED), deploy_wrongly),
)
