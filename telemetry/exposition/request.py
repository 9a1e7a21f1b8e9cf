"""Reading one HTTP request from a socket. Source: RFC 9112, sections 2 and 3."""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_HEAD_BYTES = 8_192  # what most servers take; Prometheus sends about 600

_END = b"\r\n\r\n"
_REQUEST_LINE = re.compile(r"([!-~]+) ([!-~]+) HTTP/1\.[01]")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")


class RequestError(Exception):
    """A request that cannot be served; `status` is the code to answer with."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answered with status {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """A request's method, path without the query, and header fields by their lower-case names."""

    method: str
    path: str
    fields: Mapping[str, str]


def read(connection: socket.socket) -> Request | None:
    """Read a request's head; None where the client closed the connection before it was complete.

    The time is bounded by whoever closes the connection when it takes too long. Bodies are not read: no request that
    is served here has a use for one.

    Raises:
        RequestError: the head is too long, or is none.
        OSError: the connection broke.
    """
    head = bytearray()
    while (end := head.find(_END)) < 0:
        if len(head) >= MAX_HEAD_BYTES:
            raise RequestError(431)
        received = connection.recv(MAX_HEAD_BYTES - len(head))
        if not received:
            return None
        head += received
    return parse(head[:end].decode("latin-1"))


def parse(head: str) -> Request:
    """Parse a head without its empty line.

    Raises:
        RequestError: it is none of HTTP/1.
    """
    first, *rest = head.split("\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise RequestError(400)
    fields: dict[str, str] = {}
    for text in rest:
        field = _FIELD.fullmatch(text)
        if field is None:
            raise RequestError(400)
        name, value = field[1].lower(), field[2]
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    try:
        path = urlsplit(line[2]).path
    except ValueError:
        raise RequestError(400) from None
    return Request(line[1], path, fields)
