"""Requests and responses of the page, without a network."""

import logging
import socket

import pytest

from telemetry.exposition import Page
from telemetry.exposition.request import MAX_HEAD_BYTES, Request, RequestError, parse, read
from telemetry.exposition.response import Site, encode, error
from tests.support.snapshots import Fixed, every_metric


class Broken:
    """A source that raises what it is given; nothing makes it work again."""

    error: Exception | None = RuntimeError("the password is hunter2")

    def snapshot(self, timeout_millis: float = 10_000) -> list[object]:  # noqa: ARG002  # the interface has it
        """Raise."""
        if self.error is not None:
            raise self.error
        return []


def get(path: str, method: str = "GET", **fields: str) -> Request:
    """Return a request."""
    return Request(method, path, fields)


@pytest.mark.parametrize(
    ("head", "request_read"),
    [
        ("GET /metrics HTTP/1.1\r\nHost: a", Request("GET", "/metrics", {"host": "a"})),
        ("GET /metrics HTTP/1.0", Request("GET", "/metrics", {})),
        ("HEAD /metrics?a=b#c HTTP/1.1", Request("HEAD", "/metrics", {})),
        ("GET http://a:1/metrics HTTP/1.1", Request("GET", "/metrics", {})),
        ("GET / HTTP/1.1\r\nAccept: a\r\nACCEPT:  b ", Request("GET", "/", {"accept": "a, b"})),
    ],
)
def test_a_request_is_read(head: str, request_read: Request) -> None:
    """Names of fields are lower-cased, fields of one name joined, the path freed from what is not it."""
    assert request_read == parse(head)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "GET /metrics",
        "GET /metrics HTTP/2.0",
        "PRI * HTTP/2.0",
        "GET  /metrics HTTP/1.1",
        "GET /met rics HTTP/1.1",
        "GET /metrics HTTP/1.1\r\nno colon",
        "GET /metrics HTTP/1.1\r\n folded: line",
        "GET /metrics HTTP/1.1\r\nname : space",
        "GET http://[/metrics HTTP/1.1",
        "\x16\x03\x01\x02\x00",
    ],
)
def test_what_is_no_request_is_refused(head: str) -> None:
    """A client that speaks something else is told so, and nothing is guessed."""
    with pytest.raises(RequestError) as refused:
        parse(head)
    assert refused.value.status == 400


def test_a_head_is_read_however_it_is_cut() -> None:
    """TCP keeps no boundaries; what follows the head is left alone."""
    near, far = socket.socketpair()
    with near, far:
        for piece in (b"GE", b"T /metrics HTTP/1.1\r\nHo", b"st: a\r\n\r", b"\nbody"):
            far.send(piece)
        assert Request("GET", "/metrics", {"host": "a"}) == read(near)


def test_a_head_without_end_is_refused_at_its_limit() -> None:
    """No client makes the process keep more than that."""
    near, far = socket.socketpair()
    with near, far:
        far.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * MAX_HEAD_BYTES)
        with pytest.raises(RequestError) as refused:
            read(near)
    assert refused.value.status == 431


def test_a_client_that_goes_gets_no_answer() -> None:
    """A connection closed before the request is complete is no error."""
    near, far = socket.socketpair()
    with near:
        far.send(b"GET / HT")
        far.close()
        assert read(near) is None


@pytest.mark.parametrize(
    ("request_sent", "status"),
    [
        (get("/metrics"), 200),
        (get("/"), 200),
        (get("/-/healthy"), 200),
        (get("/metrics/"), 404),
        (get("/etc/passwd"), 404),
        (get(""), 404),
        (get("/metrics", "POST"), 405),
        (get("/", "DELETE"), 405),
        (get("/nowhere", "POST"), 404),
    ],
)
def test_only_three_paths_are_there_to_read(request_sent: Request, status: int) -> None:
    """The page, a link to it, and a health check."""
    found = Site(Page(Fixed(every_metric()))).respond(request_sent)
    assert status == found.status
    assert (dict(found.headers).get("Allow") == "GET, HEAD") == (status == 405)


@pytest.mark.parametrize("path", ["/metrics", "/", "/-/healthy"])
def test_head_gives_the_headers_of_get(path: str) -> None:
    """Length and type included, without the body."""
    site = Site(Page(Fixed(every_metric())))
    whole, head = site.respond(get(path)), site.respond(get(path, "HEAD"))
    assert (whole.status, whole.headers, b"") == (head.status, head.headers, head.body)
    assert dict(head.headers)["Content-Length"] == str(len(whole.body))


def test_an_error_in_the_engine_is_said_once_and_shown_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The client gets a status, the log one traceback until it works again."""
    source = Broken()
    site = Site(Page(source))  # type: ignore[arg-type]  # it gives nothing but errors
    with caplog.at_level(logging.ERROR):
        answers = [site.respond(get("/metrics")) for _ in range(3)]
        assert {(500, b"500 Internal Server Error\n")} == {(each.status, each.body) for each in answers}
        assert len(caplog.records) == 1
        source.error = None
        assert site.respond(get("/metrics")).status == 200
        source.error = RuntimeError("again")
        assert site.respond(get("/metrics")).status == 500
    assert len(caplog.records) == 2


def test_a_response_names_no_software() -> None:
    """Status line, fields, an empty line, the body: nothing about what made it."""
    head, _, body = encode(error(404)).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 404 Not Found"
    assert [line.split(":")[0] for line in lines[1:]] == [
        "Content-Type",
        "Content-Length",
        "Cache-Control",
        "X-Content-Type-Options",
        "Date",
        "Connection",
    ]
    assert body == b"404 Not Found\n"
