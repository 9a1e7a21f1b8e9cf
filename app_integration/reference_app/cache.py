"""The cache of verdicts, and the rate limiter: in Redis, or in memory where there is none."""

import hashlib
import time
from collections import OrderedDict
from typing import Protocol

from redis.asyncio import Redis

_MOST_IN_MEMORY = 10_000


class Cache(Protocol):
    """Texts by key, for some time: what a key is made of may be long, and private."""

    kind: str

    async def get(self, key: str) -> str | None:
        """Return the text, None where there is none. Raises redis.RedisError."""

    async def set(self, key: str, text: str) -> None:
        """Keep a text. Raises redis.RedisError."""

    async def ping(self) -> None:
        """Raise redis.RedisError where the cache cannot be reached."""


class RateLimiter(Protocol):
    """So many requests for a client in each window of time."""

    async def admit(self, route: str, client_address: str) -> bool:
        """Count a request and tell whether it is within the limit. Raises redis.RedisError."""


class RedisCache:
    """Texts that Redis keeps for `seconds`."""

    kind = "redis"

    def __init__(self, client: "Redis", seconds: int) -> None:
        self._client = client
        self._seconds = seconds

    async def get(self, key: str) -> str | None:
        """Return the text, None where there is none. Raises redis.RedisError."""
        text = await self._client.get(_hashed(key))
        return text.decode() if isinstance(text, bytes) else text

    async def set(self, key: str, text: str) -> None:
        """Keep a text. Raises redis.RedisError."""
        await self._client.set(_hashed(key), text, ex=self._seconds)

    async def ping(self) -> None:
        """Raise redis.RedisError where Redis cannot be reached."""
        await self._client.ping()


class RedisRateLimiter:
    """A fixed window in Redis: all processes of the application share it."""

    def __init__(self, client: "Redis", limit: int, window_seconds: int) -> None:
        self._client = client
        self._limit = limit
        self._window_seconds = window_seconds

    async def admit(self, route: str, client_address: str) -> bool:
        """Count a request and tell whether it is within the limit. Raises redis.RedisError."""
        # The window's number is in the key: a key that should miss its EXPIRE would not lock its client out for ever.
        key = f"rate:{route}:{client_address}:{_window(self._window_seconds)}"
        count = await self._client.incr(key)
        if count == 1:
            await self._client.expire(key, self._window_seconds)
        return count <= self._limit


class MemoryCache:
    """A bounded cache in this process."""

    kind = "memory"

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._texts: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def get(self, key: str) -> str | None:
        """Return the text, None where there is none."""
        until, text = self._texts.get(_hashed(key), (0.0, ""))
        return text if time.monotonic() < until else None

    async def set(self, key: str, text: str) -> None:
        """Keep a text."""
        self._texts[_hashed(key)] = (time.monotonic() + self._seconds, text)
        while len(self._texts) > _MOST_IN_MEMORY:
            self._texts.popitem(last=False)

    async def ping(self) -> None:
        """It is always here."""


class MemoryRateLimiter:
    """A fixed window in this process; the counts of the windows before are forgotten."""

    def __init__(self, limit: int, window_seconds: int) -> None:
        self._limit = limit
        self._window_seconds = window_seconds
        self._now = -1
        self._counts: dict[tuple[str, str], int] = {}

    async def admit(self, route: str, client_address: str) -> bool:
        """Count a request and tell whether it is within the limit."""
        if self._now != (now := _window(self._window_seconds)):
            self._now = now
            self._counts.clear()
        key = (route, client_address)
        self._counts[key] = count = self._counts.get(key, 0) + 1
        if len(self._counts) > _MOST_IN_MEMORY:  # who has many addresses must not fill the memory
            del self._counts[next(iter(self._counts))]
        return count <= self._limit


def _hashed(key: str) -> str:
    return "verdict:" + hashlib.sha256(key.encode()).hexdigest()


def _window(seconds: int) -> int:
    return int(time.time() // seconds)
