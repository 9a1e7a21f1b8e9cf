"""The reference app with a real Redis and a real MariaDB: what it serves, and what it does without them."""

import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import pymysql
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.metrics import CallbackOptions, Observation

from app_integration.reference_app import Settings, create_app
from app_integration.reference_app.mysql_pool import MySqlPool, PoolTimeoutError, connect_to
from tests.support.mariadb_server import MariaDbServer
from tests.support.redis_server import RedisServer

StartMariaDb = Callable[..., MariaDbServer]
StartRedis = Callable[..., RedisServer]


def mysql_url(server: MariaDbServer) -> str:
    """Return the address of a server as the application takes it."""
    return f"mysql://{server.user}:{server.password}@{server.host}:{server.port}/{server.database}"


def client_of(app: FastAPI) -> TestClient:
    """Return a client that gets the 500 of an application instead of its exception."""
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(params=["memory", "servers"])
def client(request: pytest.FixtureRequest) -> Iterator[TestClient]:
    """A client of the started application, once with its stores in memory and once in servers."""
    settings = Settings(latency_seconds=0.0, stream_pause_seconds=0.0)
    if request.param == "servers":
        redis: RedisServer = request.getfixturevalue("redis_server")
        mariadb: MariaDbServer = request.getfixturevalue("mariadb_server")
        settings = Settings(redis.url, mysql_url(mariadb), latency_seconds=0.0, stream_pause_seconds=0.0)
    with client_of(create_app(settings)) as started:
        yield started


def ask(client: TestClient, question: str, **more: str) -> tuple[int, str | None, dict[str, object]]:
    """Ask a question; return the status, whether the cache knew the answer, and the body."""
    response = client.post("/analyses", json={"question": question, **more})
    return response.status_code, response.headers.get("X-Cache"), response.json()


def test_an_answer_is_made_once_and_found_afterwards(client: TestClient) -> None:
    """The second time it comes from the cache; both analyses are in the history."""
    question = f"who asks {uuid4()}?"
    (first, made, one), (second, cached, two) = ask(client, question), ask(client, question)
    assert (201, "miss", 201, "hit") == (first, made, second, cached)
    assert {**one, "id": two["id"], "created_at": two["created_at"], "cached": True, "cost_usd": 0.0} == two
    assert one == client.get(f"/analyses/{one['id']}").json()
    assert [two, one] == client.get("/history?limit=2").json()
    assert str(one["answer"]).split() == client.get(f"/analyses/{one['id']}/stream").text.split()


def test_an_id_is_taken_once(client: TestClient) -> None:
    """A request that is repeated does not store a second analysis, and the application goes on."""
    analysis_id = str(uuid4())
    assert 201 == ask(client, "once?", id=analysis_id)[0]
    assert 409 == ask(client, "twice?", id=analysis_id)[0]
    assert "once?" == client.get(f"/analyses/{analysis_id}").json()["question"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", f"/analyses/{uuid4()}", 404),
        ("GET", "/analyses/1", 422),
        ("GET", "/history?limit=0", 422),
        ("GET", "/fault", 500),
        ("GET", "/nowhere", 404),
        ("DELETE", "/history", 405),
    ],
)
def test_other_answers(client: TestClient, method: str, path: str, status: int) -> None:
    """Each kind of outcome has its status."""
    assert status == client.request(method, path).status_code


@pytest.mark.parametrize(
    "body", ['{"question": NaN}', '{"question": "\\ud800"}', '{"question": "x", "task_type": "\\ud800"}']
)
def test_what_no_json_can_hold_is_refused_and_no_error_of_ours(client: TestClient, body: str) -> None:
    """The answer does not repeat it."""
    response = client.post("/analyses", content=body, headers={"Content-Type": "application/json"})
    (detail,) = response.json()["detail"]
    assert (response.status_code, set(detail)) == (422, {"type", "loc", "msg"})


def test_listeners_hear_of_each_analysis(client: TestClient) -> None:
    """What is stored is sent to everybody who listens, until they go."""
    with client.websocket_connect("/live") as one, client.websocket_connect("/live") as two:
        analysis = ask(client, "who listens?")[2]
        expected = {"id": analysis["id"], "question": "who listens?"}
        assert [expected, expected] == [one.receive_json(), two.receive_json()]
    assert 201 == ask(client, "and now?")[0]


@pytest.mark.parametrize("store", ["memory", "redis"])
def test_more_than_the_limit_is_refused(store: str, request: pytest.FixtureRequest) -> None:
    """With the status for it, and when to come again."""
    url = request.getfixturevalue("redis_server").url if store == "redis" else ""
    # Redis is shared between tests: nobody else has this window.
    settings = Settings(url, latency_seconds=0.0, rate_limit=2, rate_window_seconds=3_601)
    with client_of(create_app(settings)) as client:
        assert [201, 201] == [ask(client, "one more?")[0] for _ in range(2)]
        refused = client.post("/analyses", json={"question": "one more?"})
    assert (429, "3601") == (refused.status_code, refused.headers["Retry-After"])


def test_the_application_goes_on_without_its_redis(make_redis_server: StartRedis) -> None:
    """Cache and rate limiter are aids: what they would have said is done without, health tells."""
    server = make_redis_server()
    with client_of(create_app(Settings(server.url, latency_seconds=0.0))) as client:
        assert (201, "miss") == ask(client, "before?")[:2]
        assert 200 == client.get("/health").status_code
        server.kill()
        assert (201, "unreachable") == ask(client, "before?")[:2]
        assert 503 == client.get("/health").status_code
        server.start()
        assert (201, "miss") == ask(client, "before?")[:2]
        assert (201, "hit") == ask(client, "before?")[:2]


def test_without_its_history_the_application_says_so_and_recovers(make_mariadb_server: StartMariaDb) -> None:
    """Broken connections are thrown away: when the server is back, so is the application."""
    server = make_mariadb_server()
    with client_of(create_app(Settings(mysql_url=mysql_url(server), latency_seconds=0.0))) as client:
        assert 201 == ask(client, "before?")[0]
        server.kill()
        refused = client.get("/history")
        assert (503, "5") == (refused.status_code, refused.headers["Retry-After"])
        assert 503 == ask(client, "during?")[0]
        server.start()
        assert 201 == ask(client, "after?")[0]


def counts(pool: MySqlPool) -> dict[object, float]:
    """Return the pool's connections by state, as it reports them."""
    observed: list[Observation] = list(pool._observe(CallbackOptions()))
    return {(each.attributes or {})["db.client.connection.state"]: each.value for each in observed}


def test_the_pool_is_bounded_and_keeps_its_connections(mariadb_server: MariaDbServer) -> None:
    """However many threads want one, there are never more, and none is made twice."""
    made: list[object] = []
    connect = connect_to(mysql_url(mariadb_server))

    def counted_connect() -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
        made.append(connection := connect())
        return connection

    pool = MySqlPool(counted_connect, 2)
    together = threading.Barrier(2)

    def use(number: int) -> tuple[object, ...] | None:
        with pool.transaction() as cursor:
            together.wait(20)
            assert 2 == counts(pool)["used"]
            together.wait(20)
            cursor.execute("SELECT %s", (number,))
            return cursor.fetchone()

    with ThreadPoolExecutor(8) as threads:
        assert [(number,) for number in range(16)] == list(threads.map(use, range(16)))
    assert (2, {"idle": 2, "used": 0}) == (len(made), counts(pool))
    pool.close()
    assert {"idle": 0, "used": 0} == counts(pool)


def test_a_connection_that_the_server_has_closed_is_made_anew(mariadb_server: MariaDbServer) -> None:
    """As it does to those that nobody used for `wait_timeout`."""
    pool = MySqlPool(connect_to(mysql_url(mariadb_server)), 1)
    with pool.transaction() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        (number,) = cursor.fetchone() or (None,)
    with closing(connect_to(mysql_url(mariadb_server))()) as other, other.cursor() as cursor:
        cursor.execute("KILL %s", (number,))
    with pool.transaction() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    pool.close()


def test_who_waits_too_long_for_a_connection_is_told(mariadb_server: MariaDbServer) -> None:
    """A pool that is used up is an error with a deadline, not a hang."""
    pool = MySqlPool(connect_to(mysql_url(mariadb_server)), 1, wait_seconds=0.05)
    with pool.transaction(), pytest.raises(PoolTimeoutError), pool.transaction():
        pytest.fail("there was a second connection")
    with pool.transaction() as cursor:
        cursor.execute("SELECT 1")
    pool.close()


def test_a_child_of_a_fork_has_connections_of_its_own(mariadb_server: MariaDbServer) -> None:
    """On one connection both would read each other's answers; nor does the child end its parent's."""
    pool = MySqlPool(connect_to(mysql_url(mariadb_server)), 1)

    def number() -> int:
        with pool.transaction() as cursor:
            cursor.execute("SELECT CONNECTION_ID()")
            (told,) = cursor.fetchone() or (0,)
        return int(told)

    before = number()
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        signal.alarm(10)
        try:
            os.write(writing, str(number()).encode())
            pool.close()
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        assert before != int(told.read())
    assert before == number()
    pool.close()


def test_what_failed_is_rolled_back_and_its_connection_goes_on(mariadb_server: MariaDbServer) -> None:
    """Half a transaction is none."""
    pool = MySqlPool(connect_to(mysql_url(mariadb_server)), 1)
    with pool.transaction() as cursor:
        cursor.execute("CREATE OR REPLACE TABLE rolled_back (id INT PRIMARY KEY)")

    def insert_twice() -> None:
        with pool.transaction() as cursor:
            cursor.execute("INSERT INTO rolled_back VALUES (1)")
            cursor.execute("INSERT INTO rolled_back VALUES (1)")

    with pytest.raises(pymysql.err.IntegrityError):
        insert_twice()
    with pool.transaction() as cursor:
        cursor.execute("SELECT COUNT(*) FROM rolled_back")
        assert (0,) == cursor.fetchone()
    assert {"idle": 1, "used": 0} == counts(pool)
    pool.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgres://a:secret@host/db",
        "mysql://a:secret@host",
        "mysql:///db",
        "mysql://a:secret/x@host/db",
        "mysql://a:secret@h\u2100st/db",
    ],
)
def test_a_wrong_address_is_refused_without_showing_its_password(url: str) -> None:
    """The message says what an address looks like."""
    with pytest.raises(ValueError, match="mysql://user:password@host:port/database") as raised:
        connect_to(url)
    assert "secret" not in "".join(traceback.format_exception(raised.value))
