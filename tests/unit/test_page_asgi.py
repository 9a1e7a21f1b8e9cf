"""The page mounted inside an app."""

import asyncio
import threading
from collections.abc import Sequence

import httpx
from fastapi import FastAPI

from telemetry.engine import MetricSnapshot
from telemetry.exposition import SnapshotSource, metrics_app
from telemetry.exposition.asgi import Message
from tests.support.snapshots import Fixed, every_metric


def app_with(source: SnapshotSource) -> FastAPI:
    """Return an app that has the page mounted."""
    app = FastAPI()
    app.mount("/metrics", metrics_app(source, service_version="1.2"))
    return app


def ask(app: FastAPI, method: str = "GET", **headers: str) -> httpx.Response:
    """Return the response of an app."""

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://app") as client:
            return await client.request(method, "/metrics/", headers=headers)

    return asyncio.run(send())


def test_the_page_is_served_where_it_is_mounted() -> None:
    """In the format that the client asks for, compressed where it takes that."""
    response = ask(app_with(Fixed(every_metric())), Accept="application/openmetrics-text")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.headers["content-encoding"] == "gzip"
    assert response.text.endswith("# EOF\n")
    assert 'target_info{service_version="1.2"} 1' in response.text


def test_methods_that_change_things_are_refused() -> None:
    """The same as at the page's own port."""
    response = ask(app_with(Fixed(every_metric())), "POST")
    assert (405, "GET, HEAD") == (response.status_code, response.headers["allow"])


def test_the_event_loop_does_not_wait_for_the_page() -> None:
    """Callbacks of observable instruments may take long: they run in another thread."""
    threads: list[threading.Thread] = []

    class Watching(Fixed):
        def snapshot(self, timeout_millis: float = 10_000) -> Sequence[MetricSnapshot]:
            threads.append(threading.current_thread())
            return super().snapshot(timeout_millis)

    assert ask(app_with(Watching(every_metric()))).status_code == 200
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


def test_a_websocket_is_closed() -> None:
    """The page has nothing to say to it, nor to a lifespan."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def serve(scope: Message) -> None:
        await metrics_app(Fixed([]))(scope, receive, send)

    for kind in ("websocket", "lifespan"):
        asyncio.run(serve({"type": kind}))
    assert sent == [{"type": "websocket.close"}]
