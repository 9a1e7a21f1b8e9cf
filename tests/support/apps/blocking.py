"""An ASGI application that counts as it is imported; `/block/1` holds its loop up for 1 s. As a script it waits."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import telemetry
from tests.support.apps import counting
from tests.support.apps.counting import Message, count

count()


async def app(scope: Message, receive: Callable[[], Any], send: Callable[[Message], Any]) -> None:
    """Answer as the counting application does."""
    seconds = scope.get("path", "").removeprefix("/block/")
    if seconds != scope.get("path", ""):
        time.sleep(float(seconds))  # noqa: ASYNC251  # the mistake that lags show
    await counting.app(scope, receive, send)


async def work() -> None:
    """Have the loop watched, then wait for ever."""
    telemetry.watch_event_loop()
    await asyncio.Event().wait()


if __name__ == "__main__":
    telemetry.start()
    asyncio.run(work())
