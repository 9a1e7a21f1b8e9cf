"""Who is told what calls cost, and exact sums."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import context

from app_integration import spending
from app_integration.exact_sum import ExactSum
from tests.support.spends import spend


def test_a_listener_that_raises_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; the others are told."""
    told: list[int] = []

    def broken(_: spending.Spent) -> None:
        raise ValueError

    ends = [spending.subscribe(broken), spending.subscribe(lambda spent: told.append(spent.picodollars))]
    spend(7)
    for end in ends:
        end()
    spend(8)
    assert told == [7]
    assert len(caplog.records) == 1


def test_each_subscription_ends_for_itself() -> None:
    """One listener may have two; an end said twice ends no other."""
    told: list[int] = []

    def listen(spent: spending.Spent) -> None:
        told.append(spent.picodollars)

    first, second = spending.subscribe(listen), spending.subscribe(listen)
    spend(1)
    first()
    first()
    spend(2)
    second()
    spend(3)
    assert told == [1, 1, 2]


def test_the_account_of_a_call_is_that_of_its_beginning() -> None:
    """Wherever it ends; and it is told before those who subscribed."""
    told: list[str] = []
    end = spending.subscribe(lambda _: told.append("subscribed"))
    here = spending.on_account_of(lambda _: told.append("account"))
    spending.tell(spending.Spent(1, "openai", "gpt-5", here))
    spending.tell(spending.Spent(1, "openai", "gpt-5", spending.on_account_of(None, here)))
    end()
    assert told == ["account", "subscribed", "subscribed"]


def test_subscriptions_of_many_threads_are_all_kept() -> None:
    """None is lost where they begin and end at once."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    told: list[int] = []
    try:
        with ThreadPoolExecutor(8) as pool:
            ends = list(
                pool.map(lambda _: spending.subscribe(lambda spent: told.append(spent.picodollars)), range(200))
            )
            spend(1)
            list(pool.map(lambda end: end(), ends))
    finally:
        sys.setswitchinterval(before)
    spend(1)
    assert told == [1] * 200


@given(st.lists(st.integers(0, 10**18), max_size=3_000))
def test_a_sum_is_exact(amounts: list[int]) -> None:
    """However many are added between two looks at it."""
    total = ExactSum()
    for amount in amounts:
        total.add(amount)
    assert total.total == sum(amounts)
    assert total.total == sum(amounts)


def test_a_sum_keeps_no_more_than_it_must() -> None:
    """What nobody looks at does not grow with what is added."""
    total = ExactSum()
    for _ in range(100_000):
        total.add(1)
    assert len(total._added) < 2_000
    assert total.total == 100_000


def test_no_amount_of_many_threads_is_lost() -> None:
    """While others look at the sum."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    total = ExactSum()

    def work(_: int) -> int:
        for _ in range(500):
            total.add(1)
        return total.total

    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
    finally:
        sys.setswitchinterval(before)
    assert total.total == 4_000


class Interrupting(int):
    """An amount in the midst of whose addition another one comes, as by a garbage collection or a signal."""

    total: ExactSum

    def __radd__(self, other: int) -> int:
        """Have the other one added first."""
        self.total.add(1)
        return other + int(self)


def test_an_addition_in_the_midst_of_another_is_not_lost() -> None:
    """As when a collection ends a stream that was thrown away; and it does not hang."""
    total = ExactSum()

    def work() -> None:
        for _ in range(3_000):
            amount = Interrupting(1)
            amount.total = total
            total.add(amount)
        assert total.total >= 3_000

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert total.total == 6_000


def test_a_context_without_an_account_has_none() -> None:
    """Nobody keeps one unless told to."""
    assert spending.account_of(context.get_current()) is None
