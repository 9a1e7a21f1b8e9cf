"""Responses that a simulated provider gives, whole or broken off."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class EventStream:
    """Server-sent events; `complete` tells whether the body ends as it should, or with the connection."""

    events: Sequence[bytes]
    complete: bool = True

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send them."""
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for event in self.events:
            await send({"type": "http.response.body", "body": event, "more_body": True})
        if self.complete:
            await send({"type": "http.response.body", "body": b""})


class Nothing:
    """No response: who waited for one has gone."""

    async def __call__(self, _: Scope, __: Receive, ___: Send) -> None:
        """Send nothing."""


async def gone_within(request: Request, seconds: float) -> bool:
    """Wait, and tell whether the client went away meanwhile. The request's body must have been read."""
    try:
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True
