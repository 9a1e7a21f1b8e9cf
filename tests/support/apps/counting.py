"""An ASGI and a WSGI application that count their requests and answer with their process id."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from opentelemetry import metrics

METRIC = "techsapo_auth_attempts_total"

requests = metrics.get_meter("tests.counting").create_counter("techsapo.auth.attempts")

# ASGI's own types: a message may carry any value.
Message = dict[str, Any]


def count() -> None:
    """Count one request."""
    requests.add(1, {"status": "success", "method": "password"})


async def app(scope: Message, receive: Callable[[], Any], send: Callable[[Message], Any]) -> None:
    """Answer every request with the process id; take part in the lifespan."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    count()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})


def wsgi(_: dict[str, object], start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    """Answer every request with the process id."""
    count()
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
