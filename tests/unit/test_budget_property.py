"""Whatever happens, all guards come to the exact sum of the day."""

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from app_integration.budget import BudgetGuard
from tests.support.budgets import Clock, UnsteadyStore

HOURS = [f"2026-03-{day:02} {hour:02}:00" for day in (28, 29, 30) for hour in (0, 11, 22, 23)]
FAILURES = ("", "before", "after", "late")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("spend"), st.integers(0, 2), st.integers(0, 10**13)),
        st.tuples(st.just("sync"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("restart"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("clock"), st.sampled_from(range(len(HOURS))), st.just(0)),
        st.tuples(st.just("store"), st.sampled_from(range(len(FAILURES))), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_whatever_happens_all_guards_come_to_the_days_sum(steps: list[tuple[str, int, int]]) -> None:
    """Spends, restarts, clocks to and fro, a store that fails: at last each guard knows the exact sum of the day."""
    clock, store = Clock(HOURS[0]), UnsteadyStore()
    guards = [BudgetGuard(10, "Europe/Berlin", store, clock=clock) for _ in range(3)]
    zone = guards[0].day_ends.tzinfo
    spent: dict[str, int] = {}
    for step, number, amount in steps:
        if step == "spend":
            guards[number].spend(amount)
            day = datetime.fromtimestamp(clock.now, zone).date().isoformat()
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
            store.fails = FAILURES[number]
    store.fails = ""
    for guard in guards * 3:
        guard.sync()
    today = datetime.fromtimestamp(clock.now, zone).date().isoformat()
    assert [guard.spent_today_picodollars for guard in guards] == [spent.get(today, 0)] * 3
    # What the store has of each day, without anybody who tells it again.
    watching = BudgetGuard(10, "Europe/Berlin", store, clock=clock)
    for hour in HOURS:
        clock.set(hour)
        watching.sync()
        today = datetime.fromtimestamp(clock.now, zone).date().isoformat()
        assert watching.spent_today_picodollars == spent.get(today, 0)
