"""A sum of whole numbers that many threads add to, of which none waits and nothing is lost."""

import threading
from collections import deque
from typing import Final

from app_integration import forks

# So many amounts wait to be added up at most: some 40 KB.
_FOLD_AT: Final = 1_024


class ExactSum:
    """Adds whole numbers, exactly, from any thread.

    `add` takes no lock that it would wait for: a garbage collection may end a stream's call, and so add, in the middle
    of another `add` of the same thread (seen: a plain lock hangs there, a reentrant one loses the amount).
    """

    def __init__(self) -> None:
        self._added: deque[int] = deque()
        self._sum = 0
        self._folding = threading.Lock()
        forks.remember(self)

    def add(self, amount: int) -> None:
        """Add; one append, which is atomic."""
        self._added.append(amount)
        if len(self._added) >= _FOLD_AT and self._folding.acquire(blocking=False):
            try:
                self._fold()
            finally:
                self._folding.release()

    @property
    def total(self) -> int:
        """The sum of all that was added until now."""
        with self._folding:
            self._fold()
            return self._sum

    def begin_in_child(self) -> None:
        """Have a lock of its own in the child of a fork."""
        self._folding = threading.Lock()

    def _fold(self) -> None:
        for _ in range(len(self._added)):
            self._sum += self._added.popleft()
