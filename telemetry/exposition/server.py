"""The server of the embedded page: one port, two kinds of thread, bounds on everything a client can do."""

import contextlib
import errno
import logging
import os
import selectors
import socket
import ssl
import threading
import time
import weakref
from pathlib import Path

from telemetry.exposition import request
from telemetry.exposition.certificates import Certificates
from telemetry.exposition.connections import Connection, Connections
from telemetry.exposition.page import Page
from telemetry.exposition.response import METRICS_PATH, Site, encode, error
from telemetry.exposition.source import SnapshotSource

_logger = logging.getLogger(__name__)

_BACKLOG = 32  # waits in the kernel while threads start
_STOP_SECONDS = 2.0  # accepting ends at once; this bounds the wait for a thread that gets no processor
_PAUSE_SECONDS = 0.1  # between attempts to accept while the process is out of files
_DRAIN_BYTES = 65_536  # of a body that nobody asked for


class PageServer:
    """Serves `/metrics` (and `/`, `/-/healthy`) on one port, in daemon threads.

    With `certificate` it speaks TLS, with `client_ca` only to clients that show a certificate of that authority. Port 0
    takes a free one. A connection serves one request.

    Raises:
        ValueError: `key` or `client_ca` without `certificate`.
        OSError: a certificate cannot be read or used.
    """

    def __init__(
        self,
        provider: SnapshotSource,
        host: str,
        port: int,
        *,
        certificate: Path | None = None,
        key: Path | None = None,
        client_ca: Path | None = None,
        service_version: str | None = None,
    ) -> None:
        if certificate is None and (key or client_ca):
            msg = "a key or a client CA was given without a certificate: TLS needs one"
            raise ValueError(msg)
        self._host, self._port = host, port
        self._certificates = Certificates(certificate, key, client_ca) if certificate else None
        self._site = Site(Page(provider, service_version))
        self._connections = Connections()
        self._listener: socket.socket | None = None
        self._wake: tuple[socket.socket, socket.socket] | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port: what was asked for, and while it serves the port that it got."""
        return self._host, self._listener.getsockname()[1] if self._listener else self._port

    @property
    def url(self) -> str:
        """Where a browser or a scraper finds the page."""
        host, port = self.address
        scheme = "https" if self._certificates else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{METRICS_PATH}"

    def start(self) -> None:
        """Bind the port and serve. Does nothing where it serves already.

        Raises:
            OSError: the host has no address here, the port is taken (errno.EADDRINUSE), or no file or thread is left.
                The port is free again then.
        """
        if self._listener is not None:
            return
        self._listener = listener = _listen(self._host, self._port)
        _serving.add(self)
        try:
            self._wake = wake, _ = socket.socketpair()
            thread = threading.Thread(target=self._accept, args=(listener, wake), name="techsapo-page", daemon=True)
            thread.start()
        except OSError:
            self._close()
            raise
        except RuntimeError as error:
            self._close()
            raise OSError(errno.EAGAIN, str(error)) from None
        self._thread = thread

    def stop(self) -> None:
        """Release the port. Requests that have been read are still answered. Does nothing where it does not serve."""
        if self._listener is None or self._wake is None or self._thread is None:
            return
        self._wake[1].send(b"x")
        self._thread.join(_STOP_SECONDS)
        self._connections.cut_silent()
        self._close()

    def close_in_child(self) -> None:
        """Give up the copies of the sockets in the child of a fork: the port is the parent's alone."""
        self._connections.close_in_child()
        self._close()

    def _close(self) -> None:
        _serving.discard(self)
        for sock in (self._listener, *(self._wake or ())):
            if sock is not None:
                sock.close()
        self._listener = self._wake = self._thread = None

    def _accept(self, listener: socket.socket, wake: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select(self._connections.cut_overdue())]
                if wake in ready:
                    listener.close()
                    return
                if listener in ready:
                    self._admit(listener)

    def _admit(self, listener: socket.socket) -> None:
        try:
            accepted, _ = listener.accept()
        except BlockingIOError:
            return  # the client has gone again
        except OSError:
            _logger.debug("No connection could be accepted", exc_info=True)
            time.sleep(_PAUSE_SECONDS)
            return
        try:
            accepted.setblocking(True)
            if self._certificates is not None:
                # The handshake comes in the connection's own thread.
                context = self._certificates.context()
                accepted = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
            connection = self._connections.admit(accepted)
        except OSError:
            connection = None
        if connection is None:
            accepted.close()
            return
        try:
            threading.Thread(target=self._serve, args=(connection,), name="techsapo-page-request", daemon=True).start()
        except RuntimeError:  # no thread to be had
            self._connections.release(connection)

    def _serve(self, connection: Connection) -> None:
        try:
            _converse(connection, self._site)
        except OSError:
            _logger.debug("A connection to the page broke", exc_info=True)
        finally:
            self._connections.release(connection)


def _converse(connection: Connection, site: Site) -> None:
    """Read one request, answer it, and part as TCP and TLS want it."""
    sock = connection.socket
    if isinstance(sock, ssl.SSLSocket):
        sock.do_handshake()
    try:
        asked = request.read(sock)
        if asked is None:
            return
        connection.answering = True
        answer = site.respond(asked)
    except request.RequestError as refused:
        answer = error(refused.status)
    sock.sendall(encode(answer))
    connection.answering = False
    if isinstance(sock, ssl.SSLSocket):
        sock.settimeout(0)  # say goodbye, without waiting for the other side's
        with contextlib.suppress(OSError):
            sock.unwrap()
        return
    # Closing with unread bytes would take the answer away from the client: what it still sends is thrown away first.
    sock.shutdown(socket.SHUT_WR)
    unread = _DRAIN_BYTES
    while unread > 0 and (thrown := sock.recv(unread)):
        unread -= len(thrown)


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        # Past connections that still linger do not keep the port; a second listener does (no SO_REUSEPORT).
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


_serving: weakref.WeakSet[PageServer] = weakref.WeakSet()


def _close_in_child() -> None:
    for server in list(_serving):
        server.close_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
