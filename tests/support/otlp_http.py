"""The HTTP side of the OTLP sink: connections, bodies, answers."""

import contextlib
import gzip
import socket
import threading
import time
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Protocol

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

METRICS_PATH = "/v1/metrics"


@dataclass(frozen=True)
class SinkRequest:
    """One request as it came.

    `number` is the order of arrival, `connection` numbers the TCP connections; both start at 1. `message` is what a
    metrics request carried, None on other paths. `status` is what was answered, None where the connection was closed
    instead. `received_ns` is of `time.time_ns()`. `body` is what came, decompressed.
    """

    number: int
    connection: int
    peer_port: int
    path: str
    headers: dict[str, str]
    message: ExportMetricsServiceRequest | None
    received_ns: int
    status: int | None
    body: bytes = b""

    @property
    def accepted(self) -> bool:
        """Whether the sender was told that the figures arrived."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Behaviour:
    """How to treat a request: wait `delay` seconds or for `release`, then answer `status` (None: close)."""

    status: int | None = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    release: threading.Event = field(default_factory=threading.Event)


class Receiver(Protocol):
    """What the HTTP side asks and tells: the sink."""

    def new_connection(self) -> int:
        """Count a connection and return its number."""

    def arrive(self) -> tuple[int, Behaviour]:
        """Count a request, and return its number and how to treat it."""

    def record(self, request: SinkRequest) -> None:
        """Keep a request that is about to be answered."""


class HttpServer(ThreadingHTTPServer):
    """A listening socket, a thread a connection; knows its open connections so that they can be closed."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], receiver: Receiver, tls: SSLContext | None) -> None:
        self.receiver = receiver
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Connection)
        if tls is not None:
            # The handshake is left to the connection's thread: a client that stalls must not block the others.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def close_connections(self) -> None:
        """Cut every connection that is open."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(BaseHTTPRequestHandler):
    """One TCP connection, kept alive over its requests."""

    protocol_version = "HTTP/1.1"
    server: HttpServer
    connection: socket.socket

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)
        self.number = self.server.receiver.new_connection()

    def handle(self) -> None:
        # The other side may go at any moment, and so may ours: that is what the tests are about.
        with contextlib.suppress(OSError):
            super().handle()

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def do_POST(self) -> None:
        """Read a body, record it, and answer as the sink was told."""
        number, behaviour = self.server.receiver.arrive()
        received_ns = time.time_ns()
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        match self.headers.get("Content-Encoding"):
            case "gzip":
                body = gzip.decompress(body)
            case "deflate":
                body = zlib.decompress(body)
        message = ExportMetricsServiceRequest.FromString(body) if self.path == METRICS_PATH else None
        behaviour.release.wait(behaviour.delay)
        self.server.receiver.record(
            SinkRequest(
                number=number,
                connection=self.number,
                peer_port=self.client_address[1],
                path=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                message=message,
                received_ns=received_ns,
                status=behaviour.status,
                body=body,
            )
        )
        if behaviour.status is None:
            self.close_connection = True
            return
        self.send_response(behaviour.status)
        for name, value in behaviour.headers.items():
            self.send_header(name, value)
        # An empty body is the empty response message of every OTLP signal.
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
        """Say nothing: the records tell it."""
