"""MySQL: each statement counted once, with its outcome, against a real MariaDB."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import pymysql
import pytest
from opentelemetry.instrumentation import dbapi
from opentelemetry.instrumentation.pymysql import PyMySQLInstrumentor
from pymysql.constants import CLIENT
from pymysql.cursors import SSCursor

from app_integration.mysql import MySqlInstrumentor
from tests.support.mariadb_server import MariaDbServer
from tests.support.measured import Measured
from tests.support.semconv import opted_in

QUERIES = "techsapo_mysql_queries_total"
DURATION = "techsapo_db_operation_duration_seconds"

Connection: TypeAlias = "pymysql.Connection[pymysql.cursors.Cursor]"


@pytest.fixture
def measured() -> Iterator[Measured]:
    """What PyMySQL's statements come to."""
    measured = Measured()
    MySqlInstrumentor().instrument(meter_provider=measured.provider)
    yield measured
    MySqlInstrumentor().uninstrument()


def connect(server: MariaDbServer, **options: Any) -> Connection:
    """Connect to the test's database; `options` go over the server's own."""
    arguments: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "password": server.password,
        "database": server.database,
        "autocommit": True,
    }
    connection: Connection = pymysql.connect(**{**arguments, **options})
    return connection


def test_each_kind_of_statement_is_counted_once(measured: Measured, mariadb_server: MariaDbServer) -> None:
    """Whatever stands in front of a statement's verb, it is counted once, under its kind."""
    statements = [
        "CREATE TABLE kinds (id INT PRIMARY KEY, note VARCHAR(20))",
        "insert into kinds values (1, 'a')",
        "/* a comment */ INSERT INTO kinds VALUES (2, 'b')",
        "REPLACE INTO kinds VALUES (2, 'c')",
        "UPDATE kinds SET note = 'd' WHERE id = 1",
        "SELECT * FROM kinds",
        "(SELECT 1)",
        "-- a line\n SELECT 2",
        "WITH a AS (SELECT id FROM kinds) SELECT * FROM a",
        "BEGIN",
        "SAVEPOINT here",
        "RELEASE SAVEPOINT here",
        "COMMIT",
        "START TRANSACTION",
        "ROLLBACK",
        "SHOW TABLES",
        "DELETE FROM kinds",
        "TRUNCATE kinds",
        "ALTER TABLE kinds ADD COLUMN more INT",
        "DROP TABLE kinds",
    ]
    with connect(mariadb_server) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    expected = {
        ("ddl", "success"): 4,
        ("insert", "success"): 2,
        ("replace", "success"): 1,
        ("update", "success"): 1,
        ("select", "success"): 4,
        ("transaction", "success"): 6,
        ("other", "success"): 1,
        ("delete", "success"): 1,
    }
    assert expected == measured.values(QUERIES)


def test_the_count_is_the_servers_own(measured: Measured, mariadb_server: MariaDbServer) -> None:
    """Statements by `executemany`, `callproc`, direct queries and the connection's own methods agree with MariaDB."""
    with connect(mariadb_server, autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE counted (id INT)")
        cursor.execute("CREATE PROCEDURE twice(x INT) BEGIN SET @y = 2 * x; END")
        served = _served(cursor)
        counted = measured.values(QUERIES)
        cursor.executemany("INSERT INTO counted VALUES (%s)", [(1,), (2,), (3,)])
        cursor.executemany("UPDATE counted SET id = id + %s", [(1,), (2,), (3,)])
        connection.query("SELECT 1")
        connection.begin()
        connection.commit()
        connection.begin()
        connection.rollback()
        cursor.callproc("twice", (4,))
        connection.autocommit(True)
        connection.autocommit(True)  # it is, and the driver sends nothing
        connection.set_character_set("utf8mb4")
        counted = {labels: value - counted.get(labels, 0) for labels, value in measured.values(QUERIES).items()}
        served = {command: value - served[command] for command, value in _served(cursor).items()}
        cursor.execute("DROP PROCEDURE twice")
        cursor.execute("DROP TABLE counted")

    # The driver makes one statement of three rows to insert, and one for each row to update.
    expected = {"insert": 1, "update": 3, "select": 1, "begin": 2, "commit": 1, "rollback": 1}
    expected["set_option"] = 3 + 1  # one of them the procedure's own
    assert expected == served
    assert 1 == counted["insert", "success"]
    assert 3 == counted["update", "success"]
    assert 1 == counted["select", "success"]
    assert 4 == counted["transaction", "success"]
    assert 4 == counted["other", "success"]  # SET for the procedure's argument, the mode and the character set; CALL


def _served(cursor: pymysql.cursors.Cursor) -> dict[str, int]:
    """Return what the server has counted for this connection, by command."""
    cursor.execute("SHOW SESSION STATUS LIKE 'Com\\_%'")
    commands = ("insert", "update", "select", "begin", "commit", "rollback", "set_option")
    return {name.removeprefix("Com_"): int(value) for name, value in cursor.fetchall() if name[4:] in commands}


def test_errors_are_counted_with_their_status(measured: Measured, mariadb_server: MariaDbServer) -> None:
    """A duplicate key and a mistake in SQL are errors of their statement's kind, not of another."""
    with connect(mariadb_server) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE unique_ones (id INT PRIMARY KEY)")
        cursor.execute("INSERT INTO unique_ones VALUES (1)")
        with pytest.raises(pymysql.err.IntegrityError):
            cursor.execute("INSERT INTO unique_ones VALUES (1)")
        with pytest.raises(pymysql.err.ProgrammingError):
            cursor.execute("SELECT * FROM no_such_table")
        with pytest.raises(pymysql.err.ProgrammingError):
            cursor.execute("jane@example.com was here")
        cursor.execute("DROP TABLE unique_ones")
    expected = {
        ("ddl", "success"): 2,
        ("insert", "success"): 1,
        ("insert", "error"): 1,
        ("select", "error"): 1,
        ("other", "error"): 1,
    }
    assert expected == measured.values(QUERIES)


def test_a_wrong_password_is_one_error(measured: Measured, mariadb_server: MariaDbServer) -> None:
    """A connection that the server refuses is one failed operation; its statement never comes."""
    with pytest.raises(pymysql.err.OperationalError):
        connect(mariadb_server, password="wrong")
    assert {("other", "error"): 1} == measured.values(QUERIES)
    assert {("mysql", "CONNECT"): 1} == measured.counts(DURATION)


def test_a_connection_that_is_made_is_no_statement(measured: Measured, mariadb_server: MariaDbServer) -> None:
    """What the driver says while it connects, an `init_command` included, is not counted."""
    connect(mariadb_server, init_command="SET @a = 1", sql_mode="TRADITIONAL").close()
    assert {} == measured.values(QUERIES)


def test_a_timeout_is_one_error(measured: Measured, mariadb_server: MariaDbServer) -> None:
    """A statement whose answer takes longer than the client waits is one error."""
    connection = connect(mariadb_server, read_timeout=1)
    with connection.cursor() as cursor, pytest.raises(pymysql.err.OperationalError):
        cursor.execute("SELECT SLEEP(20)")
    assert {("select", "error"): 1} == measured.values(QUERIES)
    count, seconds = measured.distribution(DURATION, "mysql", "SELECT")
    assert count == 1
    assert 1 <= seconds < 20


def test_a_killed_server_is_one_error_for_each_attempt(
    measured: Measured, make_mariadb_server: Callable[..., MariaDbServer]
) -> None:
    """A statement on the dead connection, one on the closed one, and a new connection: an error each."""
    server = make_mariadb_server()
    connection = connect(server)
    cursor = connection.cursor()
    cursor.execute("SELECT 1")
    server.kill()
    for _ in range(2):
        with pytest.raises(pymysql.err.Error):
            cursor.execute("SELECT 1")
    with pytest.raises(pymysql.err.OperationalError):
        connect(server)
    assert {("select", "success"): 1, ("select", "error"): 2, ("other", "error"): 1} == measured.values(QUERIES)
    server.start()
    with connect(server) as again, again.cursor() as new_cursor:
        new_cursor.execute("SELECT 1")
    assert 2 == measured.value(QUERIES, "select", "success")


def test_statements_sent_at_once_are_one(measured: Measured, mariadb_server: MariaDbServer) -> None:
    """Several statements in one query count once, as the first; an unbuffered cursor's counts once too."""
    with connect(mariadb_server, client_flag=CLIENT.MULTI_STATEMENTS) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1; SELECT 2")
            while cursor.nextset():
                pass
        with connection.cursor(SSCursor) as streaming:
            streaming.execute("SELECT seq FROM seq_1_to_1000")
            assert 1000 == len(streaming.fetchall())
    assert {("select", "success"): 2} == measured.values(QUERIES)


def test_threads_count_all_of_their_statements(measured: Measured, mariadb_server: MariaDbServer) -> None:
    """Eight threads with a connection each: the exact total."""

    def work() -> None:
        with connect(mariadb_server) as connection, connection.cursor() as cursor:
            for _ in range(50):
                cursor.execute("SELECT 1")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {("select", "success"): 400} == measured.values(QUERIES)


@contextmanager
def contrib_instrumented(measured: Measured) -> Iterator[None]:
    """Contrib's PyMySQL instrumentation with database metrics, into the same provider."""
    with opted_in("database"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbapi, "get_meter", lambda name, *_, **__: measured.provider.get_meter(name))
        PyMySQLInstrumentor().instrument()
        yield
        PyMySQLInstrumentor().uninstrument()


def test_contrib_beside_it_counts_nothing_twice(measured: Measured, mariadb_server: MariaDbServer) -> None:
    """With contrib's instrumentation opted in to database metrics, each statement still counts once."""
    with contrib_instrumented(measured), connect(mariadb_server) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        connection.commit()
    assert {("select", "success"): 1, ("transaction", "success"): 1} == measured.values(QUERIES)


def test_contrib_alone_counts(mariadb_server: MariaDbServer) -> None:
    """What contrib records does reach the metrics where ours is not at work: it is silenced only while ours is."""
    measured = Measured()
    MySqlInstrumentor().instrument(meter_provider=measured.provider)
    MySqlInstrumentor().uninstrument()
    with contrib_instrumented(measured), connect(mariadb_server) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert {("select", "success"): 1} == measured.values(QUERIES)
