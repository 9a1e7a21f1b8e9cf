"""Errors: one count, however many layers see one."""

import asyncio
import copy
import logging
import pickle
import subprocess
import sys
import threading

import pytest

from app_integration import errors
from app_integration.errors import ErrorHandler, ErrorsInstrumentor, count_error, counting
from tests.support.measured import Measured

ERRORS = "techsapo_errors_total"


class SlottedError(Exception):
    """One that takes no mark."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith("_techsapo"):
            raise AttributeError(name)
        super().__setattr__(name, value)


@pytest.mark.parametrize("error", [ValueError("x"), SlottedError(), KeyError(), ConnectionResetError()])
def test_an_error_counts_once(error: Exception, figures: Measured) -> None:
    """Whoever sees it afterwards is told that it has been counted."""
    assert count_error(error, severity="warning", service="cache")
    assert not count_error(error)
    assert not count_error(error, severity="critical", service="api")
    assert figures.values(ERRORS) == {(type(error).__name__, "warning", "cache"): 1}


def test_an_error_raised_from_a_counted_one_is_the_same(figures: Measured) -> None:
    """In other words; one that is raised beside it is not."""
    first = ValueError()
    count_error(first)
    wrapped, beside = RuntimeError(), KeyError()
    wrapped.__cause__ = first  # raise ... from first
    beside.__context__ = first  # raised while first was handled
    assert not count_error(wrapped)
    assert count_error(beside)
    assert figures.values(ERRORS) == {("ValueError", "error", "app"): 1, ("KeyError", "error", "app"): 1}


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
    assert figures.values(ERRORS) == {
        ("ValueError", "error", "app"): 1,
        ("KeyError", "error", "app"): 2,
        ("TypeError", "error", "app"): 1,
    }


def test_errors_without_a_mark_do_not_fill_the_memory() -> None:
    """So many are remembered, the oldest go."""
    for _ in range(500):
        count_error(SlottedError())
    assert len(counting._remembered) <= 100


def test_causes_in_a_circle_end() -> None:
    """Somebody may have tied them so."""
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert count_error(first)


def test_a_handler_counts_what_is_logged(figures: Measured) -> None:
    """By level and by the logger's name; records without an exception are none."""
    logger = logging.getLogger("Shop Checkout.pay")
    handler = ErrorHandler()
    logger.addHandler(handler)
    try:
        logger.error("no exception")
        for level in (logging.DEBUG, logging.WARNING, logging.ERROR, logging.CRITICAL):
            logger.log(level, "one", exc_info=ValueError())
    finally:
        logger.removeHandler(handler)
    assert figures.values(ERRORS) == {
        ("ValueError", severity, "shop-checkout"): 1 for severity in ("warning", "error", "critical")
    }


def test_threads_and_tasks_count_what_nobody_caught(figures: Measured) -> None:
    """What was there before them is still told."""

    def broken() -> None:
        raise ValueError

    async def forgets_a_task() -> None:
        async def task() -> None:
            raise KeyError

        forgotten = asyncio.ensure_future(task())
        await asyncio.wait([forgotten])
        del forgotten

    previous, told = threading.excepthook, list[object]()
    threading.excepthook = told.append
    ErrorsInstrumentor().instrument()
    try:
        thread = threading.Thread(target=broken)
        thread.start()
        thread.join()
        asyncio.run(forgets_a_task())
    finally:
        ErrorsInstrumentor().uninstrument()
        assert threading.excepthook == told.append
        threading.excepthook = previous
    assert len(told) == 1
    assert figures.values(ERRORS) == {("ValueError", "critical", "thread"): 1, ("KeyError", "error", "asyncio"): 1}


@pytest.mark.parametrize(("raised", "counted"), [("ValueError", "1"), ("KeyboardInterrupt", "0"), ("SystemExit", "0")])
def test_what_ends_the_program_counts(raised: str, counted: str) -> None:
    """A hook that was there before is called; an end on purpose is no error."""
    script = f"""
import atexit, sys
from app_integration import errors
from app_integration.errors import instrumentor
count = []
instrumentor.count_error = lambda error, **told: count.append(told)
sys.excepthook = lambda *_: print("before", end=" ")
errors.ErrorsInstrumentor().instrument()
atexit.register(lambda: print(len(count)))
raise {raised}
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.stdout.split()[-1:] == [counted]
    assert ("before" in run.stdout) == (raised != "SystemExit")
    assert errors.__all__
