"""What the routes need: made at the start of the application, let go at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from redis.asyncio import Redis
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from app_integration.reference_app.cache import (
    Cache,
    MemoryCache,
    MemoryRateLimiter,
    RateLimiter,
    RedisCache,
    RedisRateLimiter,
)
from app_integration.reference_app.feed import Feed
from app_integration.reference_app.history import History, MemoryHistory, MySqlHistory
from app_integration.reference_app.mysql_pool import MySqlPool, connect_to
from app_integration.reference_app.settings import Settings

_REDIS_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Services:
    """Cache, rate limiter, history and feed of one application."""

    settings: Settings
    cache: Cache
    limiter: RateLimiter
    history: History
    feed: Feed = field(default_factory=Feed)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Connect to what the settings name.

    Raises:
        pymysql.Error: the history cannot be reached; the application does not start without it.
    """
    history = await run_in_threadpool(_history, settings)
    try:
        if not settings.redis_url:
            limiter = MemoryRateLimiter(settings.rate_limit, settings.rate_window_seconds)
            yield Services(settings, MemoryCache(settings.cache_seconds), limiter, history)
            return
        client: Redis = Redis.from_url(
            settings.redis_url,
            socket_timeout=_REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
        )
        async with client:
            yield Services(
                settings,
                RedisCache(client, settings.cache_seconds),
                RedisRateLimiter(client, settings.rate_limit, settings.rate_window_seconds),
                history,
            )
    finally:
        await run_in_threadpool(history.close)


def _history(settings: Settings) -> History:
    if not settings.mysql_url:
        return MemoryHistory()
    return MySqlHistory(MySqlPool(connect_to(settings.mysql_url), settings.mysql_connections))


def _services(connection: HTTPConnection) -> Services:
    services = connection.app.state.services
    if not isinstance(services, Services):
        msg = "the application was not started: its lifespan makes the services"
        raise TypeError(msg)
    return services


# What a route declares to be given them.
FromServices = Annotated[Services, Depends(_services)]
