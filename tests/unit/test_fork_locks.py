"""A child that is forked while another thread of its parent is within this library does not wait for that thread."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

import pymysql
import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from app_integration import circuit_breaker
from app_integration.circuit_breaker import record_breaker_state
from app_integration.errors import count_error, marks
from app_integration.exact_sum import ExactSum
from app_integration.reference_app.history import MemoryHistory
from app_integration.reference_app.mysql_pool import MySqlPool
from app_integration.watched import Watched


def _refuse() -> "Connection[Cursor]":
    raise pymysql.OperationalError


_watched = Watched("name", lambda _: None)
_sum = ExactSum()
_history = MemoryHistory()
_pool = MySqlPool(_refuse, 1)


def _count() -> None:
    count_error(ValueError())


def _record() -> None:
    record_breaker_state("openai", "open")


def _watch() -> None:
    _watched.watch("jobs", lambda: 1)


def _add_up() -> None:
    _sum.add(1)
    assert 1 == _sum.total


def _look_back() -> None:
    assert [] == _history.newest(1)


def _lend() -> None:
    with suppress(pymysql.OperationalError), _pool.transaction():
        pass


def ends_in_child(run: Callable[[], None]) -> bool:
    """Run something in a forked child; return whether it came to an end."""
    if (child := os.fork()) == 0:
        signal.alarm(10)
        try:
            run()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    ("lock", "run"),
    [
        (lambda: marks.lock, _count),
        (lambda: circuit_breaker._lock, _record),
        (lambda: _watched._lock, _watch),
        (lambda: _sum._folding, _add_up),
        (lambda: _history._lock, _look_back),
        (lambda: _pool._lock, _lend),
        # The only connection that there may be: held by a transaction of that thread.
        (lambda: _pool._free, _lend),
    ],
    ids=["errors", "breakers", "watched", "sum", "history", "pool", "connection"],
)
def test_no_child_waits_for_a_thread_that_it_has_not(
    lock: Callable[[], AbstractContextManager[object]], run: Callable[[], None]
) -> None:
    """Whatever that thread was about."""
    held, forked = threading.Event(), threading.Event()

    def hold() -> None:
        with lock():
            held.set()
            forked.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        assert ends_in_child(run)
    finally:
        forked.set()
        thread.join()
