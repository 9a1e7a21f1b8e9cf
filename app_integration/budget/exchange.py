"""The thread that exchanges figures with a store, again and again."""

import threading
from collections.abc import Callable


class Exchange:
    """Calls `sync` at once, then every `interval_seconds`, and `last` when it is to end.

    The thread is a daemon: a store that hangs keeps no process from its end.
    """

    def __init__(self, sync: Callable[[], object], last: Callable[[], object], interval_seconds: float) -> None:
        self._sync = sync
        self._last = last
        self._interval = interval_seconds
        self._first = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="techsapo-budget", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait until the store has answered or failed once, at most so long."""
        self._first.wait(seconds)

    def stop(self) -> None:
        """Have it end; a last exchange comes before that."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        """Wait until it has ended, at most so long."""
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._sync()
            self._first.set()
            self._stop.wait(self._interval)
        self._last()
