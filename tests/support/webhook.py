"""What takes notifications over HTTP, on loopback: a webhook, Slack's incoming webhook, PagerDuty's Events API."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self, TypedDict, cast

from tests.support import ports

# What each service answers, by the path it is called under; any other path is a webhook.
ANSWERS: Final[Mapping[str, tuple[int, str, bytes]]] = {
    "/services/": (200, "text/plain", b"ok"),
    "/v2/enqueue": (202, "application/json", b'{"status":"success","message":"Event processed","dedup_key":"1"}'),
}
_OK: Final = (200, "text/plain", b"")
_BROKEN: Final = (500, "text/plain", b"")


class NotifiedAlert(TypedDict):
    """An alert of a webhook's notification."""

    status: str
    labels: dict[str, str]
    annotations: dict[str, str]
    startsAt: str
    endsAt: str


class Notification(TypedDict):
    """A webhook's notification (version 4)."""

    receiver: str
    status: str
    alerts: list[NotifiedAlert]
    groupLabels: dict[str, str]
    commonLabels: dict[str, str]
    commonAnnotations: dict[str, str]
    truncatedAlerts: int


@dataclass(frozen=True)
class Received:
    """One request: its path, and its body as parsed from JSON."""

    path: str
    body: dict[str, object]


class Webhook:
    """A server that keeps what it is sent, in the order of arrival. `with Webhook() as webhook`."""

    def __init__(self) -> None:
        self._received: list[Received] = []
        self._lock = threading.Lock()
        # The receivers whose notifications are answered with 500, and not kept.
        self.refuses: frozenset[str] = frozenset()
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, kind, answer = take(Received(self.path, json.loads(body)))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer((ports.LOOPBACK, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def url(self, path: str = "/") -> str:
        """Return the address of a path."""
        return f"http://{ports.LOOPBACK}:{self._server.server_port}{path}"

    def received(self, path: str) -> list[dict[str, object]]:
        """Return the bodies that came under a path, query included."""
        with self._lock:
            return [each.body for each in self._received if each.path == path]

    def notifications(self, path: str = "/", *, receiver: str | None = None) -> list[Notification]:
        """Return the notifications that came under a path, of one receiver or of all."""
        found = cast("list[Notification]", self.received(path))
        return [each for each in found if receiver is None or each["receiver"] == receiver]

    def _take(self, received: Received) -> tuple[int, str, bytes]:
        """Keep a request, and return what is answered."""
        if received.body.get("receiver") in self.refuses:
            return _BROKEN
        with self._lock:
            self._received.append(received)
        return next((ANSWERS[path] for path in ANSWERS if received.path.startswith(path)), _OK)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
