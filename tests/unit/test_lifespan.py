"""The ASGI lifespan: when the telemetry begins and when it pushes."""

import asyncio
from typing import Any

import pytest

from telemetry import lifecycle
from telemetry.lifecycle.asgi import LifespanMiddleware, Message, Receive, Scope, Send

happened: list[str] = []


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "server_starts", lambda: happened.append("telemetry begins"))
    monkeypatch.setattr(lifecycle, "server_stops", lambda: happened.append("telemetry pushes"))
    happened.clear()


def run(app: Any, scope: Scope, *events: str) -> None:  # any ASGI application
    """Run an application with these events."""
    queue = iter(events)

    async def receive() -> Message:
        return {"type": next(queue)}

    async def send(message: Message) -> None:
        happened.append(message["type"])

    asyncio.run(app(scope, receive, send))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Take part in the lifespan; answer nothing else."""
    if scope["type"] != "lifespan":
        happened.append((await receive())["type"])
        return
    while (event := (await receive())["type"]) != "lifespan.shutdown":
        happened.append(f"application: {event}")
        await send({"type": "lifespan.startup.complete"})
    happened.append("application: lifespan.shutdown")
    await send({"type": "lifespan.shutdown.complete"})


def test_the_telemetry_begins_before_the_application_and_pushes_after_it() -> None:
    """What the application measures while it starts and ends is in the figures; the server hears of the end last."""
    run(LifespanMiddleware(application), {"type": "lifespan"}, "lifespan.startup", "lifespan.shutdown")

    expected = [
        "telemetry begins",
        "application: lifespan.startup",
        "lifespan.startup.complete",
        "application: lifespan.shutdown",
        "telemetry pushes",
        "lifespan.shutdown.complete",
    ]
    assert expected == happened


def test_a_failed_shutdown_pushes_too() -> None:
    """An application whose own clean-up raised has still counted."""

    async def failing(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.shutdown.failed"})

    run(LifespanMiddleware(failing), {"type": "lifespan"}, "lifespan.shutdown")

    assert ["telemetry pushes", "lifespan.shutdown.failed"] == happened


def test_requests_pass_untouched() -> None:
    """Only the lifespan is watched."""
    run(LifespanMiddleware(application), {"type": "http"}, "http.request")

    assert ["http.request"] == happened
