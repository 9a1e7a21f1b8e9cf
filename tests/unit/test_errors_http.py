"""Errors that escape from requests: counted once, whoever else has seen them."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app_integration.errors import count_error
from app_integration.http import HttpInstrumentor
from tests.support.measured import Measured

ERRORS = "techsapo_errors_total"


class DealtWithError(Exception):
    """One that the application has a handler for."""


class UntoldError(Exception):
    """One that the application answers without a word to anybody else."""


def failing_application() -> FastAPI:
    """Return an application that fails in several ways."""
    app = FastAPI()

    @app.get("/escapes")
    def escapes() -> None:
        raise KeyError

    @app.get("/refuses")
    def refuses() -> None:
        raise HTTPException(404)

    @app.get("/unavailable")
    def unavailable() -> None:
        raise HTTPException(503)

    @app.get("/translated")
    def translated() -> None:
        try:
            raise LookupError
        except LookupError as error:
            count_error(error, service="stock")
            raise HTTPException(502)  # noqa: B904  # as many do

    @app.get("/untold")
    async def untold() -> None:
        raise UntoldError

    @app.get("/returned")
    def returned() -> JSONResponse:
        try:
            raise LookupError
        except LookupError:
            return JSONResponse({}, 503)

    @app.get("/after")
    def after() -> JSONResponse:
        return JSONResponse({}, background=BackgroundTask(int, "x"))

    @app.get("/members")
    async def members() -> None:
        raise ExceptionGroup("all", [ClientDisconnect(), OSError(), OSError()])

    @app.get("/group")
    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(untold())
            tasks.create_task(asyncio.Event().wait())

    @app.get("/dealt-with")
    def dealt_with() -> None:
        raise DealtWithError

    @app.get("/counted")
    def counted() -> None:
        error = ValueError()
        count_error(error, severity="critical", service="checkout")
        raise error

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        if await websocket.receive_text() == "fail":
            raise KeyError
        await websocket.receive_text()

    @app.exception_handler(UntoldError)
    def answer(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({}, 507)

    @app.exception_handler(DealtWithError)
    async def deal(_: Request, error: Exception) -> JSONResponse:
        count_error(error, severity="warning", service="shop")
        return JSONResponse({}, 409)

    return app


class Passing(BaseHTTPMiddleware):
    """Runs what is below it in a task of its own, and sends on what that has sent."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Pass on."""
        return await call_next(request)


@pytest.fixture(params=["bare", "below a middleware", "mounted"])
def client(request: pytest.FixtureRequest, figures: Measured) -> Iterator[TestClient]:
    """The application, instrumented."""
    app = failing_application()
    if request.param == "below a middleware":
        app.add_middleware(Passing)
    elif request.param == "mounted":
        outer = FastAPI()
        outer.mount("/", app)
        app = outer
    HttpInstrumentor().instrument(meter_provider=figures.provider)
    try:
        with TestClient(app, raise_server_exceptions=False) as made:
            yield made
    finally:
        HttpInstrumentor().uninstrument()


def test_what_escapes_is_counted_by_itself(client: TestClient, figures: Measured) -> None:
    """Without a line of the application's."""
    assert client.get("/escapes").status_code == 500
    assert figures.values(ERRORS) == {("KeyError", "error", "api"): 1}


def test_what_the_application_has_counted_is_not_counted_again(client: TestClient, figures: Measured) -> None:
    """By its handler, or before it raised."""
    assert [client.get("/dealt-with").status_code, client.get("/counted").status_code] == [409, 500]
    assert figures.values(ERRORS) == {
        ("DealtWithError", "warning", "shop"): 1,
        ("ValueError", "critical", "checkout"): 1,
    }


def test_a_refusal_is_no_error(client: TestClient, figures: Measured) -> None:
    """Nor what the application returns, whatever its status: it has been dealt with."""
    statuses = [client.get(path).status_code for path in ("/refuses", "/nothing-here", "/returned")]
    assert statuses == [404, 404, 503]
    assert figures.values(ERRORS) == {}


def test_what_is_answered_with_500_or_more_is_an_error(client: TestClient, figures: Measured) -> None:
    """By HTTPException, or by a handler that tells nobody, which runs in a thread."""
    assert [client.get("/unavailable").status_code, client.get("/untold").status_code] == [503, 507]
    assert figures.values(ERRORS) == {("HTTPException", "error", "api"): 1, ("UntoldError", "error", "api"): 1}


def test_an_answer_to_what_was_counted_is_no_second_error(client: TestClient, figures: Measured) -> None:
    """Even without `from`: an HTTPException is only the answer."""
    assert client.get("/translated").status_code == 502
    assert figures.values(ERRORS) == {("LookupError", "error", "stock"): 1}


def test_what_fails_after_the_answer_is_an_error(client: TestClient, figures: Measured) -> None:
    """Though its request went well."""
    assert client.get("/after").status_code == 200
    assert figures.values(ERRORS) == {("ValueError", "error", "api"): 1}


def test_members_of_a_group_that_escapes_are_counted(client: TestClient, figures: Measured) -> None:
    """Those that are errors; what only ended with them, and a client that has gone, are none."""
    assert [client.get("/members").status_code, client.get("/group").status_code] == [500, 500]
    assert figures.values(ERRORS) == {("OSError", "error", "api"): 2, ("UntoldError", "error", "api"): 1}


def test_an_error_around_the_server_is_none_of_its_requests(client: TestClient, figures: Measured) -> None:
    """Such as an import that failed, in whose handling the application is run."""
    try:
        raise ImportError
    except ImportError:
        assert client.get("/returned").status_code == 503
    assert figures.values(ERRORS) == {}


def test_the_exceptions_middleware_is_given_back(figures: Measured) -> None:
    """As it was."""
    before = ExceptionMiddleware.__call__
    HttpInstrumentor().instrument(meter_provider=figures.provider)
    assert ExceptionMiddleware.__call__ is not before
    HttpInstrumentor().uninstrument()
    assert ExceptionMiddleware.__call__ is before


def test_a_client_that_leaves_is_no_error(client: TestClient, figures: Measured) -> None:
    """A WebSocket that is closed in the midst of waiting."""
    # The test client raises what the application has let pass, as a server would log it.
    with contextlib.suppress(WebSocketDisconnect), client.websocket_connect("/socket") as socket:
        socket.send_text("stay")
    assert figures.values(ERRORS) == {}


def test_a_websocket_that_fails_is_one(client: TestClient, figures: Measured) -> None:
    """Like a request."""
    with contextlib.suppress(KeyError, WebSocketDisconnect), client.websocket_connect("/socket") as socket:
        socket.send_text("fail")
        socket.receive_text()
    assert figures.values(ERRORS) == {("KeyError", "error", "api"): 1}
