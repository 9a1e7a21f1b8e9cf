"""The ASGI lifespan: the telemetry begins with the server, and what was counted last is pushed before it ends.

Specification: https://asgi.readthedocs.io/en/latest/specs/lifespan.html
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from telemetry import lifecycle

# ASGI's own types: a message may carry any value.
Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LIFESPAN_ENDS = frozenset({"lifespan.shutdown.complete", "lifespan.shutdown.failed"})


def watch(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Return the callables of a lifespan scope with the telemetry's beginning and last push in them."""

    async def watched_receive() -> Message:
        message = await receive()
        if message["type"] == "lifespan.startup":
            lifecycle.server_starts()
        return message

    async def watched_send(message: Message) -> None:
        if message["type"] in LIFESPAN_ENDS:
            lifecycle.server_stops()
        await send(message)

    return watched_receive, watched_send


class LifespanMiddleware:
    """An application whose lifespan is watched: `app = LifespanMiddleware(app)`. Other scopes pass untouched."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        if scope["type"] == "lifespan":
            receive, send = watch(receive, send)
        await self.app(scope, receive, send)
