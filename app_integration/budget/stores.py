"""Where workers tell each other what they have spent: each its own sum of the day. Telling it twice adds nothing."""

import fcntl
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from redis import Redis

# A day's figures are of no use after the next one; in no zone does a day last longer than 25 hours.
_KEPT_SECONDS: Final = 3 * 24 * 3_600
_KEPT_DAYS: Final = 3


class Store(Protocol):
    """Keeps, for each day, what each process has spent on it."""

    def put(self, day: str, process: str, picodollars: int) -> int:
        """Set what a process has spent on a day in all, and return the sum over all processes.

        `day` is an ISO date. Raises whatever says that the store cannot be reached: it is asked again later.
        """


class MemoryStore:
    """For one process, and the guards in it. A restart begins with 0."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._days: dict[str, dict[str, int]] = {}

    def put(self, day: str, process: str, picodollars: int) -> int:
        """Set, and return the sum."""
        with self._lock:
            return _put(self._days, day, process, picodollars)


class FileStore:
    """For the processes of one host, without a Redis: a JSON file, and beside it a lock for who reads and writes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, day: str, process: str, picodollars: int) -> int:
        """Set, and return the sum.

        Raises:
            OSError: the file cannot be read or written.
            ValueError: the file holds something else.
        """
        with self._beside(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            days: dict[str, dict[str, int]] = json.loads(self._path.read_text()) if self._path.exists() else {}
            total = _put(days, day, process, picodollars)
            # In its place at once: a process that is killed here leaves the old file or the new one.
            with self._beside(".new").open("w") as new:
                json.dump(days, new)
                new.flush()
                os.fsync(new.fileno())
            self._beside(".new").replace(self._path)
        return total

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)


class RedisStore:
    """For the processes of any number of hosts: a hash for each day, with a field for each process.

    Its figures survive what Redis survives. `prefix` sets services apart that have budgets of their own.
    """

    def __init__(self, client: "Redis", prefix: str = "techsapo:budget") -> None:
        self._client = client
        self._prefix = prefix

    def put(self, day: str, process: str, picodollars: int) -> int:
        """Set, and return the sum. Raises redis.RedisError."""
        key = f"{self._prefix}:{day}"
        pipeline = self._client.pipeline(transaction=True)
        pipeline.hset(key, process, str(picodollars))
        pipeline.expire(key, _KEPT_SECONDS)
        pipeline.hvals(key)
        *_, fields = pipeline.execute()
        return sum(int(field) for field in fields)


def _put(days: dict[str, dict[str, int]], day: str, process: str, picodollars: int) -> int:
    days.setdefault(day, {})[process] = picodollars
    for old in sorted(days)[:-_KEPT_DAYS]:
        if old != day:
            del days[old]
    return sum(days[day].values())
