"""Open connections: bounded in number and in time, so that no client keeps another one out."""

import contextlib
import socket
import threading
import time

MAX_CONNECTIONS = 16  # each has a thread; two scrapers, a curious operator, and room for what goes wrong
LIFETIME_SECONDS = 15.0  # past Prometheus' default scrape timeout of 10 s


class Connection:
    """A connection, and until when it may last (on the monotonic clock).

    `answering` is set from its request until its response is sent: no newcomer takes its place in between.
    """

    def __init__(self, sock: socket.socket, lifetime: float) -> None:
        self.socket = sock
        self.deadline = time.monotonic() + lifetime
        self.answering = False

    def cut(self) -> None:
        """End the connection under its thread, which finds it closed by the other side."""
        with contextlib.suppress(OSError):
            # Not the method of SSLSocket: that one takes away what the thread is reading from.
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


class Connections:
    """At most `limit` connections, each for at most `lifetime` seconds."""

    def __init__(self, limit: int = MAX_CONNECTIONS, lifetime: float = LIFETIME_SECONDS) -> None:
        self._limit = limit
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._open: dict[Connection, None] = {}  # the oldest first

    def admit(self, sock: socket.socket) -> Connection | None:
        """Take a connection in. Where all places are taken it gets that of the one that has been silent longest.

        None where there is no such place: all are being answered.
        """
        with self._lock:
            if len(self._open) >= self._limit:
                silent = next((one for one in self._open if not one.answering), None)
                if silent is None:
                    return None
                silent.cut()
                del self._open[silent]
            connection = Connection(sock, self._lifetime)
            self._open[connection] = None
            return connection

    def release(self, connection: Connection) -> None:
        """Close a connection and give its place back."""
        with self._lock:
            self._open.pop(connection, None)
        with contextlib.suppress(OSError):
            connection.socket.close()

    def cut_overdue(self) -> float | None:
        """End the connections whose time is over; return in how many seconds the next one's is, None without any."""
        now = time.monotonic()
        with self._lock:
            for connection in [one for one in self._open if one.deadline <= now]:
                connection.cut()
                del self._open[connection]
            return min((one.deadline - now for one in self._open), default=None)

    def cut_silent(self) -> None:
        """End the connections that have not sent their request."""
        with self._lock:
            for connection in [one for one in self._open if not one.answering]:
                connection.cut()

    def close_in_child(self) -> None:
        """Close the copies that the child of a fork has got, with a fresh lock."""
        self._lock = threading.Lock()
        for connection in self._open:
            connection.socket.close()
        self._open.clear()
