"""A simulator in a thread of this process, on a free loopback port."""

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, Protocol

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

LOOPBACK: Final = "127.0.0.1"

_STOP_SECONDS: Final = 5.0

_logger = logging.getLogger("app_integration.simulator")
# A stream that is cut on purpose is no error.
_logger.addFilter(lambda record: "without completing response" not in str(record.msg))


class _Quiet(H11Protocol):
    """One that logs no requests, and errors in its own name: uvicorn's loggers are those of the application around."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # passed on as they are
        self.logger = _logger
        self.access_log = False


class HasApp(Protocol):
    """What has an ASGI application."""

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""


@contextmanager
def running(simulator: HasApp, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
    """Serve a simulator, or more than that, in a thread and give its address; what is open is closed at the end.

    Raises:
        OSError: the port is taken.
    """
    listening = _listening(host, port)
    # Whatever uvicorn is told of logs it would tell the loggers of the process.
    config = uvicorn.Config(
        _without_the_gone(simulator.app),
        interface="asgi3",
        proxy_headers=False,
        http=_Quiet,
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve([listening])), name="simulated-providers", daemon=True
    )
    thread.start()
    try:
        # The socket listens already: who comes before the thread is ready waits for it.
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_STOP_SECONDS)
        listening.close()


def _without_the_gone(app: ASGIApp) -> ASGIApp:
    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        # Whoever leaves before its question is whole, as a process that is killed, is no error.
        with suppress(ClientDisconnect):
            await app(scope, receive, send)

    return served


def _listening(host: str, port: int) -> socket.socket:
    # Of a socket that does not name its protocol asyncio leaves Nagle's algorithm on: 40 ms an answer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening
