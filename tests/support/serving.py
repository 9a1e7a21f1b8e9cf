"""An ASGI application served by a real uvicorn in a thread of this process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from tests.support import ports, wait

if TYPE_CHECKING:
    from starlette.types import ASGIApp


@contextmanager
def serve(app: "ASGIApp", **options: object) -> Iterator[int]:
    """Serve `app` and give the port; `options` are uvicorn's. Stopped, with all that is open, at the end."""
    listening = socket.create_server((ports.LOOPBACK, 0))
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=2, **options)  # type: ignore[arg-type]  # passed on as they are
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        wait.until(lambda: server.started, 20, "the start of uvicorn")
        port: int = listening.getsockname()[1]
        yield port
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
