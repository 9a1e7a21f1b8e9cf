"""A bounded pool of PyMySQL connections, which reports how many there are."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult, unquote, urlsplit

import pymysql
from opentelemetry.metrics import CallbackOptions, Observation, get_meter
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from app_integration import forks

Connect = Callable[[], "Connection[Cursor]"]

# Errors after which nobody knows what state a connection is in.
_BROKEN = (pymysql.err.OperationalError, pymysql.err.InterfaceError, pymysql.err.InternalError)


class PoolTimeoutError(Exception):
    """No connection became free in time."""


def connect_to(url: str, timeout_seconds: float = 5.0) -> Connect:
    """Return what connects to `mysql://user:password@host:port/database`; user and password percent-encoded.

    Raises:
        ValueError: the address is of another scheme, or names no host or database. The password is not in the message.
    """
    parts = _split(url)
    if parts is None:
        msg = "a MySQL address is mysql://user:password@host:port/database"
        raise ValueError(msg)
    host, port, database = parts.hostname, parts.port or 3306, parts.path.lstrip("/")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")

    def connect() -> "Connection[Cursor]":
        return pymysql.connect(
            host=host,
            port=port,
            user=user,
            password=password,
            database=database,
            charset="utf8mb4",
            connect_timeout=timeout_seconds,
            read_timeout=timeout_seconds,
            write_timeout=timeout_seconds,
        )

    return connect


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        whole = parts.scheme == "mysql" and parts.hostname and parts.port != 0 and parts.path.lstrip("/")
    except ValueError:  # urllib's message quotes what may be a part of a password
        return None
    return parts if whole else None


class MySqlPool:
    """At most `size` connections, made when they are needed and kept until `close`. Safe for threads."""

    def __init__(self, connect: Connect, size: int, *, wait_seconds: float = 5.0) -> None:
        self._connect = connect
        self._size = size
        self._wait_seconds = wait_seconds
        self._free = threading.BoundedSemaphore(size)
        self._idle: list[Connection[Cursor]] = []
        self._used = 0
        self._lock = threading.Lock()
        forks.remember(self)
        get_meter("app_integration.reference_app").create_observable_up_down_counter(
            "db.client.connection.count", [self._observe], unit="{connection}", description="Connections, by state."
        )

    @contextmanager
    def transaction(self) -> Iterator["Cursor"]:
        """Lend a cursor: committed at the end, rolled back on an exception.

        Raises:
            PoolTimeoutError: all connections were in use for too long.
            pymysql.Error: the server refused a statement or could not be reached.
        """
        if not self._free.acquire(timeout=self._wait_seconds):
            msg = f"no connection became free within {self._wait_seconds:g} s"
            raise PoolTimeoutError(msg)
        try:
            connection = self._take()
            try:
                with connection.cursor() as cursor:
                    yield cursor
                connection.commit()
            except _BROKEN:
                self._discard(connection)
                raise
            except BaseException:
                self._give_back_rolled_back(connection)
                raise
            else:
                self._give_back(connection)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def begin_in_child(self) -> None:
        """Have nothing of the parent's in the child of a fork: what is let go here stays open there."""
        self._lock, self._free = threading.Lock(), threading.BoundedSemaphore(self._size)
        self._idle, self._used = [], 0

    def _take(self) -> "Connection[Cursor]":
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None or not _is_alive(connection):
            connection = self._connect()
        with self._lock:
            self._used += 1
        return connection

    def _give_back(self, connection: "Connection[Cursor]") -> None:
        with self._lock:
            self._used -= 1
            self._idle.append(connection)

    def _give_back_rolled_back(self, connection: "Connection[Cursor]") -> None:
        try:
            connection.rollback()
        except pymysql.Error:
            self._discard(connection)
        else:
            self._give_back(connection)

    def _discard(self, connection: "Connection[Cursor]") -> None:
        with self._lock:
            self._used -= 1
        # What the driver has closed by itself it refuses to close again.
        with suppress(pymysql.Error):
            connection.close()

    def _observe(self, _: CallbackOptions) -> Iterable[Observation]:
        with self._lock:
            counts = {"idle": len(self._idle), "used": self._used}
        for state, count in counts.items():
            yield Observation(count, {"db.system.name": "mysql", "db.client.connection.state": state})


def _is_alive(connection: "Connection[Cursor]") -> bool:
    """Ask the server: it hangs up on who says nothing for hours."""
    try:
        connection.ping(reconnect=False)
    except pymysql.Error:
        return False
    return True
