"""The budget over several processes and a real Redis."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier, Event

import redis

from app_integration.budget import BudgetGuard, RedisStore
from tests.support import wait
from tests.support.redis_server import RedisServer

PATIENCE = 60


def noon() -> float:
    """Tell the time: always the same, for no test to meet midnight."""
    return 1_773_144_000.0


def client_of(server: RedisServer) -> redis.Redis:
    """A client that does not wait for long."""
    return redis.Redis.from_url(server.url, socket_timeout=1, socket_connect_timeout=1)


def spends(server_url: str, start: Barrier, is_down: Event, ends: Event) -> None:
    """Spend beside others; go on while the server is down; end when told to."""
    client = redis.Redis.from_url(server_url, socket_timeout=1, socket_connect_timeout=1)
    guard = BudgetGuard(10, store=RedisStore(client), clock=noon, interval_seconds=0.02)
    guard.start()
    start.wait(PATIENCE)
    for _ in range(1_000):
        guard.spend(1)
    is_down.wait(PATIENCE)
    for _ in range(1_000):
        guard.spend(10)
    start.wait(PATIENCE)
    ends.wait(PATIENCE)
    guard.spend(100)
    guard.close()


def test_processes_share_a_redis_that_is_restarted(make_redis_server: Callable[..., RedisServer]) -> None:
    """Four at once, its data kept; whoever comes afterwards knows the exact sum."""
    server = make_redis_server(options=("--appendonly", "yes", "--appendfsync", "always"))
    processes = multiprocessing.get_context("spawn")
    start, is_down, ends = processes.Barrier(5), processes.Event(), processes.Event()
    children = [processes.Process(target=spends, args=(server.url, start, is_down, ends)) for _ in range(4)]
    for child in children:
        child.start()
    start.wait(PATIENCE)
    watching = BudgetGuard(10, store=RedisStore(client_of(server)), clock=noon)
    wait.until(lambda: watching.sync() and watching.spent_today_picodollars == 4_000, PATIENCE, "the first sum")
    server.kill()
    is_down.set()
    start.wait(PATIENCE)
    assert not watching.sync()
    assert watching.spent_today_picodollars == 4_000
    server.start()
    assert watching.sync()
    wait.until(lambda: watching.sync() and watching.spent_today_picodollars == 44_000, PATIENCE, "the second sum")
    ends.set()
    for child in children:
        child.join(PATIENCE)
    assert [child.exitcode for child in children] == [0] * 4
    guard = BudgetGuard(10, store=RedisStore(client_of(server)), clock=noon)
    guard.start()
    assert guard.spent_today_picodollars == 44_400
    guard.close()
    (key,) = client_of(server).keys("techsapo:budget:*")
    assert 2 * 24 * 3_600 < client_of(server).ttl(key) <= 3 * 24 * 3_600


def test_a_redis_that_forgets_is_told_again(make_redis_server: Callable[..., RedisServer]) -> None:
    """By each process that lives: its whole sum of the day."""
    server = make_redis_server()
    guards = [BudgetGuard(10, store=RedisStore(client_of(server)), clock=noon) for _ in range(2)]
    for guard in guards:
        guard.spend(5)
        guard.sync()
    server.kill()
    server.start()
    for guard in (*guards, *guards):
        guard.spend(1)
        assert guard.sync()
    assert [guard.spent_today_picodollars for guard in guards] == [13, 14]


def test_a_redis_that_hangs_is_waited_for_by_nobody_who_spends(make_redis_server: Callable[..., RedisServer]) -> None:
    """What it was told before it hung and what afterwards come to one sum, in whatever order it reads them."""
    server = make_redis_server()
    guard = BudgetGuard(10, store=RedisStore(client_of(server)), clock=noon, interval_seconds=0.02)
    guard.start()
    guard.spend(1)
    server.pause()
    for _ in range(3):
        guard.spend(10)
        assert not guard.sync()
    assert guard.spent_today_picodollars == 31
    server.resume()
    other = BudgetGuard(10, store=RedisStore(client_of(server)), clock=noon)
    wait.until(lambda: other.sync() and other.spent_today_picodollars == 31, PATIENCE, "the sum")
    guard.close()
    other.sync()
    assert other.spent_today_picodollars == 31


def test_services_with_other_prefixes_have_budgets_of_their_own(redis_server: RedisServer) -> None:
    """In one Redis."""
    client, prefixes = redis.Redis.from_url(redis_server.url), ("budget of one", "of another")
    one, other = (BudgetGuard(10, store=RedisStore(client, prefix), clock=noon) for prefix in prefixes)
    one.spend(5)
    one.sync()
    other.sync()
    assert (one.spent_today_picodollars, other.spent_today_picodollars) == (5, 0)
