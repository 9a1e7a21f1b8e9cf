"""The page as an ASGI application, to be mounted inside the app where that is asked for. Source: ASGI 3.0."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import cast

from telemetry.exposition.page import Page
from telemetry.exposition.request import Request
from telemetry.exposition.response import METRICS_PATH, Site
from telemetry.exposition.source import SnapshotSource

Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


def metrics_app(provider: SnapshotSource, *, service_version: str | None = None) -> Application:
    """Return an ASGI application that answers with the page under whatever path it is mounted.

    `app.mount("/metrics", metrics_app(provider))`. Who may read it is the app's own business then. The page is written
    in a thread: the event loop goes on.
    """
    site = Site(Page(provider, service_version))

    async def application(scope: Message, receive: Receive, send: Send) -> None:  # noqa: ARG001  # no request here has a body to receive
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        if scope["type"] != "http":
            return
        fields: dict[str, str] = {}
        for raw_name, raw_value in cast("Iterable[tuple[bytes, bytes]]", scope["headers"]):
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        request = Request(cast(str, scope["method"]), METRICS_PATH, fields)
        found = await asyncio.to_thread(site.respond, request)
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in found.headers]
        await send({"type": "http.response.start", "status": found.status, "headers": headers})
        await send({"type": "http.response.body", "body": found.body})

    return application
