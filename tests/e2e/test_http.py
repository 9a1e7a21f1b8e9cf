"""HTTP as clients really use it: sizes, streams, connections that are shared, cut off or kept open."""

import http.client
import random
import socket
import string
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app_integration.http import HttpInstrumentor
from tests.support import ports, wait
from tests.support.apps import measured_http as apps
from tests.support.measured import Measured
from tests.support.serving import serve

REQUESTS = "techsapo_http_requests_total"
DURATION = "techsapo_http_request_duration_seconds"
ACTIVE = "techsapo_active_connections"
REQUEST_SIZE = "techsapo_http_request_size_bytes"
RESPONSE_SIZE = "techsapo_http_response_size_bytes"


@pytest.fixture
def measured() -> Iterator[Measured]:
    """What HTTP requests come to."""
    measured = Measured()
    HttpInstrumentor().instrument(meter_provider=measured.provider)
    yield measured
    HttpInstrumentor().uninstrument()


@pytest.fixture(params=["FastAPI", "Starlette"])
def port(request: pytest.FixtureRequest, measured: Measured) -> Iterator[int]:
    """The port of an application that FastAPI's own telemetry measures, then of one that only this project does."""
    app = apps.fastapi(measured.provider) if request.param == "FastAPI" else apps.starlette()
    with serve(app) as port:
        yield port


def request(connection: http.client.HTTPConnection, method: str, path: str, body: object = None) -> bytes:
    """Send a request on a connection that is kept, and return the body of the response."""
    connection.request(method, path, body, encode_chunked=False)  # type: ignore[arg-type]  # bytes or an iterable
    return connection.getresponse().read()


def recorded(measured: Measured, requests: int) -> None:
    """Wait until that many requests are counted and none is under way."""
    wait.until(lambda: measured.distribution(RESPONSE_SIZE)[0] >= requests, 10, f"the end of {requests} requests")
    wait.until(lambda: sum(measured.values(REQUESTS).values()) >= requests, 10, f"the count of {requests} requests")
    wait.until(lambda: measured.value(ACTIVE, "http") == 0, 10, "the end of all requests")
    assert requests == sum(measured.values(REQUESTS).values())
    assert requests == sum(measured.counts(DURATION).values())


def test_sizes_of_requests_side_by_side(measured: Measured, port: int) -> None:
    """Eight connections, each with many requests of other sizes, at the same time: every byte is counted once."""

    def work(seed: int) -> None:
        connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
        for number in range(25):
            size = seed * 1000 + number
            assert size == len(request(connection, "POST", "/echo", b"b" * size))
            assert number == len(request(connection, "GET", f"/items/{number}"))
        connection.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorded(measured, 400)
    echoed = sum(seed * 1000 + number for seed in range(8) for number in range(25))
    assert (400, echoed) == measured.distribution(REQUEST_SIZE)
    assert (400, echoed + 8 * sum(range(25))) == measured.distribution(RESPONSE_SIZE)


def test_bodies_of_every_kind(measured: Measured, port: int) -> None:
    """Streams count their bytes, HEAD and 204 none, a body that nobody reads what it declared."""
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
    assert 1000 == len(request(connection, "GET", "/stream"))
    connection.request("PUT", "/echo", iter([b"a" * 10, b"b" * 20]), encode_chunked=True)
    assert 30 == len(connection.getresponse().read())
    recorded(measured, 2)
    assert (2, 30) == measured.distribution(REQUEST_SIZE)
    assert (2, 1030) == measured.distribution(RESPONSE_SIZE)
    assert b"" == request(connection, "HEAD", "/stream")
    assert b"" == request(connection, "POST", "/ignore", b"c" * 500)
    recorded(measured, 4)
    assert (4, 530) == measured.distribution(REQUEST_SIZE)
    assert (4, 1030) == measured.distribution(RESPONSE_SIZE)
    connection.close()


def test_a_response_that_breaks_off(measured: Measured, port: int) -> None:
    """An exception in the middle of a body: counted once, with the status that was sent and the bytes that were."""
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
    with pytest.raises(http.client.IncompleteRead):
        request(connection, "GET", "/broken")
    recorded(measured, 1)
    assert {("GET", "/broken", "200"): 1} == measured.values(REQUESTS)
    assert (1, 100) == measured.distribution(RESPONSE_SIZE)


def test_a_client_that_leaves(measured: Measured, port: int) -> None:
    """A client that goes away in the middle of its upload, and of a response, is counted once."""
    with socket.create_connection((ports.LOOPBACK, port)) as upload:
        upload.sendall(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + b"d" * 100)
        wait.until(lambda: measured.value(ACTIVE, "http") == 1, 10, "the begin of the upload")
    recorded(measured, 1)
    assert 1 == len(measured.values(REQUESTS))
    with socket.create_connection((ports.LOOPBACK, port)) as download:
        download.sendall(b"GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
        assert b"200" in download.recv(100)
        assert 1 == measured.value(ACTIVE, "http")
    recorded(measured, 2)
    assert 1 == measured.values(REQUESTS)["GET", "/endless", "200"]


def test_a_slow_request_is_active_while_it_runs(measured: Measured, port: int) -> None:
    """A request is counted when its response is complete, and is active until then; a background task is not part."""
    with socket.create_connection((ports.LOOPBACK, port)) as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n")
        wait.until(lambda: measured.value(ACTIVE, "http") == 1, 10, "the begin of the request")
        assert {} == measured.values(REQUESTS)
        client.sendall(b"abc")
        assert b"200" in client.recv(100)
        recorded(measured, 1)
    apps.RELEASED.clear()
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
    assert b"ok" == request(connection, "GET", "/background")
    recorded(measured, 2)
    assert not apps.RELEASED.is_set()
    apps.RELEASED.set()
    connection.close()


def test_ten_thousand_unknown_paths_are_one_series(measured: Measured, port: int) -> None:
    """Random paths on a few kept connections: one series, `unmatched`, and the sum is what was sent."""
    generator = random.Random(1)

    def work(paths: list[str]) -> None:
        with socket.create_connection((ports.LOOPBACK, port)) as client:
            reader = client.makefile("rb")
            for begin in range(0, len(paths), 50):
                # Pipelined: ten thousand round trips would take most of the test's time.
                batch = paths[begin : begin + 50]
                client.sendall(b"".join(f"GET /{path} HTTP/1.1\r\nHost: h\r\n\r\n".encode() for path in batch))
                for _ in batch:
                    assert b"404" in reader.readline()
                    length = 0
                    while (line := reader.readline()) != b"\r\n":
                        if line.lower().startswith(b"content-length:"):
                            length = int(line.split(b":")[1])
                    reader.read(length)

    letters = string.ascii_letters + string.digits + "/-_.~%20"
    paths = ["".join(generator.choices(letters.replace("%", ""), k=20)) for _ in range(10_000)]
    threads = [threading.Thread(target=work, args=(paths[part::4],)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorded(measured, 10_000)
    assert {("GET", "unmatched", "404"): 10_000} == measured.values(REQUESTS)


def test_websockets_are_connections_and_no_requests(measured: Measured, port: int) -> None:
    """Open WebSockets are counted while they are open, however they end; they are no requests."""

    def are_open(number: int) -> None:
        wait.until(lambda: measured.value(ACTIVE, "websocket") == number, 10, f"{number} WebSockets")

    address = f"ws://{ports.LOOPBACK}:{port}"
    with ExitStack() as stack:
        sockets = [stack.enter_context(connect(f"{address}/socket")) for _ in range(4)]
        for each in sockets:
            each.send("hello")
            assert "hello" == each.recv(timeout=10)
        are_open(4)
        sockets[0].close()
        are_open(3)
        sockets[1].send("close")
        are_open(2)
        sockets[2].send("fail")
        are_open(1)
        sockets[3].socket.shutdown(socket.SHUT_RDWR)
        are_open(0)
    for refused in ("refused", "not-there"):
        with pytest.raises(InvalidStatus, match="403"), connect(f"{address}/{refused}"):
            pass
    assert 0 == measured.value(ACTIVE, "websocket")
    assert {} == measured.values(REQUESTS)
    assert (0, 0) == measured.distribution(RESPONSE_SIZE)
