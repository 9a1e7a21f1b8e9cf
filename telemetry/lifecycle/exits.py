"""The ways a process ends, with its last figures pushed: signal, normal exit, multiprocessing's exit, refusal.

uvicorn puts its own handlers over SIGTERM and SIGINT while it serves, and raises the signal again when its lifespan is
over: a handler that was there before runs then. SIGINT needs none: Python raises KeyboardInterrupt, and exits.
"""

import atexit
import os
import signal
import sys
import threading
from types import FrameType, ModuleType
from typing import Never

import wrapt

from telemetry.lifecycle.aside import aside
from telemetry.lifecycle.pipeline import SHUTDOWN_SECONDS, Pipeline

REFUSED_STATUS = 2
# multiprocessing's finalizers of 0 and above run before it waits for its own children; then the rest, highest first.
AFTER_EVERYTHING = -1_000


def install(pipeline: Pipeline) -> None:
    """Have the pipeline shut down at every end of this process that Python can see."""
    atexit.register(pipeline.shutdown)
    wrapt.register_post_import_hook(lambda module: _follow_children(module, pipeline), "multiprocessing.util")
    if threading.current_thread() is threading.main_thread():
        _chain_sigterm(pipeline)


def exit_refused(reason: str) -> Never:
    """End the process with one line and status 2.

    Not by an exception: opentelemetry-instrument logs it and goes on, a server starts the worker again.
    """
    print(f"techsapo-telemetry: {reason}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    os._exit(REFUSED_STATUS)


def _follow_children(util: ModuleType, pipeline: Pipeline) -> None:
    # A child of multiprocessing ends with os._exit: atexit does not run there, its finalizers do. They are emptied
    # when the child starts, after which it calls what is registered here.
    def in_child(_: object) -> None:
        util.Finalize(None, pipeline.shutdown, exitpriority=AFTER_EVERYTHING)

    util.register_after_fork(pipeline, in_child)


def _chain_sigterm(pipeline: Pipeline) -> None:
    previous = signal.getsignal(signal.SIGTERM)
    if previous is None or previous == signal.SIG_IGN:
        return

    def on_sigterm(signum: int, frame: FrameType | None) -> None:
        # Aside: the signal may have interrupted this very thread while it held a lock that is needed now.
        if callable(previous):
            aside(pipeline.flush_at_stop)(SHUTDOWN_SECONDS)
            previous(signum, frame)
            return
        aside(pipeline.shutdown)(SHUTDOWN_SECONDS)
        signal.signal(signum, signal.SIG_DFL)
        signal.raise_signal(signum)

    signal.signal(signal.SIGTERM, on_sigterm)
