"""HTTP at the level of ASGI: what servers and applications may do that real clients seldom show."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Host, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import app_integration
from app_integration.http import HttpInstrumentor, HttpMetricsMiddleware
from tests.support.measured import Measured

REQUESTS = "techsapo_http_requests_total"
ACTIVE = "techsapo_active_connections"
REQUEST_SIZE = "techsapo_http_request_size_bytes"
RESPONSE_SIZE = "techsapo_http_response_size_bytes"

START: Message = {"type": "http.response.start", "status": 200, "headers": []}


@pytest.fixture
def measured() -> Measured:
    """What reaches the contract's metrics."""
    return Measured()


@pytest.fixture
def instrumented(measured: Measured) -> Iterator[Measured]:
    """The same, with every Starlette application measured."""
    HttpInstrumentor().instrument(meter_provider=measured.provider)
    yield measured
    HttpInstrumentor().uninstrument()


def scope_of(path: str = "/", method: str = "GET", **values: Any) -> Scope:
    """Make the scope of a request."""
    scope = {"type": "http", "method": method, "path": path, "scheme": "http", "headers": [], "http_version": "1.1"}
    return {**scope, "query_string": b"", "root_path": "", **values}


def run(app: ASGIApp, scope: Scope, events: Sequence[Message] = ()) -> list[Message]:
    """Call an application with these events, and return what it sent."""
    sent: list[Message] = []
    coming = iter(events)

    async def receive() -> Message:
        return next(coming, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(_call(app, scope, receive, send))
    return sent


async def _call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


def sends(*messages: Message) -> ASGIApp:
    """Make an application that sends these messages."""

    async def app(_: Scope, __: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


def test_a_file_that_the_server_sends(measured: Measured, tmp_path: Path) -> None:
    """The extension `http.response.pathsend` hands over a path: its size is the body's."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * 321)
    run(
        HttpMetricsMiddleware(sends(START, {"type": "http.response.pathsend", "path": str(file)}), measured.provider),
        scope_of(),
    )
    gone = {"type": "http.response.pathsend", "path": str(tmp_path / "gone")}
    run(HttpMetricsMiddleware(sends(START, gone), measured.provider), scope_of())
    assert (2, 321) == measured.distribution(RESPONSE_SIZE)


def test_trailers_end_a_response(measured: Measured) -> None:
    """A response that announced trailers is complete with the last of them, and recorded once."""
    body = {"type": "http.response.body", "body": b"abc"}
    trailers = {"type": "http.response.trailers", "headers": []}
    app = sends({**START, "trailers": True}, body, {**trailers, "more_trailers": True}, trailers)
    run(HttpMetricsMiddleware(app, measured.provider), scope_of())
    assert {("GET", "unmatched", "200"): 1} == measured.values(REQUESTS)
    assert (1, 3) == measured.distribution(RESPONSE_SIZE)


def test_a_body_of_unknown_size_that_nobody_reads(measured: Measured) -> None:
    """Chunked and unread: there is no size to record, and none is made up; nor of a length that is no number."""
    app = HttpMetricsMiddleware(sends(START, {"type": "http.response.body"}), measured.provider)
    run(app, scope_of(method="POST", headers=[(b"transfer-encoding", b"chunked")]))
    run(app, scope_of(method="POST", headers=[(b"content-length", b"-5")]))
    assert (0, 0) == measured.distribution(REQUEST_SIZE)
    assert (2, 0) == measured.distribution(RESPONSE_SIZE)


def test_a_body_in_pieces(measured: Measured) -> None:
    """What comes in pieces is added up, up to where the client went away."""

    async def app(_: Scope, receive: Receive, __: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    pieces = [{"type": "http.request", "body": b"a" * size, "more_body": True} for size in (10, 20, 30)]
    run(HttpMetricsMiddleware(app, measured.provider), scope_of(method="POST"), pieces)
    assert (1, 60) == measured.distribution(REQUEST_SIZE)
    assert {("POST", "unmatched", "other"): 1} == measured.values(REQUESTS)


def test_what_fails_after_the_response_is_no_second_request(measured: Measured) -> None:
    """A background task that raises when the response is complete: one request, with the status that was sent."""

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": b"abc"})
        raise ValueError("too late")

    with pytest.raises(ValueError, match="too late"):
        run(HttpMetricsMiddleware(app, measured.provider), scope_of())
    assert {("GET", "unmatched", "200"): 1} == measured.values(REQUESTS)
    assert (1, 3) == measured.distribution(RESPONSE_SIZE)


def test_nothing_is_sent(measured: Measured) -> None:
    """An application that returns without a response is counted once, without a status."""
    run(HttpMetricsMiddleware(sends(), measured.provider), scope_of())
    run(HttpMetricsMiddleware(sends(START), measured.provider), scope_of())
    assert {("GET", "unmatched", "other"): 1, ("GET", "unmatched", "200"): 1} == measured.values(REQUESTS)
    assert 0 == measured.value(ACTIVE, "http")


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError("no"), "500"), (asyncio.CancelledError(), "other"), (SystemExit(), "other")]
)
def test_exceptions_pass(measured: Measured, error: BaseException, status: str) -> None:
    """What an application raises reaches the server as it was, and is counted once: 500 where the server says so."""

    async def app(_: Scope, __: Receive, ___: Send) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        run(HttpMetricsMiddleware(app, measured.provider), scope_of())
    if not isinstance(error, asyncio.CancelledError):  # asyncio.run makes one of its own
        assert error is raised.value
    assert {("GET", "unmatched", status): 1} == measured.values(REQUESTS)
    assert 0 == measured.value(ACTIVE, "http")


def test_a_cancelled_websocket_is_closed(measured: Measured) -> None:
    """A WebSocket whose task ends in any way is no longer counted; one that was never accepted never was."""
    seen: list[float] = []

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        seen.append(measured.value(ACTIVE, "websocket"))
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run(HttpMetricsMiddleware(app, measured.provider), {**scope_of(), "type": "websocket"})
    run(
        HttpMetricsMiddleware(sends({"type": "websocket.close"}), measured.provider),
        {**scope_of(), "type": "websocket"},
    )
    assert [1] == seen
    assert 0 == measured.value(ACTIVE, "websocket")


async def ok(_: Request) -> Response:
    """Answer."""
    return PlainTextResponse("ok")


def routed(make: Callable[[], Starlette], path: str, **values: Any) -> str:
    """Return the route label of one request."""
    measured = Measured()
    HttpInstrumentor().instrument(meter_provider=measured.provider)
    try:
        run(make(), scope_of(path, **values))
    finally:
        HttpInstrumentor().uninstrument()
    (labels,) = measured.values(REQUESTS)
    return labels[1]


def test_templates_of_routes() -> None:
    """Mounts, hosts, convertors and root paths: always the template, beginning at the application's root."""

    def make() -> Starlette:
        inner = [Route("/users/{id:int}", ok), Mount("/files", sends(START, {"type": "http.response.body"}))]
        return Starlette(
            routes=[
                Route("/plain", ok),
                Mount("/v1/{tenant}", routes=inner),
                Host("api.example.org", Starlette(routes=[Route("/hosted/{name}", ok)])),
            ]
        )

    assert "/plain" == routed(make, "/plain")
    assert "/v1/{tenant}/users/{id}" == routed(make, "/v1/jane/users/7")
    assert "/v1/{tenant}/{path}" == routed(make, "/v1/jane/nothing")
    assert "/v1/{tenant}/files/{path}" == routed(make, "/v1/jane/files/a/b")
    assert "/hosted/{name}" == routed(make, "/hosted/jane", headers=[(b"host", b"api.example.org")])
    assert "unmatched" == routed(make, "/hosted/jane", headers=[(b"host", b"other.example.org")])
    assert "/behind/plain" == routed(make, "/behind/plain", root_path="/behind")
    assert "/behind/v1/{tenant}/users/{id}" == routed(make, "/behind/v1/jane/users/7", root_path="/behind")
    assert "unmatched" == routed(make, "/jane@example.com")


def test_a_route_that_raises_when_asked_again_harms_nobody() -> None:
    """Looking for the template of a mounted route calls it again: what it raises then is not the application's."""

    class Once(Route):
        calls = 0

        def matches(self, scope: Scope) -> Any:
            self.calls += 1
            if self.calls > 1:
                raise RuntimeError("asked twice")
            return super().matches(scope)

    assert "unmatched" == routed(lambda: Starlette(routes=[Mount("/m", routes=[Once("/x", ok)])]), "/m/x")


def test_what_fastapi_was_told_to_leave_out_is_left_out(instrumented: Measured) -> None:
    """A request that an application excludes from FastAPI's telemetry is not measured by us either."""
    app = FastAPI(
        telemetry={"meter_provider": instrumented.provider, "exclude": lambda scope: scope["path"] == "/health"}
    )
    for path in ("/health", "/docs"):
        run(app, scope_of(path))
    assert {("GET", "/docs", "200"): 1} == instrumented.values(REQUESTS)
    assert 1 == instrumented.distribution(RESPONSE_SIZE)[0]


def test_the_lifespan_begins_the_telemetry(instrumented: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first event of an application's lifespan begins, the last one flushes."""
    happened: list[str] = []
    monkeypatch.setattr("telemetry.lifecycle.server_starts", lambda: happened.append("begun"))
    monkeypatch.setattr("telemetry.lifecycle.server_stops", lambda: happened.append("flushed"))
    events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent = run(Starlette(), {"type": "lifespan", "app": None, "state": {}}, events)
    assert ["lifespan.startup.complete", "lifespan.shutdown.complete"] == [message["type"] for message in sent]
    assert ["begun", "flushed"] == happened
    assert {} == instrumented.values(REQUESTS)


def test_instrument_twice_and_give_back() -> None:
    """`instrument` may be called again; `uninstrument` leaves every class as it was."""
    import pymysql.connections
    import redis.asyncio

    owners = (Starlette, pymysql.connections.Connection, redis.Redis, redis.asyncio.Redis, redis.ConnectionPool)
    before = [dict(vars(owner)) for owner in owners]
    measured = Measured()
    app_integration.instrument(measured.provider)
    app_integration.instrument(measured.provider)
    assert before != [dict(vars(owner)) for owner in owners]
    app_integration.uninstrument()
    app_integration.uninstrument()
    assert before == [dict(vars(owner)) for owner in owners]
