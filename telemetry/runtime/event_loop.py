"""Lag of asyncio's event loops: how late a timer runs, which is how late everything else in the loop runs, too."""

import asyncio
import contextlib
import weakref
from typing import Final

from opentelemetry.metrics import Histogram, get_meter

# Often enough to meet a block of some hundred milliseconds, seldom enough to cost nothing: 20 us each (measured).
INTERVAL_SECONDS: Final = 0.25

_watched: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Watch]" = weakref.WeakKeyDictionary()
_stopped = False
_lag: Histogram = get_meter("techsapo.runtime").create_histogram(
    "techsapo.runtime.eventloop.lag", unit="s", description="How late an event loop runs what is due."
)


def watch_event_loop(loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Measure the lag of an event loop, by default the one that runs, until it is closed.

    A server's loop is watched by itself; this is for scripts and workers. A block of a second is one lag of a second,
    less what was left until the next timer. A second call for a loop does nothing.

    Raises:
        RuntimeError: no loop is given and none runs in this thread.
    """
    loop = loop or asyncio.get_running_loop()
    if not _stopped and loop not in _watched:
        _watched[loop] = _Watch(loop)


def stop_watching() -> None:
    """Measure no loop any more, as the telemetry ends."""
    global _stopped  # noqa: PLW0603  # a process has one telemetry
    _stopped = True
    for watch in list(_watched.values()):
        watch.stop()
    _watched.clear()


def start_watching() -> None:
    """Let loops be watched again, after `stop_watching` or a fork."""
    global _stopped  # noqa: PLW0603  # as above
    _stopped = False


class _Watch:
    """A timer that sets itself again."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = weakref.ref(loop)
        self._over = False
        self._due = 0.0
        with contextlib.suppress(RuntimeError):  # it is closed already
            # From the thread of the loop: a timer set by another one may not wake it.
            loop.call_soon_threadsafe(self._set)

    def stop(self) -> None:
        """Set the timer no more."""
        self._over = True

    def _set(self) -> None:
        loop = self._loop()
        if loop is not None and not self._over:
            self._due = loop.time() + INTERVAL_SECONDS
            loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        loop = self._loop()
        if loop is not None and not self._over:
            _lag.record(max(0.0, loop.time() - self._due))
            self._set()
