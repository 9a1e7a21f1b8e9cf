"""The guard of a day's budget: exact over days, clocks, restarts and stores that fail."""

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import context

from app_integration import spending
from app_integration.budget import BudgetExceededError, BudgetGuard, FileStore, MemoryStore
from app_integration.budget import process
from tests.support import wait
from tests.support.measured import Measured

DOLLAR = 10**12
SPENT, LIMIT = "techsapo_budget_spent_today_usd", "techsapo_budget_daily_limit_usd"


class Clock:
    """A clock that is set."""

    def __init__(self, text: str) -> None:
        self.set(text)

    def set(self, text: str) -> None:
        """Set it to a time in UTC."""
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class UnsteadyStore(MemoryStore):
    """A store that fails when told to, before or after it has taken what it got."""

    fails = ""

    def put(self, day: str, process: str, picodollars: int) -> int:
        """Take it, unless it fails."""
        if self.fails == "before":
            raise ConnectionError
        total = super().put(day, process, picodollars)
        if self.fails == "after":
            raise TimeoutError
        return total


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Close the guards of a test with it: whoever holds one still, its figures would be among those of the next."""
    yield
    for guard in process.guards():
        guard.close()


def test_the_limit_is_a_days(figures: Measured) -> None:
    """Below it everybody may go on, at it nobody; the error tells how much, and until when."""
    clock = Clock("2026-03-10 12:00")
    guard = BudgetGuard(2.5, "Europe/Berlin", clock=clock)
    guard.spend(2 * DOLLAR)
    guard.check()
    assert (guard.spent_today_usd, guard.remaining_usd) == (2.0, 0.5)
    guard.spend(DOLLAR // 2)
    with pytest.raises(BudgetExceededError, match=r"2\.500000 of 2\.500000 USD") as raised:
        guard.check()
    assert raised.value.ends.isoformat() == "2026-03-11T00:00:00+01:00"
    assert guard.remaining_usd == 0
    assert (figures.value(SPENT), figures.value(LIMIT)) == (2.5, 2.5)


def test_midnight_is_that_of_the_time_zone(figures: Measured) -> None:
    """Without a spend after it, too; and the figure falls to 0 with the day."""
    clock = Clock("2026-03-10 14:59:59")
    guard = BudgetGuard(1, "Asia/Tokyo", clock=clock)
    guard.spend(DOLLAR)
    assert figures.value(SPENT) == 1
    clock.set("2026-03-10 15:00:00")
    guard.check()
    assert figures.value(SPENT) == 0


@pytest.mark.parametrize(
    ("first", "last", "after"),
    [
        ("2026-03-28 23:00:00", "2026-03-29 21:59:59", "2026-03-29 22:00:00"),  # 23 hours
        ("2026-10-24 22:00:00", "2026-10-25 22:59:59", "2026-10-25 23:00:00"),  # 25 hours
    ],
)
def test_days_of_23_and_25_hours_are_one_day(first: str, last: str, after: str) -> None:
    """When Berlin's clocks are put forward and back."""
    clock = Clock(first)
    guard = BudgetGuard(10, "Europe/Berlin", clock=clock)
    guard.spend(1)
    clock.set(last)
    guard.spend(1)
    assert guard.spent_today_picodollars == 2
    assert guard.day_ends.timestamp() == datetime.fromisoformat(after).replace(tzinfo=UTC).timestamp()
    clock.set(after)
    assert guard.spent_today_picodollars == 0


def test_a_clock_that_is_put_back_finds_its_day_again() -> None:
    """What was spent on it counts again, in the store as well."""
    clock, store = Clock("2026-03-10 12:00"), MemoryStore()
    guard, other = (BudgetGuard(10, store=store, clock=clock) for _ in range(2))
    guard.spend(5)
    guard.sync()
    for day in range(11, 20):
        clock.set(f"2026-03-{day} 00:00")
        guard.spend(1)
        guard.sync()
    clock.set("2026-03-10 13:00")
    guard.spend(1)
    guard.sync()
    other.sync()
    assert (guard.spent_today_picodollars, other.spent_today_picodollars) == (6, 6)


@pytest.mark.parametrize("fails", ["before", "after"])
def test_a_store_that_fails_loses_nothing_and_doubles_nothing(fails: str, caplog: pytest.LogCaptureFixture) -> None:
    """Also where it had taken what it did not answer; said once."""
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
    other.sync()
    assert (guard.spent_today_picodollars, other.spent_today_picodollars) == (104, 104)
    assert len(caplog.records) == 1


def test_a_restart_knows_what_was_spent_before_it(tmp_path: Path) -> None:
    """From the file, before anything is spent."""
    store = FileStore(tmp_path / "budget.json")
    first = BudgetGuard(10, store=store)
    first.start()
    first.spend(7)
    first.close()
    second = BudgetGuard(10, store=FileStore(tmp_path / "budget.json"))
    second.start()
    assert second.spent_today_picodollars == 7
    second.close()


def test_calls_are_spent_by_themselves_while_the_guard_is_started() -> None:
    """By whoever makes them; not before, not afterwards."""
    spent = spending.Spent(3, "openai", "gpt-5", context.get_current())
    guard = BudgetGuard(10)
    spending.tell(spent)
    guard.start()
    guard.start()
    spending.tell(spent)
    guard.close()
    spending.tell(spent)
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


def test_a_guard_that_is_gone_has_no_figures(figures: Measured) -> None:
    """Nor has one that is closed: the next one's count alone."""
    gone, closed = BudgetGuard(100), BudgetGuard(200)
    closed.close()
    del gone
    gc.collect()
    guard = BudgetGuard(3)
    assert figures.value(LIMIT) == guard.limit_usd == 3


@pytest.mark.parametrize(
    ("limit", "zone", "told"),
    [
        (-1, "UTC", "limit: got -1"),
        (float("nan"), "UTC", "limit: got nan"),
        (1, "Mars/Phobos", "zone: got 'Mars/Phobos'"),
    ],
)
def test_wrong_settings_are_refused(limit: float, zone: str, told: str) -> None:
    """The error names what, what was got, what would be right."""
    with pytest.raises(ValueError, match=told):
        BudgetGuard(limit, zone)


@contextmanager
def forked(work: Callable[[], None]) -> Iterator[int]:
    """Run `work` in the child of a fork, and give the child's exit status."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(20)
    yield child.exitcode or 0


def test_the_child_of_a_fork_begins_its_own_sum(tmp_path: Path) -> None:
    """What the parent has not told yet is the parent's to tell."""
    guard = BudgetGuard(10, store=FileStore(tmp_path / "budget.json"))
    guard.spend(1)
    guard.sync()
    guard.spend(20)

    def work() -> None:
        known = guard.spent_today_picodollars
        guard.spend(300)
        guard.sync()
        os._exit(known)

    with forked(work) as known:
        assert known == 1
    guard.sync()
    assert guard.spent_today_picodollars == 321


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


HOURS = [f"2026-03-{day:02} {hour:02}:00" for day in (28, 29, 30) for hour in (0, 11, 22, 23)]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("spend"), st.integers(0, 2), st.integers(0, 10**13)),
        st.tuples(st.just("sync"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("restart"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("clock"), st.sampled_from(range(len(HOURS))), st.just(0)),
        st.tuples(st.just("store"), st.sampled_from(range(3)), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_whatever_happens_all_guards_come_to_the_days_sum(steps: list[tuple[str, int, int]]) -> None:
    """Spends, restarts, clocks to and fro, a store that fails: at last each guard knows the exact sum of the day."""
    clock, store = Clock(HOURS[0]), UnsteadyStore()
    guards = [BudgetGuard(10, "Europe/Berlin", store, clock=clock) for _ in range(3)]
    spent: dict[str, int] = {}
    for step, number, amount in steps:
        if step == "spend":
            guards[number].spend(amount)
            day = datetime.fromtimestamp(clock.now, guards[0].day_ends.tzinfo).date().isoformat()
            spent[day] = spent.get(day, 0) + amount
        elif step == "sync":
            guards[number].sync()
        elif step == "restart":
            store.fails = ""
            guards[number].close()  # an end that is none loses what the store was not told
            guards[number] = BudgetGuard(10, "Europe/Berlin", store, clock=clock)
        elif step == "clock":
            clock.set(HOURS[number])
        else:
            store.fails = ("", "before", "after")[number]
    store.fails = ""
    for guard in (*guards, *guards):
        guard.sync()
    today = datetime.fromtimestamp(clock.now, guards[0].day_ends.tzinfo).date().isoformat()
    assert [guard.spent_today_picodollars for guard in guards] == [spent.get(today, 0)] * 3
