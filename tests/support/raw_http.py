"""Bytes on a connection, as a broken or a hostile client sends them."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import ExitStack

from tests.support import ports

CLOSED = b""


def answer(port: int, sent: bytes, timeout: float = 20.0, *, ended: bool = True) -> bytes:
    """Send bytes, and return what comes back until the other side closes the connection: maybe nothing.

    The sending side is `ended`, or left open as if more were to come. Raises TimeoutError where nothing comes so long.
    """
    with socket.create_connection((ports.LOOPBACK, port), timeout=timeout) as connection:
        try:
            connection.sendall(sent)
            if ended:
                connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))
        except TimeoutError:
            raise
        except OSError:  # a server that has seen enough resets the connection
            return CLOSED


@contextlib.contextmanager
def held(port: int, sent: bytes, connections: int) -> Iterator[None]:
    """Hold so many connections open that have sent these bytes and send nothing more."""
    with ExitStack() as opened:
        for _ in range(connections):
            connection = opened.enter_context(socket.create_connection((ports.LOOPBACK, port), timeout=20.0))
            connection.sendall(sent)
        yield
