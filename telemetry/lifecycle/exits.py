"""The ways a process ends, with its last figures pushed: signal, normal exit, multiprocessing's exit, refusal.

uvicorn puts its own handlers over SIGTERM and SIGINT while it serves, and raises the signal again when its lifespan is
over: a handler that was there before runs then. SIGINT needs none: Python raises KeyboardInterrupt, and exits.
"""

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Never, Protocol

import wrapt

from telemetry.lifecycle.aside import aside
from telemetry.lifecycle.pipeline import SHUTDOWN_SECONDS

REFUSED_STATUS = 2
# multiprocessing's finalizers of 0 and above run before it waits for its own children; then the rest, highest first.
AFTER_EVERYTHING = -1_000


class Ended(Protocol):
    """What is to end with the process: the pipeline."""

    def flush_at_stop(self) -> None:
        """Push what was recorded until now, within `SHUTDOWN_SECONDS`."""

    def shutdown(self) -> None:
        """Do the same, and end; idle when repeated."""


def install(pipeline: Ended) -> None:
    """Have the pipeline shut down at every end of this process that Python can see."""
    ends = Ends(pipeline)
    atexit.register(ends.exit)
    if threading.current_thread() is threading.main_thread():
        ends.chain_sigterm()
    wrapt.register_post_import_hook(lambda module: _follow_children(module, ends), "multiprocessing.util")


def exit_refused(reason: str) -> Never:
    """End the process with one line and status 2.

    Not by an exception: opentelemetry-instrument logs it and goes on, a server starts the worker again.
    """
    print(f"techsapo-telemetry: {reason}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    os._exit(REFUSED_STATUS)


class Ends:
    """The exit of this process and its SIGTERM, which may come together."""

    def __init__(self, pipeline: Ended) -> None:
        self._pipeline = pipeline
        self._previous: Callable[[int, FrameType | None], object] | int | None = signal.SIG_DFL
        self._exits = False
        self._told = False
        self._ends = False

    def exit(self) -> None:
        """Shut the pipeline down, and do then what a SIGTERM asks for that came meanwhile.

        Its handler runs within this very thread: it would wait for locks that are given back only after it.
        """
        self._exits = threading.current_thread() is threading.main_thread()
        try:
            self._pipeline.shutdown()
        finally:
            self._exits = False
            if self._told:
                self._told = False
                signal.raise_signal(signal.SIGTERM)

    def chain_sigterm(self) -> None:
        """Have a SIGTERM push before it does what it did until now, unless that is nothing."""
        self._previous = signal.getsignal(signal.SIGTERM)
        if self._previous is not None and self._previous != signal.SIG_IGN:
            signal.signal(signal.SIGTERM, self._on_sigterm)

    def in_child(self) -> None:
        """See to the exit of a child that multiprocessing has started."""
        self._exits = self._told = self._ends = False

    def _on_sigterm(self, signum: int, frame: FrameType | None) -> None:
        if self._exits:
            self._told = True
            return
        # Aside: the signal may have interrupted this very thread while it held a lock that is needed now.
        if callable(self._previous):
            aside(self._pipeline.flush_at_stop)(SHUTDOWN_SECONDS)
            self._previous(signum, frame)
            return
        if self._ends:  # sent again
            return
        self._ends = True
        aside(self._pipeline.shutdown)(SHUTDOWN_SECONDS)
        signal.signal(signum, signal.SIG_DFL)
        signal.raise_signal(signum)


def _follow_children(util: ModuleType, ends: Ends) -> None:
    # A child of multiprocessing ends with os._exit: atexit does not run there, its finalizers do. They are emptied
    # when the child starts, after which it calls what is registered here.
    def in_child(_: object) -> None:
        util.Finalize(None, ends.exit, exitpriority=AFTER_EVERYTHING)
        ends.in_child()

    util.register_after_fork(ends, in_child)
