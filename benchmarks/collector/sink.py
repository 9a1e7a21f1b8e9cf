"""Where both Collectors forward traces and logs to: it reads, counts and forgets."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.support import ports

_DEADLINE_SECONDS = 60.0


class Sink(ThreadingHTTPServer):
    """An OTLP/HTTP receiver on loopback that accepts everything."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((ports.LOOPBACK, 0), _Connection)
        self._counted = threading.Condition()
        self._requests = 0
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)

    @property
    def endpoint(self) -> str:
        """Its address, without a path."""
        return f"http://{ports.LOOPBACK}:{self.server_port}"

    @property
    def requests(self) -> int:
        """How many requests it has answered."""
        return self._requests

    def count(self) -> None:
        """Count a request."""
        with self._counted:
            self._requests += 1
            self._counted.notify_all()

    def wait_for(self, requests: int) -> None:
        """Wait until so many have come in all. Raises TimeoutError when they do not."""
        with self._counted:
            if not self._counted.wait_for(lambda: self._requests >= requests, _DEADLINE_SECONDS):
                raise TimeoutError(f"{self._requests} of {requests} payloads were forwarded: were some put together?")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Sink

    def do_POST(self) -> None:
        """Read a body and accept it."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        # An empty body is the empty response message of every OTLP signal.
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.count()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
        """Say nothing."""
