"""What the application can be told by its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

PREFIX = "REFERENCE_APP_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where data is kept, and how the application behaves.

    Without `redis_url` cache and rate limits are in memory, without `mysql_url` the history is. At most `rate_limit`
    analyses are made for a client in `rate_window_seconds`. `latency_seconds` is how long an answer takes that is not
    in the cache, `stream_pause_seconds` the pause between two words of a stream.
    """

    redis_url: str = ""
    mysql_url: str = ""
    mysql_connections: int = 4
    latency_seconds: float = 0.05
    stream_pause_seconds: float = 0.01
    cache_seconds: int = 300
    rate_limit: int = 60
    rate_window_seconds: int = 60

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read `REFERENCE_APP_REDIS_URL` and so on, by default from the environment of the process.

        Raises:
            ValueError: a number is none.
        """
        environ = os.environ if environ is None else environ
        given = {name: environ[PREFIX + name.upper()] for name in cls.__slots__ if PREFIX + name.upper() in environ}
        return cls(
            redis_url=given.get("redis_url", cls().redis_url),
            mysql_url=given.get("mysql_url", cls().mysql_url),
            mysql_connections=int(given.get("mysql_connections", cls().mysql_connections)),
            latency_seconds=float(given.get("latency_seconds", cls().latency_seconds)),
            stream_pause_seconds=float(given.get("stream_pause_seconds", cls().stream_pause_seconds)),
            cache_seconds=int(given.get("cache_seconds", cls().cache_seconds)),
            rate_limit=int(given.get("rate_limit", cls().rate_limit)),
            rate_window_seconds=int(given.get("rate_window_seconds", cls().rate_window_seconds)),
        )
