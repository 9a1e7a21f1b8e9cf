"""Asking a server over HTTP, within a deadline."""

import base64
import contextlib
import http.client
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, unquote, urlsplit

DEADLINE_SECONDS = 5.0
MOST_BYTES = 1 << 22


class NoAnswerError(Exception):
    """A server did not answer over HTTP; the message tells why in a few words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and this host's Unix times before it was asked for and after its head came.

    `date` is the server's Unix time as its header Date tells it, in whole seconds rounded down; None without one.
    """

    status: int
    body: bytes
    date: float | None
    asked: float
    answered: float


def get(address: str, path: str) -> Answer:
    """Ask for a path of a server; credentials in the address are sent.

    Raises:
        NoAnswerError: none came within the deadline, or it is no HTTP.
    """
    parts = urlsplit(address)
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    try:
        with contextlib.closing(connect(parts.hostname or "", parts.port or (443 if tls else 80), tls)) as connection:
            connection.connect()
            asked = time.time()
            connection.request("GET", path, headers=credentials(parts))
            response = connection.getresponse()
            answered = time.time()
            return Answer(response.status, response.read(MOST_BYTES), _date(response), asked, answered)
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswerError(said(error)) from None


def connect(host: str, port: int, tls: ssl.SSLContext | None) -> http.client.HTTPConnection:
    """Return a connection that is not made yet."""
    if tls is None:
        return http.client.HTTPConnection(host, port, timeout=DEADLINE_SECONDS)
    return http.client.HTTPSConnection(host, port, timeout=DEADLINE_SECONDS, context=tls)


def credentials(address: SplitResult) -> dict[str, str]:
    """Return the header for the user and password of an address, none where it has none."""
    if address.username is None:
        return {}
    told = f"{unquote(address.username)}:{unquote(address.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(told.encode()).decode()}"}


def said(error: Exception) -> str:
    """Return what an error says, on one line."""
    if isinstance(error, TimeoutError):
        return f"no answer within {DEADLINE_SECONDS:g} s"
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(reason).split())


def _date(response: http.client.HTTPResponse) -> float | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    except ValueError:
        return None
