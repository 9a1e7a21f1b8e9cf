"""Errors of a real server and of scripts: without a line of the application's, each once."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.support import ports, wait
from tests.support.instrumented import pushing, under_instrument
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server

ERRORS = "techsapo_errors_total"

# By error_type, service and severity, and by client_ip and endpoint: the names are sorted.
Pushed = dict[tuple[str, ...], float]


def pushed(sink: OtlpSink, metric: str) -> Pushed:
    """Return the newest points of a metric by the values of their labels."""
    return {tuple(value for _, value in key.attributes): point.value for key, point in sink.points(metric).items()}


@pytest.fixture
def port(otlp_sink: OtlpSink, tmp_path: Path) -> Iterator[int]:
    """The port of an application that fails, served by uvicorn as it is started by default."""
    served = ports.free_port()
    with Server(
        under_instrument("uvicorn", "tests.support.apps.failing:app", "--port", str(served)),
        output=tmp_path / "log",
        ready=lambda: ports.is_listening(served),
        env=pushing(otlp_sink.endpoint, OTEL_METRIC_EXPORT_INTERVAL="200"),
    ):
        yield served


def status(port: int, path: str, forwarded: str | None = None) -> int:
    """Send a request; return the status of its answer."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"http://{ports.LOOPBACK}:{port}{path}", headers=headers), timeout=20.0
        ) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_what_fails_in_an_application_counts_once(port: int, otlp_sink: OtlpSink) -> None:
    """Though it passes a middleware's task and is logged by the server, which counts what it logs, too."""
    paths = ("/escapes", "/unavailable", "/refuses", "/nothing-here", "/forgets", "/loses")
    expected: Pushed = {
        ("EscapedError", "api", "error"): 2,
        ("HTTPException", "api", "error"): 2,
        ("ForgottenError", "asyncio", "error"): 2,
        ("LostError", "thread", "critical"): 2,
    }
    for _ in range(2):
        assert [status(port, path) for path in paths] == [500, 503, 404, 404, 200, 200]
    wait.until(lambda: pushed(otlp_sink, ERRORS).keys() >= expected.keys(), 10.0, "the errors")
    wait.until(lambda: sum(pushed(otlp_sink, ERRORS).values()) >= sum(expected.values()), 10.0, "all errors")
    assert expected == pushed(otlp_sink, ERRORS)


def test_a_client_is_who_the_proxies_say_it_is(port: int, otlp_sink: OtlpSink) -> None:
    """Through uvicorn, which reads the header by itself where it comes from this machine."""
    status(port, "/limited", "203.0.113.9, 192.168.7.7, 10.0.0.2")
    status(port, "/limited", "203.0.113.9, 192.168.7.8")
    status(port, "/limited")
    expected: Pushed = {("private", "/limited"): 2, ("loopback", "/limited"): 1}
    hits = "techsapo_rate_limit_hits_total"
    wait.until(lambda: sum(pushed(otlp_sink, hits).values()) >= 3, 10.0, "the hits")
    assert expected == pushed(otlp_sink, hits)


def test_what_ends_a_script_is_pushed_before_it_has_ended(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """Its traceback is shown and its exit status is 1, as ever."""
    with Server(
        under_instrument("python", "-m", "tests.support.apps.script", "raise"),
        output=tmp_path / "log",
        env=pushing(otlp_sink.endpoint),
    ) as script:
        assert 1 == script.wait(), script.output
    assert "LookupError: the script's own" in script.output
    assert {("LookupError", "main", "critical"): 1} == pushed(otlp_sink, ERRORS)


@pytest.mark.parametrize("started", ["first", "last"])
def test_figures_do_not_depend_on_when_the_telemetry_is_started(
    started: str, otlp_sink: OtlpSink, tmp_path: Path
) -> None:
    """Before what tells them is imported and is given what it watches, or after."""
    with Server(
        ["python", "-m", "tests.support.apps.telling", started],
        output=tmp_path / "log",
        env=pushing(otlp_sink.endpoint),
    ) as script:
        assert 0 == script.wait(), script.output
    expected: dict[str, Pushed] = {
        ERRORS: {("ValueError", "script", "error"): 1},
        "techsapo_auth_attempts_total": {("mtls", "success"): 1},
        "techsapo_rate_limit_hits_total": {("private", "/items/{id}"): 1},
        "techsapo_input_sanitization_total": {("true", "xss"): 1},
        "techsapo_cache_requests_total": {("redis", "hit"): 1, ("memory", "hit"): 0, ("memory", "miss"): 1},
        "techsapo_queue_size": {("jobs",): 1},
        "techsapo_active_connections": {("smtp",): 2},
        "techsapo_circuit_breaker_state": {
            (service, state): float(state == holds)
            for service, holds in (("openai", "closed"), ("mysql", "half_open"))
            for state in ("open", "half_open", "closed")
        },
    }
    assert expected == {metric: pushed(otlp_sink, metric) for metric in expected}
