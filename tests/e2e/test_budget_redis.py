"""The budget over several processes and a real Redis."""

import multiprocessing
import threading
from collections.abc import Callable

import redis
from redis.exceptions import RedisError

from app_integration.budget import BudgetGuard, RedisStore
from tests.support.redis_server import RedisServer


def spends(url: str, start: threading.Barrier) -> None:
    """Spend a lot, beside others."""
    guard = BudgetGuard(10, store=RedisStore(redis.Redis.from_url(url)))
    start.wait(30)
    for _ in range(200):
        guard.spend(1)
        guard.sync()


def test_processes_share_a_redis(redis_server: RedisServer) -> None:
    """Four of them, all at once; whoever comes afterwards knows the sum."""
    client = redis.Redis.from_url(redis_server.url)
    client.flushdb()
    processes = multiprocessing.get_context("spawn")
    start = processes.Barrier(4)
    children = [processes.Process(target=spends, args=(redis_server.url, start)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    guard = BudgetGuard(10, store=RedisStore(client))
    guard.sync()
    assert guard.spent_today_picodollars == 800
    (key,) = client.keys("techsapo:budget:*")
    assert 0 < client.ttl(key) <= 3 * 24 * 3_600


def test_a_redis_that_is_killed_takes_nothing_with_it(make_redis_server: Callable[..., RedisServer]) -> None:
    """Not even its data: each process tells its whole sum again."""
    first = make_redis_server()
    guards = [BudgetGuard(10, store=RedisStore(redis.Redis.from_url(first.url))) for _ in range(2)]
    for guard in guards:
        guard.spend(5)
        guard.sync()
    redis.Redis.from_url(first.url).flushall()
    for guard in (*guards, *guards):
        guard.spend(1)
        guard.sync()
    assert [guard.spent_today_picodollars for guard in guards] == [13, 14]
    first.kill()
    try:
        guards[0].spend(1)
        assert not guards[0].sync()
    except RedisError:
        raise AssertionError from None
    assert guards[0].spent_today_picodollars == 14
