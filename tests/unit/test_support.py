"""The servers that the other tests stand on."""

import functools
import gzip
import http.client
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pymysql
import pytest
import redis
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from tests.support import wait
from tests.support.mariadb_server import MariaDbServer
from tests.support.otlp_sink import OtlpSink
from tests.support.ports import free_port, is_listening
from tests.support.processes import Server, ServerError
from tests.support.redis_server import RedisServer


def payload(instance: str, value: int, time_ns: int, route: str = "/") -> bytes:
    """One cumulative counter `hits` with one point."""
    message = ExportMetricsServiceRequest()
    resource = message.resource_metrics.add()
    resource.resource.attributes.add(key="service.instance.id").value.string_value = instance
    metric = resource.scope_metrics.add().metrics.add(name="hits")
    point = metric.sum.data_points.add(as_int=value, time_unix_nano=time_ns)
    point.attributes.add(key="route").value.string_value = route
    return message.SerializeToString()


def post(connection: http.client.HTTPConnection, body: bytes, encoding: str = "identity") -> int:
    """Send one metrics request and return the status of the answer."""
    connection.request("POST", "/v1/metrics", body, {"Content-Encoding": encoding})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def connect(sink: OtlpSink, timeout: float = 5.0) -> http.client.HTTPConnection:
    """Open nothing yet: the connection is made by the first request."""
    return http.client.HTTPConnection("127.0.0.1", sink.port, timeout=timeout)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_until_returns_the_first_true_value() -> None:
    """Waiting ends with what the condition gave."""
    values = iter([0, "", "there"])
    assert wait.until(lambda: next(values)) == "there"


def test_until_names_what_did_not_come_about() -> None:
    """A deadline that passes tells what was waited for, and the last value."""
    with pytest.raises(TimeoutError, match=r"the moon did not come about within 0 s; last value: \[\]"):
        wait.until(list, 0, "the moon")


def test_free_port_gives_no_port_twice() -> None:
    """Two servers that were given ports before either listens do not meet."""
    assert len({free_port() for _ in range(200)}) == 200


def test_stop_ends_the_whole_process_group(tmp_path: Path) -> None:
    """A child that ignores SIGTERM does not outlive its parent."""
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    parent = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {child!r}]); print(p.pid, flush=True)"
    )
    server = Server([sys.executable, "-c", f"{parent}; p.wait()"], output=tmp_path / "output")
    server.ready = lambda: server.output.endswith("\n")
    with server:
        child_pid = int(server.output)
        assert is_alive(child_pid)
    wait.until(lambda: not is_alive(child_pid), 5, "the end of the child")
    assert server.process.returncode == -signal.SIGTERM


def test_a_process_that_ends_before_it_is_ready_shows_its_output(tmp_path: Path) -> None:
    """A server that cannot start fails the test at once, with what it printed."""
    server = Server([sys.executable, "-c", "raise SystemExit('no salt')"], output=tmp_path / "output", ready=bool)
    with pytest.raises(ServerError, match=r"(?s)ended with 1.*no salt"):
        server.start()


def test_a_process_that_is_never_ready_is_stopped_at_the_deadline(tmp_path: Path) -> None:
    """A server that does not become ready leaves no process behind."""
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    server = Server(command, output=tmp_path / "output", ready=bool, deadline=0.1)
    with pytest.raises(ServerError, match="did not come about"):
        server.start()
    assert not server.running


def test_wait_gives_the_exit_status(tmp_path: Path) -> None:
    """A process that ends by itself tells how."""
    with Server([sys.executable, "-c", "raise SystemExit(3)"], output=tmp_path / "output") as server:
        assert server.wait() == 3


def test_sink_sums_the_newest_point_of_each_series(otlp_sink: OtlpSink) -> None:
    """Cumulative points replace the older ones of their series, whatever the order, and series add up."""
    connection = connect(otlp_sink)
    for body in (
        payload("a", 3, 1),
        payload("a", 5, 3),
        payload("a", 4, 2),
        payload("b", 7, 1),
        payload("a", 1, 1, "/x"),
    ):
        assert post(connection, body) == 200
    assert otlp_sink.total("hits") == 13
    assert otlp_sink.total("hits", route="/") == 12
    assert otlp_sink.total("hits", route="/none") == 0
    assert otlp_sink.instances() == {"a", "b"}
    assert otlp_sink.metric_names() == {"hits"}


def test_sink_tells_connections_and_order(otlp_sink: OtlpSink) -> None:
    """Two requests over one connection are told from those over another; gzip is read."""
    first, second = connect(otlp_sink), connect(otlp_sink)
    post(first, payload("a", 1, 1))
    post(second, gzip.compress(payload("b", 1, 1)), "gzip")
    post(first, payload("a", 2, 2))
    requests = otlp_sink.requests
    assert [request.number for request in requests] == [1, 2, 3]
    assert [request.connection for request in requests] == [1, 2, 1]
    assert requests[0].peer_port == requests[2].peer_port != requests[1].peer_port
    assert otlp_sink.instances() == {"a", "b"}


def test_sink_does_not_count_what_it_refused(otlp_sink: OtlpSink) -> None:
    """Figures of a request that was answered with an error did not arrive."""
    connection = connect(otlp_sink)
    otlp_sink.answer(503, {"Retry-After": "1"})
    assert post(connection, payload("a", 1, 1)) == 503
    assert otlp_sink.total("hits") == 0
    otlp_sink.behave()
    assert post(connection, payload("a", 2, 2)) == 200
    assert otlp_sink.total("hits") == 2
    assert [request.status for request in otlp_sink.requests] == [503, 200]


def test_sink_closes_without_an_answer(otlp_sink: OtlpSink) -> None:
    """A sink that is told to close gives no status."""
    otlp_sink.close()
    with pytest.raises(http.client.RemoteDisconnected):
        post(connect(otlp_sink), payload("a", 1, 1))
    assert [request.status for request in otlp_sink.requests] == [None]


def test_sink_hangs_until_it_behaves(otlp_sink: OtlpSink) -> None:
    """A held request has arrived, but is not over; it ends without an answer when the sink behaves again."""
    otlp_sink.hang()
    outcomes: list[str] = []

    def send() -> None:
        try:
            post(connect(otlp_sink, timeout=30), payload("a", 1, 1))
        except http.client.RemoteDisconnected:
            outcomes.append("disconnected")

    sender = threading.Thread(target=send)
    sender.start()
    wait.until(lambda: otlp_sink.arrivals == 1, 5, "the arrival")
    assert otlp_sink.requests == []
    otlp_sink.behave()
    sender.join(5)
    assert outcomes == ["disconnected"]


def test_sink_comes_back_at_its_port() -> None:
    """A sink that was stopped refuses connections, and takes them again at the same port."""
    sink = OtlpSink().start()
    connection = connect(sink)
    assert post(connection, payload("a", 1, 1)) == 200
    sink.stop()
    assert not is_listening(sink.port)
    with pytest.raises(OSError):  # noqa: PT011 - reset, broken pipe or refused: it depends on the moment
        post(connection, payload("a", 2, 2))
    with sink:
        assert post(connect(sink), payload("a", 3, 3)) == 200
    assert sink.total("hits") == 3


def test_redis_server_is_a_real_one(redis_server: RedisServer) -> None:
    """The shared Redis keeps a value."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("support", "1")
        assert client.get("support") == b"1"


def test_redis_server_with_a_password_can_be_killed_and_restarted(
    make_redis_server: Callable[..., RedisServer],
) -> None:
    """A Redis of the test's own refuses strangers, dies at once, and comes back at its port."""
    server = make_redis_server(password="the-tests-own")
    with redis.Redis(port=server.port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    server.kill()
    assert not is_listening(server.port)
    server.start()
    with redis.Redis.from_url(server.url) as client:
        assert client.ping()


def test_mariadb_server_takes_root_with_its_password(mariadb_server: MariaDbServer) -> None:
    """The shared MariaDB has an empty database that root enters over TCP."""
    server = mariadb_server
    connection = pymysql.connect(
        host=server.host, port=server.port, user=server.user, password=server.password, database=server.database
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT 6 * 7")
        assert cursor.fetchone() == (42,)
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        pymysql.connect(host=server.host, port=server.port, user=server.user, password="wrong")


def test_mariadb_server_of_its_own_can_be_paused(make_mariadb_server: Callable[..., MariaDbServer]) -> None:
    """A paused MariaDB answers nothing until it is resumed."""
    server = make_mariadb_server()
    connect_to = functools.partial(
        pymysql.connect, host=server.host, port=server.port, user=server.user, password=server.password
    )
    server.pause()
    with pytest.raises(pymysql.err.OperationalError):
        connect_to(connect_timeout=1, read_timeout=1)
    server.resume()
    connect_to().close()


def test_the_group_of_a_server_is_not_ours(tmp_path: Path) -> None:
    """Killing a server's group cannot reach the test process."""
    with Server([sys.executable, "-c", "import time; time.sleep(600)"], output=tmp_path / "output") as server:
        assert os.getpgid(server.pid) == server.pid != os.getpgid(0)
