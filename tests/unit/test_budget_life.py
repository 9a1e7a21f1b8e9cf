"""A guard's life: its thread, stores that hang, forks, the end of the process."""

import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from app_integration.budget import BudgetGuard, FileStore, MemoryStore, process
from tests.support import wait
from tests.support.budgets import CountingStore, HangingStore
from tests.support.spends import spend

ROOT = Path(__file__).parents[2]


def test_calls_are_spent_by_themselves_while_the_guard_is_started() -> None:
    """By whoever makes them; not before, not afterwards."""
    guard = BudgetGuard(10)
    spend(3)
    guard.start()
    guard.start()
    spend(3)
    guard.close()
    spend(3)
    assert guard.spent_today_picodollars == 3


def test_the_thread_tells_and_hears_by_itself() -> None:
    """Without anybody who calls `sync`."""
    store = MemoryStore()
    guards = [BudgetGuard(10, store=store, interval_seconds=0.01) for _ in range(2)]
    for guard in guards:
        guard.start()
    guards[0].spend(9)
    wait.until(lambda: guards[1].spent_today_picodollars == 9, 10, "the other guard")
    for guard in guards:
        guard.close()


def test_a_guard_may_be_started_again() -> None:
    """It goes on where it was, and rests between two questions as it did before."""
    store = CountingStore()
    guard = BudgetGuard(10, store=store, interval_seconds=3_600)
    for number in range(1, 4):
        guard.start()
        spend(1)
        guard.close()
        assert (guard.spent_today_picodollars, store.asked) == (number, 2 * number)


def test_who_spends_waits_for_no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor who asks; and neither a start nor an end waits for ever."""
    monkeypatch.setattr(process, "PATIENCE_SECONDS", 0.2)
    store = HangingStore()
    guard = BudgetGuard(10, store=store)
    starting = threading.Thread(target=guard.start)
    starting.start()
    assert store.was_asked.wait(10)
    spend(5)
    guard.check()
    assert guard.spent_today_picodollars == 5
    starting.join(30)
    assert not starting.is_alive()
    ending = threading.Thread(target=guard.close)
    ending.start()
    ending.join(30)
    assert not ending.is_alive()
    store.goes_on.set()
    other = BudgetGuard(10, store=store)
    wait.until(lambda: other.sync() and other.spent_today_picodollars == 5, 10, "the last figure")


class Abandoned:
    """What only a garbage collection finds: a stream that was thrown away, whose call ends with it."""

    def __init__(self, guard: BudgetGuard) -> None:
        self.itself = self
        weakref.finalize(self, guard.spend, 1).atexit = False


def test_a_collection_may_spend_in_the_midst_of_whatever_the_guard_does() -> None:
    """It neither hangs nor loses anything."""
    guard = BudgetGuard(10)
    threshold = gc.get_threshold()

    def work() -> None:
        gc.set_threshold(1)
        for _ in range(2_000):
            Abandoned(guard)
            guard.spend(1)
            guard.check()
            guard.sync()
        gc.collect()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(60)
    gc.set_threshold(*threshold)
    assert not thread.is_alive()
    assert guard.spent_today_picodollars == 4_000


def test_guards_that_nobody_holds_are_gone() -> None:
    """Unless they were started."""
    gc.collect()
    before = set(map(id, process.guards()))
    started = BudgetGuard(1)
    started.start()
    reference = weakref.ref(started)
    del started
    for _ in range(100):
        BudgetGuard(1)
    gc.collect()
    assert len(set(map(id, process.guards())) - before) == 1
    guard = reference()
    assert guard is not None
    guard.close()


def status_of_fork(work: Callable[[], int]) -> int:
    """Run `work` in the child of a fork, and return what it returned, as the exit status."""
    child = multiprocessing.get_context("fork").Process(target=lambda: os._exit(work()))
    child.start()
    child.join(20)
    assert child.exitcode is not None
    return child.exitcode


def test_the_child_of_a_fork_begins_its_own_sum(tmp_path: Path) -> None:
    """What the parent has not told yet is the parent's to tell."""
    guard = BudgetGuard(10, store=FileStore(tmp_path / "budget.json"))
    guard.spend(1)
    guard.sync()
    guard.spend(20)

    def work() -> int:
        known = guard.spent_today_picodollars
        guard.spend(300)
        guard.sync()
        return known

    assert status_of_fork(work) == 1
    guard.sync()
    assert guard.spent_today_picodollars == 321


def test_the_child_of_a_fork_has_a_thread_of_its_own(tmp_path: Path) -> None:
    """Where its parent's guard was started, before the fork, as a server that preloads does it."""
    path = tmp_path / "budget.json"
    guard = BudgetGuard(10, store=FileStore(path), interval_seconds=0.01)
    guard.start()
    spend(1)

    def work() -> int:
        spend(40)
        watching = BudgetGuard(10, store=FileStore(path))
        wait.until(lambda: watching.sync() and watching.spent_today_picodollars == 41, 10, "what both have told")
        wait.until(lambda: guard.spent_today_picodollars == 41, 10, "the parent's spend in the child")
        return 0

    assert status_of_fork(work) == 0
    wait.until(lambda: guard.spent_today_picodollars == 41, 10, "the child's spend in the parent")
    guard.close()


@pytest.mark.parametrize(("way", "total"), [("return", 7), ("raise", 7), ("fork", 7), ("spawn", 7), ("preload", 307)])
def test_a_process_that_ends_tells_what_it_spent_last(way: str, total: int, tmp_path: Path) -> None:
    """Without a word from the application: a script, a child of multiprocessing, a child that was forked."""
    path = tmp_path / "budget.json"
    command = [sys.executable, "-m", "tests.support.apps.spending", str(path), way]
    subprocess.run(command, cwd=ROOT, timeout=60, check=way != "raise", capture_output=True)
    guard = BudgetGuard(10, store=FileStore(path))
    guard.sync()
    assert guard.spent_today_picodollars == total
