"""A receiver of Alertmanager's webhooks, on a free port of loopback."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from app_integration.demo.alerts import Alerts, Heard
from app_integration.demo.processes import LOOPBACK

_MOST_BYTES = 1024 * 1024


class AlertReceiver:
    """`with AlertReceiver() as receiver:`; who is told of `receiver.url` may post to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alerts = Alerts()
        self._server = _Server((LOOPBACK, 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, name="alert-receiver", daemon=True)

    @property
    def url(self) -> str:
        """Where webhooks are to be posted to."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/alerts"

    def heard(self) -> Heard:
        """Return what arrived until now."""
        with self._lock:
            return Heard(tuple(self._alerts.all()), self._alerts.watchdog is not None, time.monotonic())

    def take(self, body: bytes) -> None:
        """Keep what a message tells. Raises ValueError: it is none."""
        with self._lock:
            self._alerts.take(body, time.monotonic())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], receiver: AlertReceiver) -> None:
        self.receiver = receiver
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """Take a message: 204, 400 where it is none, 413 where it is too much."""
        size = int(self.headers.get("Content-Length", "0"))
        status = 413 if size > _MOST_BYTES else 204
        if status == 204:
            try:
                self.server.receiver.take(self.rfile.read(size))
            except ValueError:
                status = 400
        else:
            self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the standard library's
        """Say nothing: the terminal is the demo's."""
