"""redis.asyncio: each operation, connection and failure counted as it happened, against a real Redis."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from redis import asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, ConnectionError, ResponseError, TimeoutError, WatchError  # noqa: A004  # the library's own

from app_integration.redis import RedisInstrumentor
from tests.support.measured import Measured
from tests.support.redis_server import RedisServer

OPERATIONS = "techsapo_redis_operations_total"
POOL_SIZE = "techsapo_redis_connection_pool_size"
ACTIVE = "techsapo_active_connections"
FAILURES = "techsapo_redis_connection_failures_total"


@pytest.fixture
def measured() -> Iterator[Measured]:
    """What redis-py's operations come to."""
    measured = Measured()
    RedisInstrumentor().instrument(meter_provider=measured.provider)
    yield measured
    RedisInstrumentor().uninstrument()


def client_of(server: RedisServer, *, retries: int = 0, **options: Any) -> redis.Redis:
    """Make a client that retries as often as told."""
    made: redis.Redis = redis.Redis.from_url(server.url, retry=Retry(NoBackoff(), retries), **options)
    return made


def with_client(server: RedisServer, use: Callable[[redis.Redis], Awaitable[None]], **options: Any) -> None:
    """Run `use` with a client in a loop of its own."""

    async def run() -> None:
        async with client_of(server, **options) as client:
            await use(client)

    asyncio.run(run())


def test_operations_are_counted_once(measured: Measured, redis_server: RedisServer) -> None:
    """Commands, errors, pipelines, transactions and optimistic locks: each once, with its status."""

    async def use(client: redis.Redis) -> None:
        await client.set("aio", "1")
        await asyncio.gather(*(client.get("aio") for _ in range(20)))
        with pytest.raises(ResponseError):
            await client.lpush("aio", "x")
        for transaction in (False, True):
            batch = client.pipeline(transaction=transaction)
            batch.get("aio")
            batch.incr("aio")
            await batch.execute()
        await client.pipeline().execute()
        async with client.pipeline() as pipeline:
            await pipeline.watch("aio")
            await client.set("aio", "2")
            pipeline.multi()  # type: ignore[no-untyped-call]  # redis-py's own, untyped
            pipeline.set("aio", "3")
            with pytest.raises(WatchError):
                await pipeline.execute()
        async with client.pubsub() as pubsub:
            await pubsub.subscribe("news")
            assert await pubsub.get_message(timeout=5) is not None
            assert await pubsub.get_message(timeout=0.01) is None

    with_client(redis_server, use)
    expected = {
        ("SET", "success"): 2,
        ("GET", "success"): 20,
        ("LPUSH", "error"): 1,
        ("PIPELINE", "success"): 1,
        ("MULTI", "success"): 1,
        ("MULTI", "error"): 1,
        ("WATCH", "success"): 1,
        ("SUBSCRIBE", "success"): 1,
    }
    assert expected == measured.values(OPERATIONS)
    assert {} == measured.values(FAILURES)


def test_failures_are_counted_once(measured: Measured, make_redis_server: Callable[..., RedisServer]) -> None:
    """A wrong password, a server that hangs and one that is killed: one error and one failure for each command."""
    server = make_redis_server(password="secret")
    right = server.password

    async def refused(client: redis.Redis) -> None:
        with pytest.raises(AuthenticationError):
            await client.get("a")

    server.password = "wrong"
    with_client(server, refused)
    assert (1, 1) == (measured.value(OPERATIONS, "GET", "error"), measured.value(FAILURES))

    async def hangs(client: redis.Redis) -> None:
        await client.ping()
        server.pause()
        with pytest.raises(TimeoutError):
            await client.get("a")
        server.resume()
        await client.ping()

    server.password = right
    with_client(server, hangs, socket_timeout=0.3)
    assert (2, 2) == (measured.value(OPERATIONS, "GET", "error"), measured.value(FAILURES))

    async def killed(client: redis.Redis) -> None:
        await asyncio.gather(*(client.ping() for _ in range(3)))
        assert 3 == measured.value(POOL_SIZE)
        server.kill()
        assert 0 == measured.value(POOL_SIZE)
        for _ in range(3):
            with pytest.raises(ConnectionError):
                await client.get("a")
        server.start()
        await client.get("a")
        assert 1 == measured.value(POOL_SIZE)

    with_client(server, killed)
    assert (5, 5) == (measured.value(OPERATIONS, "GET", "error"), measured.value(FAILURES))
    assert 1 == measured.value(OPERATIONS, "GET", "success")


def test_retries_are_one_operation(measured: Measured, make_redis_server: Callable[..., RedisServer]) -> None:
    """A command that is retried in vain is one error; each attempt to connect that failed is a failure."""
    server = make_redis_server()
    server.kill()

    async def use(client: redis.Redis) -> None:
        with pytest.raises(ConnectionError):
            await client.get("a")

    with_client(server, use, retries=2)
    assert {("GET", "error"): 1} == measured.values(OPERATIONS)
    assert 3 == measured.value(FAILURES)


def test_a_cancelled_command_is_an_error_of_its_own(measured: Measured, redis_server: RedisServer) -> None:
    """A command whose task is cancelled is counted, as an error; its connection did not fail."""

    async def use(client: redis.Redis) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.blpop(["nothing"], timeout=0), 0.1)
        assert 0 == measured.value(ACTIVE, "redis")

    with_client(redis_server, use)
    assert {("BLPOP", "error"): 1} == measured.values(OPERATIONS)
    assert {} == measured.values(FAILURES)


@pytest.mark.parametrize("pool_class", [redis.ConnectionPool, redis.BlockingConnectionPool])
def test_pools_under_load(
    measured: Measured, redis_server: RedisServer, pool_class: type[redis.ConnectionPool]
) -> None:
    """What is handed out is active, what is open is the pool's size; both follow each change."""

    def figures() -> tuple[float, float]:
        return measured.value(POOL_SIZE), measured.value(ACTIVE, "redis")

    async def use() -> None:
        pool = pool_class.from_url(redis_server.url, max_connections=5)
        held = [await pool.get_connection() for _ in range(5)]  # type: ignore[no-untyped-call]  # untyped in redis-py
        assert (5, 5) == figures()
        for connection in held[:3]:
            await pool.release(connection)
        assert (5, 2) == figures()
        await pool.disconnect(inuse_connections=False)
        assert (2, 2) == figures()
        for connection in held[3:]:
            await pool.release(connection)
        assert (2, 0) == figures()
        await pool.aclose()
        assert (0, 0) == figures()

    asyncio.run(use())
