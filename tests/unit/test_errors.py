"""Errors: one count, however many layers see one."""

import asyncio
import concurrent.futures
import copy
import dataclasses
import gc
import itertools
import pickle
import sys
import threading
import weakref
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_integration.errors import count_error, marks
from tests.support.measured import Measured

ERRORS = "techsapo_errors_total"


class UnmarkableError(Exception):
    """One that takes no mark."""

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith("_techsapo"):
            raise AttributeError(name)
        super().__setattr__(name, value)


class ForgetfulError(Exception):
    """One that takes a mark, and does not keep it."""

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_techsapo"):
            super().__setattr__(name, value)


class SlottedError(UnmarkableError):
    """One that takes no reference either: where its class has empty slots, and each of its bases."""

    __slots__ = ()


@dataclasses.dataclass(frozen=True)
class FrozenError(Exception):
    """One that is equal to others of its fields."""

    code: int


class HostileError(Exception):
    """One whose attributes cannot be read."""

    def __getattribute__(self, name: str) -> object:
        raise LookupError(name)


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), KeyError(), ConnectionResetError(), UnmarkableError(), ForgetfulError(), FrozenError(7)],
    ids=lambda error: type(error).__name__,
)
def test_an_error_counts_once(error: Exception, figures: Measured) -> None:
    """Whoever sees it afterwards is told that it has been counted: after it was raised again, and in another thread."""
    assert count_error(error, severity="warning", service="cache")
    assert not count_error(error)
    with pytest.raises(type(error)) as raised:
        raise error
    assert not count_error(raised.value, severity="critical", service="api")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert not pool.submit(count_error, error).result()
    assert figures.values(ERRORS) == {(type(error).__name__, "warning", "cache"): 1}


def test_equal_errors_are_two(figures: Measured) -> None:
    """An error is an object, whatever its class takes for equal."""
    assert [count_error(FrozenError(7)), count_error(FrozenError(7))] == [True, True]
    assert figures.values(ERRORS) == {("FrozenError", "error", "app"): 2}


def test_an_error_without_room_for_a_reference_is_marked_all_the_same(figures: Measured) -> None:
    """Where neither its class nor any other of its bases has one."""
    bare = type("BareError", (Exception,), {"__slots__": (), "__setattr__": UnmarkableError.__setattr__})
    error = bare()
    with pytest.raises(TypeError):
        weakref.ref(error)
    assert [count_error(error), count_error(error)] == [True, False]
    assert figures.values(ERRORS) == {("BareError", "error", "app"): 1}


def test_an_error_raised_from_a_counted_one_is_the_same(figures: Measured) -> None:
    """In other words, over several layers; one that is raised beside it is not."""
    first = ValueError()
    count_error(first)
    wrapped, outermost, beside = RuntimeError(), OSError(), KeyError()
    wrapped.__cause__ = first  # raise ... from first
    outermost.__cause__ = wrapped
    beside.__context__ = first  # raised while first was handled
    assert not count_error(outermost)
    assert count_error(beside)
    assert figures.values(ERRORS) == {("ValueError", "error", "app"): 1, ("KeyError", "error", "app"): 1}


def test_a_cause_that_is_seen_after_what_was_raised_from_it_is_the_same(figures: Measured) -> None:
    """The order in which layers come to see an error says nothing."""
    first, wrapped = ValueError(), RuntimeError()
    wrapped.__cause__ = first
    assert [count_error(wrapped), count_error(first)] == [True, False]
    assert figures.values(ERRORS) == {("RuntimeError", "error", "app"): 1}


def test_copies_are_the_same_error() -> None:
    """From another process, too."""
    error = ValueError("x")
    count_error(error)
    assert not count_error(copy.copy(error))
    assert not count_error(pickle.loads(pickle.dumps(error)))  # noqa: S301  # our own


def test_each_member_of_a_group_counts(figures: Measured) -> None:
    """Those of groups within as well, each once; the group itself is no error of its own."""
    counted = ValueError()
    count_error(counted)
    group = ExceptionGroup("all", [counted, KeyError(), ExceptionGroup("inner", [TypeError(), KeyError()])])
    assert count_error(group)
    assert not count_error(group)
    assert not count_error(group.subgroup(KeyError) or ValueError())
    assert figures.values(ERRORS) == {
        ("ValueError", "error", "app"): 1,
        ("KeyError", "error", "app"): 2,
        ("TypeError", "error", "app"): 1,
    }


def test_what_is_raised_from_a_group_stands_for_its_members(figures: Measured) -> None:
    """Counted before or after them; while one of them is not counted it is an error of its own."""
    first, second, outer = KeyError(), TypeError(), RuntimeError()
    outer.__cause__ = ExceptionGroup("all", [first, second])
    count_error(first)
    assert [count_error(outer), count_error(second)] == [True, False]
    both = OSError()
    both.__cause__ = ExceptionGroup("all", [first, second])
    assert not count_error(both)
    assert figures.values(ERRORS) == {("KeyError", "error", "app"): 1, ("RuntimeError", "error", "app"): 1}


@pytest.mark.parametrize("ends", [KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError])
def test_what_ends_on_purpose_is_no_error(ends: type[BaseException], figures: Measured) -> None:
    """Nor as a member of a group; an error that is raised from it is one."""
    timeout = TimeoutError()
    timeout.__cause__ = ends()
    assert not count_error(ends())
    assert count_error(timeout)
    assert count_error(BaseExceptionGroup("all", [ends(), ValueError()]))
    assert figures.values(ERRORS) == {("TimeoutError", "error", "app"): 1, ("ValueError", "error", "app"): 1}


def test_errors_without_a_mark_are_not_kept(figures: Measured) -> None:
    """Not one of them, nor what their frames hold, and so many references at most."""
    error = UnmarkableError()
    count_error(error)
    gone = weakref.ref(error)
    del error
    gc.collect()
    assert gone() is None
    kept = [UnmarkableError() for _ in range(5_000)]
    for each in kept:
        count_error(each)
    assert len(marks._remembered) <= 1_000
    assert not count_error(kept[-1])
    del kept, each
    gc.collect()
    assert marks._remembered == {}
    assert figures.value(ERRORS, "UnmarkableError", "error", "app") == 5_001


def test_causes_in_a_circle_end() -> None:
    """Somebody may have tied them so."""
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert count_error(first)


def test_threads_that_see_one_error_count_it_once(figures: Measured) -> None:
    """All at the same moment, with the interpreter changing threads wherever it may."""
    threads, rounds = 4, 10_000
    barrier, errors = threading.Barrier(threads), [ValueError() for _ in range(rounds)]

    def see() -> None:
        barrier.wait()
        for error in errors:
            count_error(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            for seen in [pool.submit(see) for _ in range(threads)]:
                seen.result()
    finally:
        sys.setswitchinterval(interval)
    assert figures.values(ERRORS) == {("ValueError", "error", "app"): rounds}


@pytest.mark.parametrize("make", [lambda: None, lambda: "an error", lambda: ValueError, HostileError])
def test_nothing_that_is_given_raises(make: Callable[[], object]) -> None:
    """An application is not broken by what it tells."""
    assert not count_error(make())  # type: ignore[arg-type]  # what an untyped caller may give


def test_words_that_the_contract_does_not_have_are_other(figures: Measured) -> None:
    """Whatever is given for them."""
    count_error(ValueError(), severity="bad", service="jane@example.com")  # type: ignore[arg-type]  # no such word
    count_error(ValueError(), severity=["bad"], service=None)  # type: ignore[arg-type]  # an untyped caller's
    assert figures.values(ERRORS) == {("ValueError", "other", "other"): 2}


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=20))
def test_a_chain_of_causes_counts_once_in_any_order(order: list[int], again: list[int]) -> None:
    """Who sees which of its links, how often, and when."""
    chain = [OSError() for _ in range(6)]
    for inner, outer in itertools.pairwise(chain):
        outer.__cause__ = inner
    told = [count_error(chain[at]) for at in (*order, *again)]
    assert told == [True] + [False] * (len(told) - 1)
