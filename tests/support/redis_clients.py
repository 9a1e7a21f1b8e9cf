"""Clients of a Redis that the tests started."""

from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.support.redis_server import RedisServer


def client_of(server: RedisServer, *, retries: int = 0, **options: Any) -> "redis.Redis":
    """Make a client that retries as often as told."""
    made: redis.Redis = redis.Redis.from_url(server.url, retry=Retry(NoBackoff(), retries), **options)
    return made
