"""Redis pools: what is open and what is handed out, as it is, against a real Redis."""

import gc
from collections.abc import Callable, Iterator

import pytest
import redis

from app_integration.redis import RedisInstrumentor
from tests.support.measured import Measured
from tests.support.redis_clients import client_of
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


@pytest.mark.parametrize("pool_class", [redis.ConnectionPool, redis.BlockingConnectionPool])
def test_pools_under_load(
    measured: Measured, redis_server: RedisServer, pool_class: type[redis.ConnectionPool]
) -> None:
    """What is handed out is active, what is open is the pool's size; both follow each change."""

    def figures() -> tuple[float, float]:
        return measured.value(POOL_SIZE), measured.value(ACTIVE, "redis")

    options = {"timeout": 0.05} if pool_class is redis.BlockingConnectionPool else {}
    pool = pool_class.from_url(redis_server.url, max_connections=5, **options)
    assert (0, 0) == figures()
    held = [pool.get_connection() for _ in range(5)]
    assert (5, 5) == figures()
    with pytest.raises(redis.exceptions.ConnectionError):
        redis.Redis(connection_pool=pool).get("a")
    assert (5, 5) == figures()
    assert {("GET", "error"): 1} == measured.values(OPERATIONS)
    assert {} == measured.values(FAILURES)
    for connection in held[:3]:
        pool.release(connection)
    assert (5, 2) == figures()
    pool.disconnect(inuse_connections=False)
    assert (2, 2) == figures()
    for connection in held[3:]:
        pool.release(connection)
    assert (2, 0) == figures()
    pool.disconnect()
    assert (0, 0) == figures()
    redis.Redis(connection_pool=pool).get("a")
    assert (1, 0) == figures()
    del connection, held, pool
    gc.collect()
    # A pool that is gone has no connections; that is a figure too.
    assert {(): 0} == measured.values(POOL_SIZE)


def test_the_size_is_the_servers_own(measured: Measured, make_redis_server: Callable[..., RedisServer]) -> None:
    """Clients that come and go: as many connections as the server has."""
    server = make_redis_server()
    clients = [client_of(server) for _ in range(5)]
    for each in clients:
        each.ping()
    assert 5 == len(clients[0].client_list())
    assert 5 == measured.value(POOL_SIZE)
    clients[0].close()
    del clients[1:3], each
    gc.collect()
    # The rest, less those that were closed and collected.
    assert len(clients[-1].client_list()) == measured.value(POOL_SIZE) == 2


def test_a_pool_made_before_is_counted_once_it_is_used(redis_server: RedisServer) -> None:
    """Clients that exist when instrumentation begins are included; after it ends nothing is counted."""
    client = client_of(redis_server)
    client.ping()
    measured = Measured()
    RedisInstrumentor().instrument(meter_provider=measured.provider)
    client.ping()
    assert 1 == measured.value(POOL_SIZE)
    assert {("PING", "success"): 1} == measured.values(OPERATIONS)
    RedisInstrumentor().uninstrument()
    client.ping()
    assert {("PING", "success"): 1} == measured.values(OPERATIONS)
    client.close()
