"""What the routes need: made at the start of the application, let go at its end."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from app_integration.budget import BudgetGuard, MemoryStore, RedisStore, Store
from app_integration.client_address import TrustedProxies
from app_integration.reference_app.analyzer import Analyzer
from app_integration.reference_app.archiving import Archive, Archiving, NoArchive, archiving
from app_integration.reference_app.authentication import Authentication
from app_integration.reference_app.breakers import Breakers
from app_integration.reference_app.cache import (
    Cache,
    MemoryCache,
    MemoryRateLimiter,
    RateLimiter,
    RedisCache,
    RedisRateLimiter,
)
from app_integration.reference_app.feed import Feed
from app_integration.reference_app.history import History, MemoryHistory
from app_integration.reference_app.mysql_history import MySqlHistory
from app_integration.reference_app.mysql_pool import MySqlPool, connect_to
from app_integration.reference_app.providers import open_providers
from app_integration.reference_app.settings import PREFIX, Settings
from app_integration.simulator import Behaviour, Simulator, behaviours, running

_REDIS_TIMEOUT_SECONDS = 2.0
# How much the workers together may overspend is what they spend in this time.
_BUDGET_INTERVAL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Services:
    """What one application works with; `simulator_url` is None where the providers are the real ones."""

    settings: Settings
    cache: Cache
    limiter: RateLimiter
    history: History
    analyzer: Analyzer
    budget: BudgetGuard
    archive: Archiving
    authentication: Authentication
    proxies: TrustedProxies
    simulator_url: str | None
    feed: Feed = field(default_factory=Feed)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Connect to what the settings name.

    Raises:
        ValueError: a setting is wrong, or fewer than two providers have a key.
        pymysql.Error: the history cannot be reached; the application does not start without it.
    """
    async with AsyncExitStack() as stack:
        # What checks settings comes first: nothing is open yet.
        with _named("API_KEYS"):
            Authentication(settings.digests)
        with _named("JWT_SECRET"):
            authentication = Authentication(settings.digests, settings.jwt_secret)
        with _named("TRUSTED_PROXIES"):
            proxies = TrustedProxies.from_text(settings.trusted_proxies)
        simulator_url = await _simulator(stack, settings)
        providers = open_providers(settings, simulator_url)
        for provider in providers:
            stack.push_async_callback(provider.close)
        breakers = Breakers(
            (provider.name for provider in providers), settings.breaker_failures, settings.breaker_seconds
        )
        history = await run_in_threadpool(_history, settings)
        stack.push_async_callback(run_in_threadpool, history.close)
        cache, limiter, budget = await _shared(stack, settings)
        yield Services(
            settings,
            cache,
            limiter,
            history,
            Analyzer(providers, breakers, settings.agreement, lambda: budget.remaining_usd > 0),
            budget,
            await stack.enter_async_context(archiving(_archive(settings))),
            authentication,
            proxies,
            simulator_url,
        )


async def _simulator(stack: AsyncExitStack, settings: Settings) -> str | None:
    """Return the address of the simulated providers, None where there are keys to the real ones."""
    if settings.simulator_url:
        return settings.simulator_url.rstrip("/")
    if settings.has_keys:
        return None
    usual = Behaviour().changed(
        {"latency_seconds": settings.latency_seconds, "latency_spread_seconds": settings.latency_seconds / 2}
    )
    with _named("SIMULATOR_BEHAVIOUR"):
        simulator = Simulator(behaviours(settings.simulator_behaviour.split(), usual))
    return stack.enter_context(running(simulator))


async def _shared(stack: AsyncExitStack, settings: Settings) -> tuple[Cache, RateLimiter, BudgetGuard]:
    """Return what all processes of the application share where there is a Redis."""
    limit, window = settings.rate_limit, settings.rate_window_seconds
    if not settings.redis_url:
        guard = await _guard(stack, settings, MemoryStore())
        return MemoryCache(settings.cache_seconds), MemoryRateLimiter(limit, window), guard
    url, seconds = settings.redis_url, _REDIS_TIMEOUT_SECONDS
    try:
        client: AsyncRedis = AsyncRedis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds)
    except ValueError:  # its message quotes what may be a part of a password
        msg = f"{PREFIX}REDIS_URL: accepted is redis://user:password@host:port/number, rediss:// or unix://"
        raise ValueError(msg) from None
    await stack.enter_async_context(client)
    # The guard works in a thread of its own, so with a client of its own.
    account: Redis = Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds)
    stack.enter_context(account)
    guard = await _guard(stack, settings, RedisStore(account))
    return RedisCache(client, settings.cache_seconds), RedisRateLimiter(client, limit, window), guard


async def _guard(stack: AsyncExitStack, settings: Settings, store: Store) -> BudgetGuard:
    with _named("BUDGET_TIMEZONE"):
        guard = BudgetGuard(
            settings.budget_usd, settings.budget_timezone, store, interval_seconds=_BUDGET_INTERVAL_SECONDS
        )
    await run_in_threadpool(guard.start)
    stack.push_async_callback(run_in_threadpool, guard.close)
    return guard


@contextmanager
def _named(setting: str) -> Iterator[None]:
    """Have an error name the variable that is wrong."""
    try:
        yield
    except ValueError as error:
        msg = f"{PREFIX}{setting}: {error}"
        raise ValueError(msg) from error


def _history(settings: Settings) -> History:
    if not settings.mysql_url:
        return MemoryHistory()
    return MySqlHistory(MySqlPool(connect_to(settings.mysql_url), settings.mysql_connections))


def _archive(settings: Settings) -> Archive:
    if not settings.archive_folder:
        return NoArchive()
    # Google's client takes its time to load, and most have no use for it.
    from app_integration.reference_app.archive import DriveArchive

    return DriveArchive(settings.archive_folder, Path(settings.archive_credentials), settings.archive_url or None)


def _services(connection: HTTPConnection) -> Services:
    services = connection.app.state.services
    if not isinstance(services, Services):
        msg = "the application was not started: its lifespan makes the services"
        raise TypeError(msg)
    return services


# What a route declares to be given them.
FromServices = Annotated[Services, Depends(_services)]
