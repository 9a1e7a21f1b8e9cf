"""The application that the HTTP tests serve, in every arrangement of who measures it."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import TypeVar

from fastapi import APIRouter, FastAPI, HTTPException, WebSocket
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.metrics import MeterProvider
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocketDisconnect

from app_integration.http import HttpMetricsMiddleware
from tests.support.semconv import opted_in

RELEASED = threading.Event()

App = TypeVar("App", bound=Starlette)


async def item(request: Request) -> Response:
    """Answer with as many bytes as the path says."""
    return PlainTextResponse("x" * int(request.path_params["size"]))


async def echo(request: Request) -> Response:
    """Answer with the body."""
    return Response(await request.body())


async def ignore(_: Request) -> Response:
    """Answer without a look at the body."""
    return Response(status_code=204)


async def stream(_: Request) -> Response:
    """Answer piece by piece, without a Content-Length."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"y" * 100

    return StreamingResponse(pieces())


async def broken_stream(_: Request) -> Response:
    """Fail in the middle of a body."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"z" * 100
        raise ValueError("no more")

    return StreamingResponse(pieces())


async def endless(_: Request) -> Response:
    """Answer for ever."""

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"e" * 1000
            await asyncio.sleep(0.01)

    return StreamingResponse(pieces())


async def background(_: Request) -> Response:
    """Answer, and go on with something else until `RELEASED`."""
    return PlainTextResponse("ok", background=BackgroundTask(RELEASED.wait, 10))


async def boom(_: Request) -> Response:
    """Fail."""
    raise ValueError("boom")


async def teapot(_: Request) -> Response:
    """Refuse."""
    raise HTTPException(418)


async def socket(websocket: WebSocket) -> None:
    """Echo what comes until the client leaves; `close` and `fail` do that."""
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            if text == "close":
                await websocket.close()
                return
            if text == "fail":
                raise ValueError("failed")
            await websocket.send_text(text)
    except WebSocketDisconnect:
        return


async def refused_socket(websocket: WebSocket) -> None:
    """Refuse the connection."""
    await websocket.close()


def routes() -> list[Route | WebSocketRoute]:
    """All of the above."""
    return [
        Route("/items/{size:int}", item),
        Route("/echo", echo, methods=["POST", "PUT"]),
        Route("/ignore", ignore, methods=["POST"]),
        Route("/stream", stream),
        Route("/broken", broken_stream),
        Route("/endless", endless),
        Route("/background", background),
        Route("/boom", boom),
        Route("/teapot", teapot),
        WebSocketRoute("/socket", socket),
        WebSocketRoute("/refused", refused_socket),
    ]


def fastapi(provider: MeterProvider, *, metrics: bool = True) -> FastAPI:
    """FastAPI with the routes in an included router, and its own telemetry into `provider`."""
    app = FastAPI(telemetry={"meter_provider": provider, "metrics": metrics, "tracing": False, "logs": False})
    router = APIRouter(prefix="/items")

    @router.get("/{size}")
    async def sized(size: int) -> Response:
        return PlainTextResponse("x" * size)

    app.include_router(router)
    app.router.routes.extend(routes()[1:])
    return app


def starlette() -> Starlette:
    """Starlette with the same routes, which nobody else measures."""
    return Starlette(routes=routes())


def contrib(app: FastAPI, provider: MeterProvider, *stable: str) -> FastAPI:
    """Instrument `app` with opentelemetry-instrumentation-fastapi, opted in to `stable` conventions ("http")."""
    with opted_in(*stable):
        FastAPIInstrumentor.instrument_app(app, meter_provider=provider)
        app.middleware_stack = app.build_middleware_stack()
    return app


def mounted(outer: Starlette, inner: ASGIApp) -> Starlette:
    """`inner` below `/api/{tenant}` of `outer`."""
    outer.router.routes.append(Mount("/api/{tenant}", inner))
    return outer


def with_middleware(app: App, provider: MeterProvider) -> App:
    """`app` with the middleware added by hand."""
    app.add_middleware(HttpMetricsMiddleware, meter_provider=provider)
    return app
