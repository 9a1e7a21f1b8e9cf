"""Lag of asyncio's event loops: how late a timer runs, which is how late everything else in the loop runs, too."""

import asyncio
import logging
import weakref
from collections.abc import Callable
from contextvars import Context
from typing import Final

# Lags are those of whatever is due at a moment like any other: a block of 300 ms is one lag, of 300 ms less what was
# left until the timer. More often would be dear: waking an idle loop takes 0.13 ms of CPU time (measured), which makes
# 0.05 % of the 0.1 % that all figures of the process may take.
INTERVAL_SECONDS: Final = 0.25

_logger = logging.getLogger(__name__)

_watched: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Watch]" = weakref.WeakKeyDictionary()
_record: Callable[[float], None] | None = None


def watch_event_loop(loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Measure the lag of an event loop, by default the one that runs, until it is closed.

    A server's loop is watched by itself; this is for scripts and workers. It may come before the telemetry starts:
    lags are measured while that runs. A second call for a loop does nothing. A loop that runs, stops and runs again
    is late by the time between.

    Raises:
        RuntimeError: no loop is given and none runs in this thread.
    """
    loop = loop or asyncio.get_running_loop()
    try:
        watch = _watched.setdefault(loop, _Watch(loop))
    except TypeError:
        _logger.warning("Lags of a %s are not measured: weak references to it cannot be made", type(loop).__name__)
        return
    if _record is not None:
        watch.start()


def start_watching(record: Callable[[float], None]) -> None:
    """Measure the loops that are watched, from now on; `record` gets each lag in seconds."""
    global _record  # noqa: PLW0603  # a process has one telemetry
    _record = record
    for reference in _watched.keyrefs():
        loop = reference()
        watch = None if loop is None else _watched.get(loop)
        if watch is not None:
            watch.start()


def stop_watching() -> None:
    """Measure no loop until the next `start_watching`."""
    global _record  # noqa: PLW0603  # as above
    _record = None


def forget_loops() -> None:
    """Watch no loop of before a fork: none runs in the child, and their sockets are the parent's."""
    _watched.clear()


class _Watch:
    """A timer that sets itself again. The loop holds the timer, the timer holds this, and this does not hold the loop.

    What is not in the loop's own thread is `start` alone.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = weakref.ref(loop)
        self._due: float | None = None

    def start(self) -> None:
        """Set the timer, unless it is set already."""
        loop = self._loop()
        if loop is None or loop.is_closed():
            return
        try:
            # The thread may be another one: a timer would not wake the loop from it. The context is an empty one, and
            # so is that of each timer: the caller's, perhaps a request's, would be kept as long as the loop.
            loop.call_soon_threadsafe(self._begin, context=Context())
        except RuntimeError:
            return  # it was closed meanwhile

    def _begin(self) -> None:
        if self._due is None:
            self._set()

    def _set(self) -> None:
        loop = self._loop()
        if loop is not None and _record is not None:
            self._due = loop.time() + INTERVAL_SECONDS
            loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        loop, due, record = self._loop(), self._due, _record
        self._due = None
        if loop is not None and due is not None and record is not None:
            record(max(0.0, loop.time() - due))
            self._set()
