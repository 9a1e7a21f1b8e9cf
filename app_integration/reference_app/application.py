"""The application itself: routes of its own, its start and end, and what happens to errors."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from starlette.concurrency import run_in_threadpool

from app_integration.errors import count_error
from app_integration.reference_app import analyses
from app_integration.reference_app.admission import Identified
from app_integration.reference_app.mysql_history import UNAVAILABLE
from app_integration.reference_app.services import FromServices, open_services
from app_integration.reference_app.settings import Settings


class FaultError(Exception):
    """Raised on purpose."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application; its settings are the environment's unless given.

    Raises:
        ValueError: a setting is wrong.
    """
    settings = settings or Settings.from_environ()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings) as services:
            app.state.services = services
            yield

    app = FastAPI(title="TechSapo reference app", lifespan=lifespan)
    app.include_router(analyses.router)
    app.add_api_route("/health", health)
    app.add_api_route("/fault", fault)
    app.add_api_websocket_route("/live", live)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(RedisError, _on_unavailable("cache"))
    for unavailable in UNAVAILABLE:
        app.add_exception_handler(unavailable, _on_unavailable("history"))
    app.add_exception_handler(Exception, _on_unexpected)
    return app


async def health(services: FromServices) -> dict[str, str]:
    """Tell where data is kept, once both places have answered, and who is asked: `real` providers or a simulator."""
    await services.cache.ping()
    await run_in_threadpool(services.history.newest, 1)
    providers = services.simulator_url or "real"
    return {"cache": services.cache.kind, "history": services.history.kind, "providers": providers}


async def fault() -> None:
    """Fail, to show what an unexpected error looks like in the figures."""
    msg = "asked to fail"
    raise FaultError(msg)


async def live(websocket: WebSocket, services: FromServices, _: Identified) -> None:
    """Send each new analysis to whoever listens, until they go."""
    await websocket.accept()
    with services.feed.subscribe() as queue:

        async def send() -> None:
            while True:
                analysis = await queue.get()
                await websocket.send_json({"id": analysis.id, "question": analysis.question})

        sending = asyncio.create_task(send())
        try:
            # What a listener says is of no interest, that it goes is.
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def _on_invalid(_: Request, error: Exception) -> JSONResponse:
    """Say what is wrong, without what was sent: it may hold what no JSON does, such as NaN or half a character."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    return JSONResponse({"detail": [{name: each[name] for name in ("type", "loc", "msg")} for each in found]}, 422)


def _on_unavailable(service: str) -> Callable[[Request, Exception], Awaitable[JSONResponse]]:
    async def respond(_: Request, error: Exception) -> JSONResponse:
        count_error(error, severity="error", service=service)
        return JSONResponse({"detail": f"the {service} cannot be reached"}, 503, {"Retry-After": "5"})

    return respond


async def _on_unexpected(_: Request, error: Exception) -> JSONResponse:
    count_error(error, severity="error", service="api")
    return JSONResponse({"detail": "internal error"}, 500)


app = create_app()
