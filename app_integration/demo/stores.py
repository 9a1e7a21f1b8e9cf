"""The Redis and the MariaDB of the demo, where they are installed."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app_integration.demo import mariadb_server, redis_server
from app_integration.demo.comparison import Claim
from app_integration.demo.processes import DemoError
from app_integration.demo.views import View

START_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Stores:
    """The servers that were started, and what is said of those that were not."""

    redis: redis_server.RedisServer | None
    mariadb: mariadb_server.MariaDbServer | None
    notes: tuple[str, ...]

    async def claims(self) -> list[Claim]:
        """Return what the servers themselves have counted."""
        return [claim for store in (self.redis, self.mariadb) if store for claim in await store.claims()]


async def start_stores(stack: AsyncExitStack, directory: Path, view: View, stopping: asyncio.Event) -> Stores:
    """Start what is installed. Raises Interrupted."""
    notes = []
    redis = mariadb = None
    try:
        if (program := redis_server.program()) is None:
            raise DemoError(redis_server.MISSING)
        view.progress("starting Redis")
        redis = await stack.enter_async_context(redis_server.running(program, directory, START_SECONDS, stopping))
    except DemoError as error:
        notes.append(f"{error}: cache and rate limits are in memory.")
    try:
        if (programs := mariadb_server.programs()) is None:
            raise DemoError(mariadb_server.MISSING)
        view.progress("installing and starting MariaDB: some seconds")
        starting = mariadb_server.running(programs, directory, START_SECONDS, stopping)
        mariadb = await stack.enter_async_context(starting)
    except DemoError as error:
        notes.append(f"{error}: the history is in memory.")
    return Stores(redis, mariadb, tuple(notes))
