"""What is served under which path, and how a response is written. Source: RFC 9110, RFC 9112."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

from telemetry.exposition.page import Page
from telemetry.exposition.request import Request

METRICS_PATH = "/metrics"
HEALTH_PATH = "/-/healthy"

_logger = logging.getLogger(__name__)

_Headers = tuple[tuple[str, str], ...]

_METHODS = ("GET", "HEAD")
_PLAIN = ("Content-Type", "text/plain; charset=utf-8")
_HTML = ("Content-Type", "text/html; charset=utf-8")
_ALWAYS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))
_INDEX = (
    '<!doctype html><html lang="en"><title>Metrics</title>'
    f'<p>The metrics of this process are at <a href="{METRICS_PATH}">{METRICS_PATH}</a>.</p></html>\n'
)


@dataclass(frozen=True, slots=True)
class Response:
    """A status, the header fields that go with the body, and the body: empty where only its length is told."""

    status: int
    headers: _Headers
    body: bytes


def response(status: int, body: bytes, *headers: tuple[str, str], with_body: bool = True) -> Response:
    """Return a response with the headers that every one has."""
    length = ("Content-Length", str(len(body)))
    return Response(status, (*headers, length, *_ALWAYS), body if with_body else b"")


def error(status: int, *headers: tuple[str, str]) -> Response:
    """Return a response whose body is the name of its status."""
    return response(status, f"{status} {HTTPStatus(status).phrase}\n".encode(), _PLAIN, *headers)


def encode(answer: Response) -> bytes:
    """Return the bytes of a response after which the connection is closed."""
    headers = (*answer.headers, ("Date", formatdate(usegmt=True)), ("Connection", "close"))
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body


class Site:
    """The page, a link to it, and a health check. Everything else is an error that tells nothing but its status."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._failing = False
        self._paths: dict[str, Callable[[Request], Response]] = {
            "/": lambda asked: response(200, _INDEX.encode(), _HTML, with_body=asked.method == "GET"),
            HEALTH_PATH: lambda asked: response(200, b"ok\n", _PLAIN, with_body=asked.method == "GET"),
            METRICS_PATH: self._metrics,
        }

    def respond(self, asked: Request) -> Response:
        """Return the response to a request, whatever happens."""
        serve = self._paths.get(asked.path)
        if serve is None:
            return error(404)
        if asked.method not in _METHODS:
            return error(405, ("Allow", ", ".join(_METHODS)))
        return serve(asked)

    def _metrics(self, asked: Request) -> Response:
        try:
            page = self._page.answer(asked.fields.get("accept", ""), asked.fields.get("accept-encoding", ""))
        except Exception:  # the source may raise anything, and the app must not hear of it
            if not self._failing:  # said once, not at every scrape
                _logger.exception("The metrics page could not be written")
            self._failing = True
            return error(500)
        self._failing = False
        return response(200, page.body, *page.headers, with_body=asked.method == "GET")
