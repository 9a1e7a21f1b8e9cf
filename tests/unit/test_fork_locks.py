"""A child that is forked while another thread of its parent is within this library does not wait for that thread."""

import os
import signal
import threading
from collections.abc import Callable

import pytest

from app_integration import circuit_breaker
from app_integration.circuit_breaker import record_breaker_state
from app_integration.errors import count_error, marks
from app_integration.watched import Watched

_watched = Watched("name", lambda _: None)


def _count() -> None:
    count_error(ValueError())


def _record() -> None:
    record_breaker_state("openai", "open")


def _watch() -> None:
    _watched.watch("jobs", lambda: 1)


def ends_in_child(run: Callable[[], None]) -> bool:
    """Run something in a forked child; return whether it came to an end."""
    if (child := os.fork()) == 0:
        signal.alarm(10)
        run()
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    ("lock", "run"),
    [
        (lambda: marks.lock, _count),
        (lambda: circuit_breaker._lock, _record),
        (lambda: _watched._lock, _watch),
    ],
    ids=["errors", "breakers", "watched"],
)
def test_no_child_waits_for_a_thread_that_it_has_not(
    lock: Callable[[], threading.RLock], run: Callable[[], None]
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
