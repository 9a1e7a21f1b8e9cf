"""A Redis of the demo's own, and what Redis itself counts."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app_integration.demo.comparison import Claim
from app_integration.demo.processes import LOOPBACK, DemoError, free_ports, is_listening, started, until_ready

SOURCE = "Redis"
MISSING = "redis-server is not installed (apt-get install redis-server)"

# What clients say to a server by themselves: the handshake of a connection, and the demo's own questions.
_NO_OPERATIONS = re.compile(r"hello|auth|select|info|client\|.*|command.*|config\|.*")
# What is within the one transaction that the application sends, by which its budget's account is kept. It finds a key.
_WITHIN_TRANSACTION = ("HSET", "EXPIRE", "HVALS", "EXEC")


def program() -> str | None:
    """Return where Redis is installed, None where it is not."""
    return shutil.which("redis-server")


class RedisServer:
    """A Redis of the demo's own: its address, and its counts since the demo looked first.

    It can be down for a while; it has forgotten its counts afterwards. Raises DemoError and Interrupted, as
    `until_ready`, where it is started.
    """

    def __init__(self, program: str, directory: Path, deadline: float, stopping: asyncio.Event) -> None:
        (self._port,) = free_ports(1)
        self._command = [program, "--bind", LOOPBACK, "--port", str(self._port), "--dir", str(directory)]
        self._command += ["--save", "", "--appendonly", "no"]
        self._log = directory / "redis.log"
        self._deadline = deadline
        self._stopping = stopping
        self._running = AsyncExitStack()
        self._starts = 0
        self.url = f"redis://{LOOPBACK}:{self._port}/0"
        self._client: Redis = Redis.from_url(self.url)

    async def start(self) -> None:
        """Start it, unless it runs."""
        if self._starts and await is_listening(self._port):
            return
        child = await self._running.enter_async_context(started("Redis", self._command, self._log))
        stopping = self._stopping if not self._starts else asyncio.Event()
        self._starts += 1
        await until_ready(child, lambda: is_listening(self._port), self._deadline, stopping)

    async def stop(self) -> None:
        """End it, and the demo's own connection to it."""
        await self._client.aclose()
        await self._running.aclose()

    @property
    def was_down(self) -> bool:
        """Whether it was started more than once."""
        return self._starts > 1

    async def claims(self) -> list[Claim]:
        """Return what Redis says of its commands, its key look-ups and its clients. Raises DemoError: it is gone."""
        if self.was_down:
            return []
        commands = await self._info("commandstats")
        stats, clients = await self._info("stats"), await self._info("clients")
        by_status: dict[str, float] = {}
        by_name: dict[str, float] = {}
        for key, figures in commands.items():
            name = key.removeprefix("cmdstat_")
            if isinstance(figures, Mapping) and not _NO_OPERATIONS.fullmatch(name):
                failed = float(figures["failed_calls"]) + float(figures["rejected_calls"])
                operation = name.upper().replace("|", " ")
                by_name[operation] = float(figures["calls"]) + float(figures["rejected_calls"])
                by_status[f"{operation} success"] = by_name[operation] - failed
                by_status[f"{operation} error"] = failed
        # A transaction is one operation for who sends it: MULTI.
        transactions = by_name.get("EXEC", 0.0)
        for operation in _WITHIN_TRANSACTION if transactions else ():
            by_name[operation] -= transactions
            by_status[f"{operation} success"] -= transactions
        hits = float(str(stats["keyspace_hits"])) - transactions
        look_ups = {"redis hit": hits, "redis miss": float(str(stats["keyspace_misses"]))}
        # One of them is the demo's.
        connected = {"": float(str(clients["connected_clients"])) - 1}
        duration = "techsapo_db_operation_duration_seconds_count"
        return [
            Claim(SOURCE, "techsapo_redis_operations_total", ("operation", "status"), by_status),
            Claim(SOURCE, duration, ("operation",), by_name, {"system": "redis"}),
            Claim(SOURCE, "techsapo_cache_requests_total", ("cache_type", "result"), look_ups),
            Claim(SOURCE, "techsapo_redis_connection_pool_size", (), connected),
        ]

    async def _info(self, section: str) -> Mapping[str, object]:
        try:
            found: Mapping[str, object] = await self._client.info(section)
        except RedisError as error:
            msg = f"Redis does not answer: {error}"
            raise DemoError(msg) from error
        return found


@asynccontextmanager
async def running(
    program: str, directory: Path, deadline: float, stopping: asyncio.Event
) -> AsyncIterator[RedisServer]:
    """Start a Redis that keeps nothing on disk. Raises DemoError and Interrupted, as `until_ready`."""
    server = RedisServer(program, directory, deadline, stopping)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
