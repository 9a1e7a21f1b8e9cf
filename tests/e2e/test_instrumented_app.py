"""An application without a word of telemetry, under `opentelemetry-instrument`: its page tells what it did."""

import http.client
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.sync.client import connect

from tests.support import ports, wait
from tests.support.instrumented import environment, under_instrument
from tests.support.mariadb_server import MariaDbServer
from tests.support.processes import Server
from tests.support.redis_server import RedisServer

APP = "tests.support.apps.storing:app"

Series = dict[tuple[str, ...], float]


def scraped(page: int, metric: str) -> Series:
    """Return a metric's series on the page, by the values of its labels."""
    with urllib.request.urlopen(f"http://{ports.LOOPBACK}:{page}/metrics", timeout=10.0) as answer:
        text = answer.read().decode()
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == metric
    }


@pytest.mark.parametrize("measured_by", ["auto", "contrib"])
def test_what_an_application_did(
    measured_by: str, tmp_path: Path, redis_server: RedisServer, mariadb_server: MariaDbServer
) -> None:
    """Requests, commands and statements, each once, whichever of the two HTTP instrumentations is chosen."""
    port, page = ports.free_port(), ports.free_port()
    env = environment(
        OTEL_EXPORTER_PROMETHEUS_PORT=str(page),
        TECHSAPO_HTTP_INSTRUMENTATION=measured_by,
        REDIS_URL=redis_server.url,
        MARIADB_PORT=str(mariadb_server.port),
        MARIADB_USER=mariadb_server.user,
        MARIADB_PASSWORD=mariadb_server.password,
        MARIADB_DATABASE=mariadb_server.database,
    )
    key = port
    with Server(
        under_instrument("uvicorn", APP, "--port", str(port)),
        output=tmp_path / "log",
        ready=lambda: ports.is_listening(port),
        env=env,
    ):
        connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)

        def ask(method: str, path: str) -> int:
            connection.request(method, path)
            response = connection.getresponse()
            response.read()
            return response.status

        assert [204, 409] == [ask("PUT", f"/notes/{key}?note=x") for _ in range(2)]
        assert [200] * 3 == [ask("GET", f"/notes/{key}") for _ in range(3)]
        assert 404 == ask("GET", "/nowhere")
        with connect(f"ws://{ports.LOOPBACK}:{port}/watch") as websocket:
            websocket.send("x")
            assert "x" == websocket.recv(timeout=10)
            assert 1 == scraped(page, "techsapo_active_connections")["websocket",]

        requests = {
            ("PUT", "/notes/{key}", "204"): 1,
            ("PUT", "/notes/{key}", "409"): 1,
            ("GET", "/notes/{key}", "200"): 3,
            ("GET", "unmatched", "404"): 1,
        }
        wait.until(lambda: scraped(page, "techsapo_http_requests_total") == requests, 10, "the count of all requests")
        assert {(): 6} == scraped(page, "techsapo_http_response_size_bytes_count")
        assert {("INCRBY", "success"): 3} == scraped(page, "techsapo_redis_operations_total")
        assert {(): 1} == scraped(page, "techsapo_redis_connection_pool_size")
        statements = {
            ("ddl", "success"): 2,
            ("insert", "success"): 1,
            ("insert", "error"): 1,
            ("transaction", "success"): 2,
        }
        assert statements == scraped(page, "techsapo_mysql_queries_total")
        active = scraped(page, "techsapo_active_connections")
        assert {("http",): 0, ("redis",): 0, ("websocket",): 0} == active
