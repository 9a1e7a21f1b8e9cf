"""The guard of a day's budget: its limit, its days, its gauges."""

import gc
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_integration.budget import BudgetExceededError, BudgetGuard, MemoryStore, process
from app_integration.budget.days import Days
from tests.support.budgets import Clock
from tests.support.measured import Measured

DOLLAR = 10**12
SPENT, LIMIT = "techsapo_budget_spent_today_usd", "techsapo_budget_daily_limit_usd"


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Close the guards of a test with it: whoever holds one still, its figures would be among those of the next."""
    yield
    for guard in process.guards():
        guard.close()


def test_the_limit_is_a_days(figures: Measured) -> None:
    """Below it everybody may go on, at it nobody; the error tells how much, and until when."""
    clock = Clock("2026-03-10 12:00")
    guard = BudgetGuard(2.5, "Europe/Berlin", clock=clock, meter_provider=figures.provider)
    guard.spend(2 * DOLLAR)
    guard.check()
    assert (guard.spent_today_usd, guard.remaining_usd) == (2.0, 0.5)
    guard.spend(DOLLAR // 2)
    with pytest.raises(BudgetExceededError, match=r"2\.500000 of 2\.500000 USD") as raised:
        guard.check()
    assert raised.value.ends.isoformat() == "2026-03-11T00:00:00+01:00"
    assert guard.remaining_usd == 0
    assert (figures.value(SPENT), figures.value(LIMIT)) == (2.5, 2.5)


def test_the_error_crosses_processes() -> None:
    """As what a worker raises does."""
    error = BudgetExceededError(1.5, 2.0, datetime(2026, 3, 11, tzinfo=timezone(timedelta(hours=1))))
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # it was dumped in the same line
    assert (str(copy), copy.ends) == (str(error), error.ends)
    assert str(error) == "2.000000 of 1.500000 USD are spent; the next day begins at 2026-03-11T00:00:00+01:00"


def test_nothing_may_be_spent_of_a_limit_of_nothing() -> None:
    """0 is a limit."""
    with pytest.raises(BudgetExceededError):
        BudgetGuard(0).check()


def test_amounts_are_exact_to_the_last_digit() -> None:
    """Of a limit in decimals, too."""
    guard = BudgetGuard(Decimal("0.000000000003"))
    for _ in range(2):
        guard.spend(1)
        guard.check()
    guard.spend(1)
    with pytest.raises(BudgetExceededError):
        guard.check()


def test_an_amount_that_is_none_is_refused_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """It changes nothing, and raises nothing."""
    guard = BudgetGuard(1)
    for amount in (-1, 1.5, "2", None):
        guard.spend(amount)  # type: ignore[arg-type]  # what an application may pass
    assert guard.spent_today_picodollars == 0
    assert len(caplog.records) == 1


def test_midnight_is_that_of_the_time_zone(figures: Measured) -> None:
    """Without a spend after it, too; and the figure falls to 0 with the day."""
    clock = Clock("2026-03-10 14:59:59")
    guard = BudgetGuard(1, "Asia/Tokyo", clock=clock, meter_provider=figures.provider)
    guard.spend(DOLLAR)
    assert figures.value(SPENT) == 1
    clock.set("2026-03-10 15:00:00")
    guard.check()
    assert figures.values(SPENT) == {(): 0}


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


@settings(max_examples=500)
@given(
    st.sampled_from(sorted(available_timezones())),
    st.datetimes(datetime(2012, 1, 1), datetime(2037, 12, 31)).map(lambda at: at.replace(tzinfo=UTC).timestamp()),  # noqa: DTZ001  # UTC is set
)
def test_a_day_ends_where_the_next_begins(zone: str, now: float) -> None:
    """In every zone, with its midnights that are skipped or come twice."""
    days = Days(zone)
    end = days.end(now).timestamp()
    assert now < end
    assert days.of(end - 1) == days.of(now) < days.of(end)


def test_a_midnight_that_comes_twice_ends_its_day_twice() -> None:
    """Newfoundland's clocks once went back a minute after it: the evening was there again."""
    days = Days("America/St_Johns")
    evening, again = Clock("2010-11-07 02:29:00").now, Clock("2010-11-07 03:00:00").now
    assert days.of(evening) == days.of(again) == "2010-11-06"
    assert days.end(evening).timestamp() == evening + 60
    assert days.end(again).timestamp() == Clock("2010-11-07 03:30:00").now


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


def test_a_guard_that_is_gone_has_no_figures(figures: Measured) -> None:
    """Nor has one that is closed: the next one's count alone."""
    gone = BudgetGuard(100, meter_provider=figures.provider)
    closed = BudgetGuard(200, meter_provider=figures.provider)
    closed.close()
    del gone
    gc.collect()
    guard = BudgetGuard(3, meter_provider=figures.provider)
    assert figures.value(LIMIT) == guard.limit_usd == 3


def test_the_figures_are_those_of_the_global_meter_provider_unless_another_is_given(figures: Measured) -> None:
    """Of one set of instruments, however many guards there were."""
    for usd in (3, 4):
        guard = BudgetGuard(usd)
        assert figures.value(LIMIT) == usd
        guard.close()
        assert figures.values(LIMIT) == {}


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_guards_the_nearest_to_its_limit_has_the_figures(order: int, figures: Measured) -> None:
    """Both of them, limit and spent, whichever was made first."""
    wide, narrow = (BudgetGuard(usd, meter_provider=figures.provider) for usd in (100, 2)[::order])
    wide, narrow = (wide, narrow)[::order]
    wide.spend(10 * DOLLAR)
    narrow.spend(DOLLAR)
    assert (figures.value(LIMIT), figures.value(SPENT)) == (2, 1)
    wide.spend(80 * DOLLAR)
    assert (figures.value(LIMIT), figures.value(SPENT)) == (100, 90)


@pytest.mark.parametrize(
    ("limit", "zone", "interval", "told"),
    [
        (-1, "UTC", 1, "limit: got -1; USD a day"),
        (float("nan"), "UTC", 1, "limit: got nan"),
        (1e13, "UTC", 1, "limit: got 10000000000000"),
        (None, "UTC", 1, "limit: got None"),
        (1, "Mars/Phobos", 1, "zone: got 'Mars/Phobos'; a name such as"),
        (1, "../etc/passwd", 1, "zone: got '../etc/passwd'"),
        (1, "Europe", 1, "zone: got 'Europe'"),
        (1, "", 1, "zone: got ''"),
        (1, None, 1, "zone: got None"),
        (1, "UTC", 0, "interval: got 0; seconds"),
        (1, "UTC", float("nan"), "interval: got nan"),
        (1, "UTC", 1e10, "interval: got 10000000000.0; seconds, a number above 0 and at most 3600"),
    ],
)
def test_wrong_settings_are_refused(limit: float, zone: str, interval: float, told: str) -> None:
    """The error names what, what was got, what would be right."""
    with pytest.raises(ValueError, match=told):
        BudgetGuard(limit, zone, interval_seconds=interval)
