"""Work beside the code that asks for it, even from a signal handler or within a garbage collection."""

import _thread
from collections.abc import Callable


def aside(work: Callable[[], object]) -> Callable[[float], bool]:
    """Begin `work` in a thread and return a function that waits for it, so many seconds at most.

    `threading.Thread` takes locks while it starts: where a signal or a collection interrupts just that, a second start
    hangs for ever. While the interpreter shuts down no thread starts: the work is done at once then.
    """
    running = _thread.allocate_lock()
    running.acquire()

    def run() -> None:
        try:
            work()
        finally:
            running.release()

    try:
        _thread.start_new_thread(run, ())
    except RuntimeError:
        run()
    return lambda seconds: running.acquire(timeout=max(0.0, seconds))
