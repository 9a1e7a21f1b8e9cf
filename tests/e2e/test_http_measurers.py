"""A request is counted once, whoever measures it: FastAPI, contrib, this project, or several of them."""

import http.client
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from app_integration.http import HttpInstrumentor, HttpMetricsMiddleware
from tests.support import ports, wait
from tests.support.apps import measured_http as apps
from tests.support.measured import Measured
from tests.support.serving import serve

REQUESTS = "techsapo_http_requests_total"
ACTIVE = "techsapo_active_connections"
REQUEST_SIZE = "techsapo_http_request_size_bytes"
RESPONSE_SIZE = "techsapo_http_response_size_bytes"

Make = Callable[[Measured], ASGIApp]


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Iterator[Measured]:
    """What HTTP requests come to; with the parameter False only what is in the application itself measures."""
    measured = Measured()
    instruments = getattr(request, "param", True)
    if instruments:
        HttpInstrumentor().instrument(meter_provider=measured.provider)
    yield measured
    if instruments:
        HttpInstrumentor().uninstrument()


def ask(port: int, method: str, path: str, body: bytes | None = None) -> int:
    """Send one request on a connection of its own and return the status."""
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
    connection.request(method, path, body)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def fastapi(m: Measured) -> FastAPI:
    """FastAPI that measures itself."""
    return apps.fastapi(m.provider)


def contrib(m: Measured) -> FastAPI:
    """FastAPI that contrib measures."""
    return apps.contrib(apps.fastapi(m.provider), m.provider, "http")


def old_contrib(m: Measured) -> FastAPI:
    """FastAPI that contrib measures under names that the stable conventions gave up: its default."""
    return apps.contrib(apps.fastapi(m.provider), m.provider)


INSTRUMENTED: dict[str, Make] = {
    "FastAPI": fastapi,
    "FastAPI, its metrics off": lambda m: apps.fastapi(m.provider, metrics=False),
    "FastAPI, its metrics elsewhere": lambda _: apps.fastapi(Measured().provider),
    "Starlette": lambda _: apps.starlette(),
    "contrib": contrib,
    "contrib, not opted in": old_contrib,
    "contrib, FastAPI's off": lambda m: apps.contrib(apps.fastapi(m.provider, metrics=False), m.provider, "http"),
    "Starlette with the middleware": lambda m: apps.with_middleware(apps.starlette(), m.provider),
    "FastAPI with the middleware": lambda m: apps.with_middleware(fastapi(m), m.provider),
    "contrib with the middleware": lambda m: apps.contrib(
        apps.with_middleware(fastapi(m), m.provider), m.provider, "http"
    ),
    "the middleware around FastAPI": lambda m: HttpMetricsMiddleware(fastapi(m), m.provider),
    "the middleware around Starlette": lambda m: HttpMetricsMiddleware(apps.starlette(), m.provider),
}
BY_HAND = {name: make for name, make in INSTRUMENTED.items() if "middleware" in name}


@pytest.mark.parametrize("make", INSTRUMENTED.values(), ids=INSTRUMENTED)
def test_each_request_is_counted_once(measured: Measured, make: Make) -> None:
    """With the instrumentor: each request once, with its route, method and status; sizes as often."""
    each_once(measured, make)


@pytest.mark.parametrize("measured", [False], indirect=True, ids=["not instrumented"])
@pytest.mark.parametrize("make", BY_HAND.values(), ids=BY_HAND)
def test_each_request_is_counted_once_by_hand(measured: Measured, make: Make) -> None:
    """The same with the middleware alone."""
    each_once(measured, make)


def each_once(measured: Measured, make: Make) -> None:
    """Send one request of each kind and expect one count of each."""
    with serve(make(measured)) as port:
        assert 200 == ask(port, "GET", "/items/5")
        assert 200 == ask(port, "POST", "/echo", b"abc")
        assert 405 == ask(port, "DELETE", "/echo")
        assert 405 == ask(port, "BREW", "/echo")
        assert 404 == ask(port, "GET", "/nothing/here")
        assert 500 == ask(port, "GET", "/boom")
        assert 418 == ask(port, "GET", "/teapot")
        expected = {
            ("GET", "/items/{size}", "200"): 1,
            ("POST", "/echo", "200"): 1,
            ("DELETE", "/echo", "405"): 1,
            ("other", "/echo", "405"): 1,
            ("GET", "unmatched", "404"): 1,
            ("GET", "/boom", "500"): 1,
            ("GET", "/teapot", "418"): 1,
        }
        wait.until(lambda: len(measured.values(REQUESTS)) >= len(expected), 5, "the count of the last request")
        assert expected == measured.values(REQUESTS)
        wait.until(lambda: measured.value(ACTIVE, "http") == 0, 5, "the end of the last request")
        assert (7, 3) == measured.distribution(REQUEST_SIZE)
        assert 7 == measured.distribution(RESPONSE_SIZE)[0]


# By who is outside and who is in it; FastAPI and contrib tell only where they have mounted what is not FastAPI.
WHOLE, ONLY_THE_MOUNT = "/api/{tenant}/items/{size}", "/api/{tenant}"
MOUNTED: dict[str, tuple[Make, str]] = {
    "FastAPI in Starlette": (lambda m: apps.mounted(apps.starlette(), fastapi(m)), WHOLE),
    "Starlette in Starlette": (lambda _: apps.mounted(apps.starlette(), apps.starlette()), WHOLE),
    "FastAPI in FastAPI": (lambda m: apps.mounted(fastapi(m), fastapi(m)), WHOLE),
    "FastAPI in FastAPI, metrics off": (
        lambda m: apps.mounted(apps.fastapi(m.provider, metrics=False), fastapi(m)),
        WHOLE,
    ),
    "contrib in FastAPI": (lambda m: apps.mounted(fastapi(m), contrib(m)), WHOLE),
    "old contrib in FastAPI": (lambda m: apps.mounted(fastapi(m), old_contrib(m)), WHOLE),
    "old contrib in Starlette": (lambda m: apps.mounted(apps.starlette(), old_contrib(m)), WHOLE),
    "Starlette in FastAPI": (lambda m: apps.mounted(fastapi(m), apps.starlette()), ONLY_THE_MOUNT + "/{path}"),
    "FastAPI in contrib": (lambda m: apps.mounted(contrib(m), fastapi(m)), ONLY_THE_MOUNT),
    "contrib in contrib": (lambda m: apps.mounted(contrib(m), contrib(m)), ONLY_THE_MOUNT),
    # Contrib knows nothing of what it is mounted in.
    "contrib in Starlette": (lambda m: apps.mounted(apps.starlette(), contrib(m)), "/items/{size}"),
}


@pytest.mark.parametrize(("make", "route"), MOUNTED.values(), ids=MOUNTED)
def test_a_mounted_application_is_counted_once(measured: Measured, make: Make, route: str) -> None:
    """An application in another: one count for each request, with a template and not a tenant's name in its route."""
    with serve(make(measured)) as port:
        assert 200 == ask(port, "GET", "/stream")
        assert 200 == ask(port, "GET", "/api/jane/items/2")
        assert 404 == ask(port, "GET", "/api/jane/nothing")
        assert 500 == ask(port, "GET", "/api/jane/boom")
        assert 404 == ask(port, "GET", "/nothing")
        wait.until(lambda: sum(measured.values(REQUESTS).values()) >= 5, 5, "the count of the last request")
        wait.until(lambda: measured.value(ACTIVE, "http") == 0, 5, "the end of the last request")
    counted = measured.values(REQUESTS)
    assert 5 == sum(counted.values())
    assert 1 == counted["GET", "/stream", "200"]
    assert 1 == counted["GET", route, "200"]
    assert [] == [labels for labels in counted if "jane" in labels[1]]
    assert 5 == measured.distribution(REQUEST_SIZE)[0]
    assert 5 == measured.distribution(RESPONSE_SIZE)[0]
