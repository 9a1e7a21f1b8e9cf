"""The server of the page: its port, its bounds, and what it does to other clients."""

import errno
import os
import signal
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from telemetry.engine import Cell, Number
from telemetry.exposition import PageServer, server
from telemetry.exposition.connections import Connections
from tests.support import ports, wait
from tests.support.snapshots import Fixed, every_metric, take

SOURCE = Fixed(every_metric())
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"


class Got(NamedTuple):
    """Status and body of a response."""

    status: int
    body: bytes


class Held:
    """A source that makes its callers wait until it is released."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.release = threading.Event()

    def snapshot(self, timeout_millis: float = 10_000) -> list[object]:
        """Wait, then return nothing."""
        self.asked.release()
        self.release.wait(timeout_millis / 1_000)
        return []


@pytest.fixture
def page() -> Iterator[PageServer]:
    """A page on a free port, with every metric on it."""
    served = PageServer(SOURCE, ports.LOOPBACK, 0, service_version="1.2")
    served.start()
    yield served
    served.stop()


def fetch(url: str, method: str = "GET") -> Got:
    """Return what a client gets."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as response:
            return Got(response.status, response.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return Got(refused.code, refused.read())


def talk(address: tuple[str, int], sent: bytes) -> bytes:
    """Send raw bytes and return everything that comes back until the server closes."""
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(sent)
        return b"".join(iter(lambda: client.recv(65_536), b""))


def test_the_page_is_served(page: PageServer) -> None:
    """At the address that the server tells, with the version of the service."""
    got = fetch(page.url)
    assert got.status == 200
    assert got.body.startswith(b"# HELP target_info ")
    assert b'target_info{service_version="1.2"} 1\n' in got.body
    assert page.url == f"http://{ports.LOOPBACK}:{page.address[1]}/metrics"


def test_everything_else_is_an_error_without_details(page: PageServer) -> None:
    """A path that is not there, a method that changes things, and what is no HTTP."""
    base = page.url.removesuffix("/metrics")
    assert Got(404, b"404 Not Found\n") == fetch(f"{base}/nowhere")
    assert Got(405, b"405 Method Not Allowed\n") == fetch(page.url, "POST")
    assert talk(page.address, b"EHLO a\r\n\r\n").startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert talk(page.address, b"GET / HTTP/1.1\r\nX: " + b"x" * 9_000).startswith(b"HTTP/1.1 431 ")


def test_a_body_does_not_take_the_answer_away(page: PageServer) -> None:
    """A client that still sends when its answer is there meets no reset, which might overtake the answer."""
    with socket.create_connection(page.address, timeout=10) as client:
        client.sendall(b"POST /metrics HTTP/1.1\r\nContent-Length: 60000\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 405 ")
        for _ in range(600):
            client.sendall(b"x" * 100)


def test_a_taken_port_is_an_error_at_the_start(page: PageServer) -> None:
    """A second worker must hear that the port is taken: it never shares it."""
    second = PageServer(SOURCE, *page.address)
    with pytest.raises(OSError, match="in use") as refused:
        second.start()
    assert refused.value.errno == errno.EADDRINUSE
    second.stop()
    assert fetch(page.url).status == 200


def test_stopping_releases_the_port_at_once() -> None:
    """The same server starts again on it, connections that linger notwithstanding."""
    served = PageServer(SOURCE, ports.LOOPBACK, ports.free_port())
    for _ in range(3):
        served.start()
        assert fetch(served.url).status == 200
        served.stop()
        assert not ports.is_listening(served.address[1])


def test_starting_and_stopping_twice_changes_nothing(page: PageServer) -> None:
    """Both are safe to call again; a server that was never started can be stopped."""
    address = page.address
    page.start()
    assert address == page.address
    page.stop()
    page.stop()
    PageServer(SOURCE, ports.LOOPBACK, 0).stop()


def test_slow_clients_do_not_keep_others_out(page: PageServer) -> None:
    """With more half-sent requests than there are places, a scrape is answered at once."""
    slow = [socket.create_connection(page.address, timeout=10) for _ in range(40)]
    for client in slow:
        client.sendall(b"GET /metrics HTTP/1.1\r\nX-Slow: ")
    assert fetch(page.url).status == 200
    threads = [thread for thread in threading.enumerate() if thread.name == "techsapo-page-request"]
    assert len(threads) <= 17
    for client in slow:
        client.close()


def test_the_longest_silent_client_gives_its_place_away(page: PageServer) -> None:
    """It finds its connection closed, without an answer."""
    with socket.create_connection(page.address, timeout=10) as first:
        first.sendall(b"GET ")
        later = [socket.create_connection(page.address, timeout=10) for _ in range(16)]
        assert first.recv(1) == b""
        later[-1].sendall(REQUEST)
        assert later[-1].recv(15) == b"HTTP/1.1 200 OK"
        for client in later:
            client.close()


def test_a_client_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time runs from the connection on, however busily it drips."""
    monkeypatch.setattr(server, "Connections", lambda: Connections(lifetime=0.3))
    served = PageServer(SOURCE, ports.LOOPBACK, 0)
    served.start()
    with socket.create_connection(served.address, timeout=10) as client:

        def drip() -> bool:
            try:
                client.sendall(b"X")
            except OSError:
                return True
            return False

        wait.until(drip, 10, "the end of the connection")
    assert fetch(served.url).status == 200
    served.stop()


def test_a_client_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that nobody takes does not stay in memory, nor its thread."""
    monkeypatch.setattr(server, "Connections", lambda: Connections(limit=1, lifetime=0.3))
    long = "x" * 4_000
    points: dict[tuple[str, ...], Number | Cell] = {("GET", f"/{each}{long}", "200"): 1 for each in range(4_000)}
    served = PageServer(Fixed([take("techsapo_http_requests_total", points)]), ports.LOOPBACK, 0)
    served.start()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(served.address)
        client.sendall(REQUEST)
        wait.until(lambda: _admitted(served.address), 10, "a free place")
    served.stop()


def _admitted(address: tuple[str, int]) -> bool:
    try:
        return talk(address, b"GET /-/healthy HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    except ConnectionResetError:
        return False


def test_requests_that_wait_for_the_engine_are_bounded() -> None:
    """Past the places, newcomers are turned away instead of piling up; those inside get their answer."""
    source = Held()
    served = PageServer(source, ports.LOOPBACK, 0)  # type: ignore[arg-type]  # its snapshots are empty
    served.start()
    inside = [socket.create_connection(served.address, timeout=10) for _ in range(16)]
    for client in inside:
        client.sendall(REQUEST)
        assert source.asked.acquire(timeout=10)
    with socket.create_connection(served.address, timeout=10) as outside:
        assert outside.recv(1) == b""
    source.release.set()
    for client in inside:
        assert client.recv(15) == b"HTTP/1.1 200 OK"
        client.close()
    served.stop()


def test_scrapes_may_overlap() -> None:
    """One that takes long keeps no other waiting."""
    source = Held()
    served = PageServer(source, ports.LOOPBACK, 0)  # type: ignore[arg-type]  # its snapshots are empty
    served.start()
    with socket.create_connection(served.address, timeout=10) as client:
        client.sendall(REQUEST)
        assert source.asked.acquire(timeout=10)
        assert fetch(served.url.replace("/metrics", "/-/healthy")).status == 200
        source.release.set()
        assert client.recv(15) == b"HTTP/1.1 200 OK"
    served.stop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_the_child_of_a_fork_keeps_neither_port_nor_connections(page: PageServer) -> None:
    """When the parent gives the port back it is free, though a child lives on."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write_end, b"forked")
        signal.pause()
        os._exit(0)
    try:
        # The child gives up its copies before fork() returns there, which may be after it has returned here.
        assert os.read(read_end, 6) == b"forked"
        port = page.address[1]
        assert fetch(page.url).status == 200
        page.stop()
        again = PageServer(SOURCE, ports.LOOPBACK, port)
        again.start()
        assert fetch(again.url).status == 200
        again.stop()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(read_end)
        os.close(write_end)


def test_ipv6_is_served() -> None:
    """The host decides the family, and the address is one that a browser takes."""
    served = PageServer(SOURCE, "::1", 0)
    assert served.url == "http://[::1]:0/metrics"
    try:
        served.start()
    except OSError as refused:
        assert refused.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}, "a machine without IPv6"  # noqa: PT017  # not every machine has it
    else:
        assert fetch(served.url).status == 200
        served.stop()


def test_a_host_that_is_not_ours_is_an_error_at_the_start() -> None:
    """Nothing is left open by a start that failed."""
    served = PageServer(SOURCE, "192.0.2.1", 0)
    with pytest.raises(OSError, match="assign"):
        served.start()
    served.stop()


@pytest.mark.parametrize(
    ("lacking", "raised"),
    [("socket.socketpair", OSError(errno.EMFILE, "no file")), ("threading.Thread.start", RuntimeError("no thread"))],
)
def test_a_start_that_fails_half_way_releases_the_port(
    lacking: str, raised: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a file or a thread left to serve with, no port stays open that nobody answers; a later start serves."""

    def fails(*_: object) -> None:
        raise raised

    page = PageServer(SOURCE, ports.LOOPBACK, 0)
    with monkeypatch.context() as patched:
        patched.setattr(lacking, fails)
        with pytest.raises(OSError, match=str(raised.args[-1])):
            page.start()
    assert page.address == (ports.LOOPBACK, 0)
    page.start()
    try:
        assert page.address[1] > 0
    finally:
        page.stop()
