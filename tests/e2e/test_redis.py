"""Redis: each operation, connection and failure counted as it happened, against a real Redis."""

import threading
from collections.abc import Callable, Iterator, Mapping

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, ResponseError, WatchError
from redis.retry import Retry

from app_integration.redis import RedisInstrumentor
from tests.support import ports, wait
from tests.support.measured import Measured
from tests.support.redis_clients import client_of
from tests.support.redis_server import RedisServer

OPERATIONS = "techsapo_redis_operations_total"
POOL_SIZE = "techsapo_redis_connection_pool_size"
ACTIVE = "techsapo_active_connections"
FAILURES = "techsapo_redis_connection_failures_total"
DURATION = "techsapo_db_operation_duration_seconds"


@pytest.fixture
def measured() -> Iterator[Measured]:
    """What redis-py's operations come to."""
    measured = Measured()
    RedisInstrumentor().instrument(meter_provider=measured.provider)
    yield measured
    RedisInstrumentor().uninstrument()


def operations(measured: Measured) -> Mapping[tuple[str, ...], float]:
    """Return the operations counted so far, by name and status."""
    return measured.values(OPERATIONS)


def test_each_command_is_counted_once(measured: Measured, redis_server: RedisServer) -> None:
    """Commands of every shape count once under their name; a miss is a success; the handshake is no operation."""
    with client_of(redis_server) as client:
        client.set("a", "1")
        client.get("a")
        client.get("missing")
        client.execute_command("incr", "a")
        client.execute_command(b"GET", "a")
        client.config_get("maxmemory")
        client.blpop(["nothing"], timeout=0.05)
        client.delete("a")
    expected = {
        ("SET", "success"): 1,
        ("GET", "success"): 3,
        ("INCR", "success"): 1,
        ("CONFIG GET", "success"): 1,
        ("BLPOP", "success"): 1,
        ("DEL", "success"): 1,
    }
    assert expected == operations(measured)
    assert {} == measured.values(FAILURES)


def test_the_count_is_the_servers_own(measured: Measured, make_redis_server: Callable[..., RedisServer]) -> None:
    """Threads that share a client: as many operations as the server has served."""
    server = make_redis_server()
    client = client_of(server)

    def work() -> None:
        for _ in range(200):
            client.incr("n")  # redis-py sends INCRBY

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1600 == client.info("commandstats")["cmdstat_incrby"]["calls"]
    assert 1600 == operations(measured)["INCRBY", "success"]
    assert 1600 == measured.distribution(DURATION, "redis", "INCRBY")[0]
    client.close()


def test_an_error_of_the_server_is_an_error(measured: Measured, redis_server: RedisServer) -> None:
    """What the server refuses is an error of that command, and no failure of the connection."""
    with client_of(redis_server) as client:
        client.set("text", "a")
        with pytest.raises(ResponseError):
            client.lpush("text", "b")
        with pytest.raises(ResponseError):
            client.execute_command("NOSUCHCOMMAND")
    expected = {("SET", "success"): 1, ("LPUSH", "error"): 1, ("NOSUCHCOMMAND", "error"): 1}
    assert expected == operations(measured)
    assert {} == measured.values(FAILURES)


def test_pipelines_and_transactions_are_one_operation(measured: Measured, redis_server: RedisServer) -> None:
    """A pipeline is one PIPELINE, a transaction one MULTI; with a command that fails it is an error; empty, nothing."""
    with client_of(redis_server) as client:
        client.pipeline(transaction=False).set("p", 1).get("p").incr("p").execute()
        client.pipeline().set("p", 1).get("p").execute()
        client.pipeline().execute()
        answers = client.pipeline(transaction=False).lpush("p", 1).get("p").execute(raise_on_error=False)
        assert isinstance(answers[0], ResponseError)
        with pytest.raises(ResponseError):
            client.pipeline().lpush("p", 1).execute()
        with client.pipeline() as pipeline:
            pipeline.watch("p")
            pipeline.get("p")
            client.set("p", 2)
            pipeline.multi()
            pipeline.set("p", 3)
            with pytest.raises(WatchError):
                pipeline.execute()
    expected = {
        ("PIPELINE", "success"): 1,
        ("PIPELINE", "error"): 1,
        ("MULTI", "success"): 1,
        ("MULTI", "error"): 2,
        ("WATCH", "success"): 1,
        ("GET", "success"): 1,
        ("SET", "success"): 1,
    }
    assert expected == operations(measured)


def test_a_subscription_is_counted_and_its_waits_are_not(measured: Measured, redis_server: RedisServer) -> None:
    """SUBSCRIBE and PUBLISH count; polling for messages in vain is neither an operation nor a failure."""
    with client_of(redis_server, socket_timeout=0.2) as client, client.pubsub() as pubsub:
        pubsub.subscribe("news")
        assert pubsub.get_message(timeout=5) is not None
        for _ in range(5):
            assert pubsub.get_message(timeout=0.01) is None
        client.publish("news", "x")
        assert pubsub.get_message(timeout=5) is not None
    assert {("SUBSCRIBE", "success"): 1, ("PUBLISH", "success"): 1} == operations(measured)
    assert {} == measured.values(FAILURES)


def test_a_wrong_password_fails_once_each_time(
    measured: Measured, make_redis_server: Callable[..., RedisServer]
) -> None:
    """The command is an error, the connection a failure: one each for each attempt."""
    server = make_redis_server(password="secret")
    server.password = "wrong"
    client = client_of(server)
    for _ in range(3):
        with pytest.raises(AuthenticationError):
            client.get("a")
    assert {("GET", "error"): 3} == operations(measured)
    assert 3 == measured.value(FAILURES)


def test_a_server_that_is_not_there(measured: Measured) -> None:
    """With two retries a command is one error, and each of its three attempts to connect a failure."""
    client = redis.Redis(port=ports.free_port(), retry=Retry(NoBackoff(), 2))
    with pytest.raises(redis.exceptions.ConnectionError):
        client.get("a")
    assert {("GET", "error"): 1} == operations(measured)
    assert 3 == measured.value(FAILURES)
    assert 0 == measured.value(POOL_SIZE)


def test_a_timeout_is_one_error_and_one_failure(
    measured: Measured, make_redis_server: Callable[..., RedisServer]
) -> None:
    """A server that hangs costs the command that waited for it, and its connection."""
    server = make_redis_server()
    client = client_of(server, socket_timeout=0.3)
    client.set("a", 1)
    server.pause()
    with pytest.raises(redis.exceptions.TimeoutError):
        client.get("a")
    server.resume()
    assert {("SET", "success"): 1, ("GET", "error"): 1} == operations(measured)
    assert 1 == measured.value(FAILURES)
    assert client.get("a") == b"1"
    assert 1 == measured.value(FAILURES)


def test_a_server_killed_and_started_again(measured: Measured, make_redis_server: Callable[..., RedisServer]) -> None:
    """Connections of a killed server are gone at once, each command without it is one error and one failure."""
    server = make_redis_server()
    client = client_of(server)
    held = [client.connection_pool.get_connection() for _ in range(3)]
    for connection in held:
        client.connection_pool.release(connection)
    assert 3 == measured.value(POOL_SIZE)
    server.kill()
    assert 0 == measured.value(POOL_SIZE)
    for _ in range(4):
        with pytest.raises(redis.exceptions.ConnectionError):
            client.get("a")
    assert {("GET", "error"): 4} == operations(measured)
    assert 4 == measured.value(FAILURES)
    server.start()
    client.get("a")
    assert 1 == operations(measured)["GET", "success"]
    assert 4 == measured.value(FAILURES)
    assert 1 == measured.value(POOL_SIZE)


def test_a_server_killed_under_a_command(measured: Measured, make_redis_server: Callable[..., RedisServer]) -> None:
    """The command that waits while its server dies is one error, and its connection one failure."""
    server = make_redis_server()
    client = client_of(server)
    errors: list[Exception] = []

    def wait_for_ever() -> None:
        try:
            client.blpop(["nothing"], timeout=0)
        except redis.exceptions.ConnectionError as error:
            errors.append(error)

    waiting = threading.Thread(target=wait_for_ever)
    waiting.start()
    with client_of(server) as other:
        _until_blocked(other)
        assert 1 == measured.value(ACTIVE, "redis")
    server.kill()
    waiting.join(10)
    assert 1 == len(errors)
    assert 1 == operations(measured)["BLPOP", "error"]
    assert 1 == measured.value(FAILURES)
    assert 0 == measured.value(ACTIVE, "redis")


def _until_blocked(client: "redis.Redis") -> None:
    wait.until(lambda: client.info("clients")["blocked_clients"] == 1, 10, "a client that waits")


def test_a_cluster_counts_once(measured: Measured, make_redis_server: Callable[..., RedisServer]) -> None:
    """A cluster's client counts each command and pipeline once, as the node behind it does not count again."""
    # Its own default, 10,000 above the port, may be no port at all.
    server = make_redis_server(options=("--cluster-enabled", "yes", "--cluster-port", str(ports.free_port())))
    with client_of(server) as node:
        node.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
        wait.until(lambda: node.cluster("INFO")["cluster_state"] == "ok", 20, "a cluster that serves")
    cluster = redis.RedisCluster(host=ports.LOOPBACK, port=server.port)
    before = operations(measured)
    cluster.set("a", 1)
    with pytest.raises(ResponseError):
        cluster.lpush("a", 1)
    cluster.pipeline().get("a").execute()  # type: ignore[no-untyped-call]  # untyped in redis-py
    counted = {labels: value - before.get(labels, 0) for labels, value in operations(measured).items()}
    expected = {("SET", "success"): 1, ("LPUSH", "error"): 1, ("PIPELINE", "success"): 1}
    assert expected == {labels: value for labels, value in counted.items() if value}
    assert 1 == measured.value(POOL_SIZE)
    cluster.close()
