"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_SECONDS = 0.02


def until(condition: Callable[[], T], deadline: float = 10.0, what: str = "the condition") -> T:
    """Call `condition` until it returns something true, and return that.

    `deadline` is in seconds from now; `what` completes the sentence "... did not come about". An exception of
    `condition` is not caught: a condition that may not be ready yet says so by returning something false.

    Raises:
        TimeoutError: the deadline passed; the message carries the last value.
    """
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            message = f"{what} did not come about within {deadline:g} s; last value: {value!r}"
            raise TimeoutError(message)
        time.sleep(PAUSE_SECONDS)
