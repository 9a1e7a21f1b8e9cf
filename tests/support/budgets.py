"""Clocks that are set, and stores that fail or hang when told to."""

import threading
from datetime import UTC, datetime

from app_integration.budget import MemoryStore


class Clock:
    """A clock that is set."""

    def __init__(self, text: str) -> None:
        self.set(text)

    def set(self, text: str) -> None:
        """Set it to a time in UTC."""
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class UnsteadyStore(MemoryStore):
    """A store that fails as `fails` says: `before` it has taken what it got, `after`, or `late`.

    `late` is taken after what is put next, the oldest last: a server that hung, and then reads one connection after the
    other.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fails = ""
        self._late: list[tuple[str, str, int]] = []

    def put(self, day: str, process: str, picodollars: int) -> int:
        """Take it, unless it fails."""
        if self.fails == "before":
            raise ConnectionError
        if self.fails == "late":
            self._late.append((day, process, picodollars))
            raise TimeoutError
        total = super().put(day, process, picodollars)
        while self._late:
            super().put(*self._late.pop())
        if self.fails == "after":
            raise TimeoutError
        return total


class HangingStore(MemoryStore):
    """A store that lets whoever comes wait until `goes_on` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()
        self.was_asked = threading.Event()

    def put(self, day: str, process: str, picodollars: int) -> int:
        """Take it, some time."""
        self.was_asked.set()
        self.goes_on.wait(60)
        return super().put(day, process, picodollars)


class CountingStore(MemoryStore):
    """A store that counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def put(self, day: str, process: str, picodollars: int) -> int:
        """Take it, and count."""
        self.asked += 1
        return super().put(day, process, picodollars)
