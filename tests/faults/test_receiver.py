"""A receiver that is down, slow, hanging, refusing or failing costs a delay of the figures, and none of the counts."""

import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import ports, wait
from tests.support.apps.counting import METRIC
from tests.support.instrumented import ask, ask_often, pushing, under_instrument
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server

APP = "tests.support.apps.counting:app"
STOP_SECONDS = 5.0

FAULTS: dict[str, Callable[[OtlpSink], None]] = {
    "down": lambda sink: sink.stop(),
    "slow": lambda sink: sink.slow(3.0),
    "hanging": lambda sink: sink.hang(),
    "closing": lambda sink: sink.close(),
    "400": lambda sink: sink.answer(400),
    "404": lambda sink: sink.answer(404),
    "429": lambda sink: sink.answer(429, {"Retry-After": "3600"}),
    "500": lambda sink: sink.answer(500),
    "503": lambda sink: sink.answer(503),
}


def serving(sinks: list[OtlpSink], port: int, log: Path, **variables: str) -> Server:
    """Return a server, not started, that pushes to the sinks ten times a second."""
    told = {"OTEL_METRIC_EXPORT_INTERVAL": "100", "OTEL_EXPORTER_OTLP_TIMEOUT": "2", **variables}
    return Server(
        under_instrument("uvicorn", APP, "--port", str(port), "--log-level", "warning"),
        output=log,
        ready=lambda: ports.is_listening(port),
        env=pushing(*(sink.endpoint for sink in sinks), **told),
    )


def rss(pid: int) -> int:
    """Return the resident memory of a process in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_counts_are_complete_when_the_receiver_is_back(fault: str, otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """Figures are cumulative: the first push that arrives carries all of them, although nothing was kept for it."""
    port = ports.free_port()
    with serving([otlp_sink], port, tmp_path / "log") as server:
        ask_often(port, 10)
        wait.until(lambda: otlp_sink.total(METRIC) == 10, 20.0, "the first figures")
        FAULTS[fault](otlp_sink)
        ask_often(port, 100)
        if fault == "down":
            otlp_sink.start()
        otlp_sink.behave()
        ask_often(port, 1)
        wait.until(lambda: otlp_sink.total(METRIC) == 111, 30.0, "all figures")

        assert server.running


def test_requests_are_served_and_memory_stays_while_nothing_can_be_delivered(
    otlp_sink: OtlpSink, tmp_path: Path
) -> None:
    """No queue grows: a push that failed is forgotten. Measured over 2,000 requests with a receiver that hangs."""
    port = ports.free_port()
    otlp_sink.hang()
    with serving([otlp_sink], port, tmp_path / "log", OTEL_EXPORTER_OTLP_TIMEOUT="0.1") as server:
        ask_often(port, 500)
        wait.until(lambda: otlp_sink.arrivals >= 5, 30.0, "five pushes that hang")
        pid, before, arrivals = int(ask(port)), rss(server.pid), otlp_sink.arrivals
        ask_often(port, 2_000)
        wait.until(lambda: otlp_sink.arrivals >= arrivals + 5, 30.0, "five more")

        assert pid == server.pid
        assert rss(pid) - before < 2_000_000


def test_an_endpoint_that_hangs_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """Each endpoint has a push of its own."""
    port = ports.free_port()
    with OtlpSink() as hanging, OtlpSink() as healthy:
        hanging.hang()
        with serving([hanging, healthy], port, tmp_path / "log", OTEL_EXPORTER_OTLP_TIMEOUT="300") as server:
            wait.until(lambda: hanging.arrivals, 20.0, "the push that hangs")
            ask_often(port, 50)
            wait.until(lambda: healthy.total(METRIC) == 50, 20.0, "the other endpoint's figures")

            assert hanging.arrivals == 1
            assert server.running


def test_a_stop_ends_within_its_time_with_two_endpoints_that_hang(tmp_path: Path) -> None:
    """All are flushed side by side, the lifespan's flush and the exit's within one deadline."""
    port = ports.free_port()
    with OtlpSink() as one, OtlpSink() as other, OtlpSink() as healthy:
        server = serving([one, other, healthy], port, tmp_path / "log", OTEL_EXPORTER_OTLP_TIMEOUT="300")
        with server:
            one.hang()
            other.hang()
            wait.until(lambda: one.arrivals and other.arrivals, 20.0, "the pushes that hang")
            ask_often(port, 50)
            began = time.monotonic()
            server.stop(grace=60.0)
            took = time.monotonic() - began

        assert took < STOP_SECONDS
        assert healthy.total(METRIC) == 50
        assert server.output.count("The last figures did not reach") == 2, server.output


def test_a_stop_does_not_wait_for_a_request_under_way(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """A receiver that comes back while an older request still hangs gets the last figures over a new connection."""
    port = ports.free_port()
    with serving([otlp_sink], port, tmp_path / "log", OTEL_EXPORTER_OTLP_TIMEOUT="300") as server:
        wait.until(lambda: otlp_sink.accepted, 20.0, "the first push")
        otlp_sink.slow(2.5)
        before = otlp_sink.arrivals
        wait.until(lambda: otlp_sink.arrivals > before, 20.0, "a push that is slow")
        ask_often(port, 50)
        server.stop(grace=60.0)

    assert otlp_sink.total(METRIC) == 50, server.output


def test_a_push_is_retried_at_once_where_a_connection_broke(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """An idle connection that the receiver closed costs no interval: the stock exporter opens a new one."""
    port = ports.free_port()
    with serving([otlp_sink], port, tmp_path / "log", OTEL_METRIC_EXPORT_INTERVAL="1000") as server:
        ask_often(port, 10)
        wait.until(lambda: otlp_sink.total(METRIC) == 10, 20.0, "the first figures")
        otlp_sink.stop()
        otlp_sink.start()
        ask_often(port, 10)
        wait.until(lambda: otlp_sink.total(METRIC) == 20, 20.0, "the next figures")

        assert "Failed" not in server.output


def test_the_time_of_the_last_push_goes_out_with_the_next(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """It stands while nothing can be delivered, so that its age tells."""
    metric = "techsapo_telemetry_last_push_timestamp_seconds"
    port = ports.free_port()
    began = time.time()
    with serving([otlp_sink], port, tmp_path / "log"):
        wait.until(lambda: otlp_sink.points(metric), 20.0, "a push that tells of the one before")
        (point,) = otlp_sink.points(metric).values()

    assert began < point.value < time.time()
