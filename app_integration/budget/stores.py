"""Where workers tell each other what they have spent: each its own sum of the day. Telling it twice adds nothing."""

import fcntl
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from redis import Redis

# A day's figures are of no use after the next one; a day lasts some hours longer than 24 at most.
_KEPT_SECONDS: Final = 3 * 24 * 3_600
# The days that were told last: a clock may have gone far ahead for a while, so the latest are not the right ones.
_KEPT_DAYS: Final = 8


class Store(Protocol):
    """Keeps, for each day, what each process has spent on it. Two that are equal keep the same figures."""

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
        # It is held for a moment, but a child may be forked in it.
        if not self._lock.acquire(timeout=1.0):
            raise TimeoutError
        try:
            _put(self._days, day, process, picodollars)
            return sum(self._days[day].values())
        finally:
            self._lock.release()


class FileStore:
    """For the processes of one host, without a Redis: a JSON file, and beside it a lock for who reads and writes."""

    def __init__(self, path: Path) -> None:
        self._path = Path(path).absolute()

    def __eq__(self, other: object) -> bool:
        """Whether it is the same file."""
        return isinstance(other, FileStore) and other._path == self._path

    def __hash__(self) -> int:
        """By the file."""
        return hash(self._path)

    def put(self, day: str, process: str, picodollars: int) -> int:
        """Set, and return the sum.

        Raises:
            OSError: the file cannot be read or written.
            ValueError: the file holds something else.
        """
        with self._beside(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                days: dict[str, dict[str, int]] = json.loads(self._path.read_text()) if self._path.exists() else {}
                if days.get(day, {}).get(process) != picodollars:
                    _put(days, day, process, picodollars)
                    self._write(json.dumps(days))
                return sum(days[day].values())
            finally:
                # Said, not left to the close: a child that was forked within has the open file, too, and the lock.
                fcntl.flock(lock, fcntl.LOCK_UN)

    def _write(self, text: str) -> None:
        # In its place at once: a process that is killed here leaves the old file or the new one.
        with self._beside(".new").open("w") as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        self._beside(".new").replace(self._path)

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)


class RedisStore:
    """For the processes of any number of hosts: a hash for each day, with a field for each process.

    Its figures survive what Redis survives. `prefix` sets services apart that have budgets of their own. Give the
    client a `socket_timeout`: without, a Redis that hangs keeps the figures of others away until it goes on.
    """

    def __init__(self, client: "Redis", prefix: str = "techsapo:budget") -> None:
        self._client = client
        self._prefix = prefix
        told = client.get_connection_kwargs()
        server = tuple(str(told.get(name)) for name in ("host", "port", "path", "db"))
        # A client that finds its server by a sentinel has no address to compare.
        self._place = (prefix, *(server if told.get("host") or told.get("path") else (str(id(client)),)))

    def __eq__(self, other: object) -> bool:
        """Whether it is the same hash of the same server."""
        return isinstance(other, RedisStore) and other._place == self._place

    def __hash__(self) -> int:
        """By the hash and the server."""
        return hash(self._place)

    def put(self, day: str, process: str, picodollars: int) -> int:
        """Set, and return the sum. Raises redis.RedisError."""
        key = f"{self._prefix}:{day}"
        pipeline = self._client.pipeline(transaction=True)
        pipeline.hset(key, process, str(picodollars))
        pipeline.expire(key, _KEPT_SECONDS)
        pipeline.hvals(key)
        *_, fields = pipeline.execute()
        return sum(int(field) for field in fields)


def _put(days: dict[str, dict[str, int]], day: str, process: str, picodollars: int) -> None:
    told = days.pop(day, {})
    told[process] = picodollars
    days[day] = told  # as the last one
    for old in tuple(days)[:-_KEPT_DAYS]:
        del days[old]
