"""Where workers tell each other what they have spent: what fails, what is kept, who shares."""

import fcntl
import json
import multiprocessing
import os
import threading
from pathlib import Path
from typing import TextIO

import pytest
import redis
from opentelemetry import context

from app_integration import spending
from app_integration.budget import BudgetGuard, FileStore, MemoryStore, RedisStore, Store
from tests.support.budgets import Clock, UnsteadyStore


@pytest.mark.parametrize("fails", ["before", "after", "late"])
def test_a_store_that_fails_loses_nothing_and_doubles_nothing(fails: str, caplog: pytest.LogCaptureFixture) -> None:
    """Also where it had taken what it did not answer, or takes it afterwards; said once."""
    store = UnsteadyStore()
    guard, other = (BudgetGuard(10, store=store) for _ in range(2))
    other.spend(100)
    other.sync()
    guard.spend(1)
    guard.sync()
    store.fails = fails
    for _ in range(3):
        guard.spend(1)
        assert not guard.sync()
    assert guard.spent_today_picodollars == 104
    store.fails = ""
    assert guard.sync()
    assert guard.sync()
    other.sync()
    assert (guard.spent_today_picodollars, other.spent_today_picodollars) == (104, 104)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("fails", ["before", "late"])
def test_what_a_store_missed_at_midnight_it_is_told_afterwards(fails: str) -> None:
    """Of the day that is over, too, until it is sure to have it."""
    clock, store = Clock("2026-03-10 23:59:59"), UnsteadyStore()
    guard = BudgetGuard(10, store=store, clock=clock)
    store.fails = fails
    for amount in (3, 4):
        guard.spend(amount)
        assert not guard.sync()
    clock.set("2026-03-11 00:00:00")
    guard.spend(1)
    store.fails = ""
    guard.close()
    clock.set("2026-03-10 23:59:59")
    late = BudgetGuard(10, store=store, clock=clock)
    late.sync()
    assert late.spent_today_picodollars == 7


def test_a_restart_knows_what_was_spent_before_it(tmp_path: Path) -> None:
    """From the file, before anything is spent."""
    first = BudgetGuard(10, store=FileStore(tmp_path / "budget.json"))
    first.start()
    first.spend(7)
    first.close()
    second = BudgetGuard(10, store=FileStore(tmp_path / "budget.json"))
    second.start()
    assert second.spent_today_picodollars == 7
    second.close()


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_clock_that_was_far_ahead_takes_no_day_away(kind: str, tmp_path: Path) -> None:
    """Nor what a process spent on it that is gone; and what is kept has a bound."""
    store: Store = MemoryStore() if kind == "memory" else FileStore(tmp_path / "budget.json")
    clock = Clock("2026-03-10 12:00")
    gone, guard = (BudgetGuard(10, store=store, clock=clock) for _ in range(2))
    gone.spend(5)
    gone.close()
    for year in (2031, 2032, 2033, 2034):
        clock.set(f"{year}-01-01 12:00")
        guard.sync()
    clock.set("2026-03-10 12:00")
    guard.sync()
    assert guard.spent_today_picodollars == 5
    for day in range(11, 31):
        clock.set(f"2026-03-{day} 12:00")
        guard.spend(1)
        guard.sync()
        assert guard.spent_today_picodollars == 1
    if kind == "file":
        assert len(json.loads((tmp_path / "budget.json").read_text())) == 8


def test_a_file_is_written_when_something_is_spent(tmp_path: Path) -> None:
    """Not every second of a day."""
    path = tmp_path / "budget.json"
    guard = BudgetGuard(10, store=FileStore(path))
    guard.spend(1)
    guard.sync()
    before = path.stat().st_ino
    guard.sync()
    assert path.stat().st_ino == before
    guard.spend(1)
    guard.sync()
    assert path.stat().st_ino != before


def test_a_file_that_holds_something_else_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The guard goes on alone, and says so."""
    path = tmp_path / "budget.json"
    path.write_text("what somebody wrote")
    guard = BudgetGuard(10, store=FileStore(path))
    guard.spend(3)
    assert not guard.sync()
    assert (guard.spent_today_picodollars, path.read_text()) == (3, "what somebody wrote")
    assert "JSONDecodeError" in caplog.text


def test_a_child_that_is_forked_within_keeps_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the open file of the lock as well, for as long as it lives."""
    store = FileStore(tmp_path / "budget.json")
    inherited: list[int] = []
    flock = fcntl.flock

    def and_fork(lock: TextIO, operation: int) -> None:
        flock(lock, operation)
        if operation == fcntl.LOCK_EX:
            inherited.append(os.dup(lock.fileno()))

    monkeypatch.setattr(fcntl, "flock", and_fork)
    store.put("2026-03-10", "one", 1)
    with (tmp_path / "budget.json.lock").open() as lock:
        flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(inherited[0])


def spends(path: Path, start: threading.Barrier) -> None:
    """Spend a lot, beside others."""
    guard = BudgetGuard(10, store=FileStore(path))
    start.wait(20)
    for _ in range(50):
        guard.spend(1)
        guard.sync()


def test_processes_share_a_file(tmp_path: Path) -> None:
    """Four of them, all at once."""
    processes = multiprocessing.get_context("spawn")
    start = processes.Barrier(4)
    children = [processes.Process(target=spends, args=(tmp_path / "budget.json", start)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    guard = BudgetGuard(10, store=FileStore(tmp_path / "budget.json"))
    guard.sync()
    assert guard.spent_today_picodollars == 200


def test_calls_are_counted_once_however_many_guards_share_a_store(tmp_path: Path) -> None:
    """By one of them, and when it is closed by the next; a guard with a store of its own counts for itself."""
    spent = spending.Spent(5, "openai", "gpt-5", context.get_current())
    path = tmp_path / "budget.json"
    first, second, apart = (
        BudgetGuard(10, store=store) for store in (FileStore(path), FileStore(path), FileStore(tmp_path / "other"))
    )
    for guard in (first, second, apart):
        guard.start()
    spending.tell(spent)
    first.close()
    spending.tell(spent)
    second.sync()
    assert (second.spent_today_picodollars, apart.spent_today_picodollars) == (10, 10)
    second.close()
    apart.close()


def test_stores_of_one_place_are_equal(tmp_path: Path) -> None:
    """A file by its path, a Redis by server, database and prefix; memory is itself."""
    here, there = "redis://127.0.0.1:1/0", "redis://127.0.0.1:1/1"
    one = RedisStore(redis.Redis.from_url(here))
    assert one == RedisStore(redis.Redis.from_url(here))
    assert hash(one) == hash(RedisStore(redis.Redis.from_url(here)))
    assert one != RedisStore(redis.Redis.from_url(there))
    assert one != RedisStore(redis.Redis.from_url(here), "another")
    sentinel = redis.Sentinel([("127.0.0.1", 1)])  # type: ignore[no-untyped-call]  # redis-py's own
    found = [sentinel.master_for(name) for name in ("one", "another")]  # type: ignore[no-untyped-call]  # as above
    assert RedisStore(found[0]) == RedisStore(found[0]) != RedisStore(found[1])
    assert len({FileStore(tmp_path / "a"), FileStore(tmp_path / "a"), FileStore(tmp_path / "b")}) == 2
    assert MemoryStore() != MemoryStore()
