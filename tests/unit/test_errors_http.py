"""Errors that escape from requests: counted once, whoever else has seen them."""

import contextlib
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app_integration.errors import count_error
from app_integration.http import HttpInstrumentor
from tests.support.measured import Measured

ERRORS = "techsapo_errors_total"


class DealtWithError(Exception):
    """One that the application has a handler for."""


@pytest.fixture
def client(figures: Measured) -> Iterator[TestClient]:
    """An application that fails in several ways, instrumented."""
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

    @app.exception_handler(DealtWithError)
    async def deal(_: Request, error: Exception) -> JSONResponse:
        count_error(error, severity="warning", service="shop")
        return JSONResponse({}, 409)

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


def test_an_answer_is_no_error(client: TestClient, figures: Measured) -> None:
    """A refusal is what the application says: its status counts it."""
    assert [client.get("/refuses").status_code, client.get("/unavailable").status_code] == [404, 503]
    assert figures.values(ERRORS) == {}


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
