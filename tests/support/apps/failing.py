"""An application that fails, without a line that says so to anybody, and one line that refuses a client."""

import asyncio
import logging
import threading

from fastapi import FastAPI, HTTPException, Request, Response

from app_integration.client_address import TrustedProxies
from app_integration.errors import ErrorHandler
from app_integration.security import count_rate_limit_hit

app = FastAPI()
proxies = TrustedProxies.from_text("127.0.0.1, 10.0.0.0/8")
# What uvicorn logs of an error that has escaped has been counted.
logging.getLogger("uvicorn.error").addHandler(ErrorHandler())


class EscapedError(Exception):
    """Of a request."""


class ForgottenError(Exception):
    """Of a task that nobody awaits."""


class LostError(Exception):
    """Of a thread."""


@app.middleware("http")
async def passing(request: Request, call_next):  # type: ignore[no-untyped-def]  # as in FastAPI's own documentation
    """Run requests in tasks of their own, as many applications do."""
    return await call_next(request)


@app.get("/escapes")
async def escapes() -> None:
    """Fail."""
    raise EscapedError


@app.get("/unavailable")
def unavailable() -> None:
    """Answer with an error."""
    raise HTTPException(503)


@app.get("/refuses")
def refuses() -> None:
    """Answer that it is the client's."""
    raise HTTPException(404)


@app.get("/forgets")
async def forgets() -> None:
    """Begin what fails, and look away."""

    async def fail() -> None:
        raise ForgottenError

    forgotten = asyncio.ensure_future(fail())
    await asyncio.wait([forgotten])


@app.get("/loses")
def loses() -> None:
    """Let a thread fail."""

    def fail() -> None:
        raise LostError

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


@app.get("/limited")
def limited(request: Request) -> Response:
    """Refuse one too many."""
    count_rate_limit_hit("/limited", proxies.client_address(request.scope))
    return Response(status_code=429)
