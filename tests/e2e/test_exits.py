"""However a process ends, as far as Python can see it, its last figures are pushed and its exit status stays."""

import signal
from pathlib import Path

import pytest

from tests.support import ports, wait
from tests.support.apps.counting import METRIC
from tests.support.instrumented import ask_often, pushing, under_instrument
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server

NEVER = {"OTEL_METRIC_EXPORT_INTERVAL": "3600000"}
PLAIN = ["python", "-m", "tests.support.apps.script"]


def script(sink: OtlpSink, log: Path, *arguments: str) -> Server:
    """Return a script, not started: in code where it has `start`, else under opentelemetry-instrument."""
    command = [*PLAIN, *arguments]
    return Server(
        command if "start" in arguments else under_instrument(*command),
        output=log,
        env=pushing(sink.endpoint, **NEVER),
        ready=None,
    )


@pytest.mark.parametrize(
    ("arguments", "status"),
    [([], 0), (["start"], 0), (["raise"], 1), (["start", "os-exit-after-shutdown"], 0)],
    ids=["instrumented", "start in code", "raises", "shutdown in code"],
)
def test_a_script_pushes_what_it_counted_at_its_end(
    arguments: list[str], status: int, otlp_sink: OtlpSink, tmp_path: Path
) -> None:
    """Well or not, and even when it ends the moment after its first measurement."""
    with script(otlp_sink, tmp_path / "log", *arguments) as process:
        assert status == process.wait(), process.output

    assert 3 == otlp_sink.total(METRIC), process.output


@pytest.mark.parametrize("start", [[], ["start"]], ids=["instrumented", "start in code"])
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, -signal.SIGINT)], ids=["TERM", "INT"]
)
def test_a_signal_ends_a_script_as_ever_after_its_last_push(
    number: signal.Signals, status: int, start: list[str], otlp_sink: OtlpSink, tmp_path: Path
) -> None:
    """The exit status tells the signal: whoever supervises the process sees no difference."""
    with script(otlp_sink, tmp_path / "log", "wait", *start) as process:
        wait.until(lambda: "counted" in process.output, 30.0, "the script's counting")
        process.signal(number)
        assert status == process.wait(), process.output

    assert 3 == otlp_sink.total(METRIC), process.output


def test_a_handler_that_was_there_before_still_runs(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """Ours pushes and hands on."""
    with script(otlp_sink, tmp_path / "log", "own-handler", "wait", "start") as process:
        wait.until(lambda: "counted" in process.output, 30.0, "the script's counting")
        process.signal(signal.SIGTERM)
        assert 7 == process.wait(), process.output

    assert "the handler that was there before" in process.output
    assert 3 == otlp_sink.total(METRIC), process.output


UVICORN = ["uvicorn", "tests.support.apps.counting:app", "--log-level", "warning"]
RAW = ["--lifespan", "off"]
GUNICORN = ["gunicorn", "-w", "1"]
GUNICORN_ASGI = [*GUNICORN, "tests.support.apps.counting:app", "-k", "uvicorn_worker.UvicornWorker"]
GUNICORN_WSGI = [*GUNICORN, "tests.support.apps.counting:wsgi"]


@pytest.mark.parametrize(
    ("command", "number", "status"),
    [
        (UVICORN, signal.SIGTERM, -signal.SIGTERM),
        (UVICORN, signal.SIGINT, 0),
        ([*UVICORN, *RAW], signal.SIGTERM, -signal.SIGTERM),
        (GUNICORN_ASGI, signal.SIGTERM, 0),
        (GUNICORN_WSGI, signal.SIGTERM, 0),
        (GUNICORN_WSGI, signal.SIGINT, 0),
    ],
    ids=["uvicorn TERM", "uvicorn INT", "no lifespan", "asgi TERM", "wsgi TERM", "wsgi INT"],
)
def test_a_server_pushes_its_last_figures_at_a_signal(
    command: list[str], number: signal.Signals, status: int, otlp_sink: OtlpSink, tmp_path: Path
) -> None:
    """Nothing is lost at a normal stop, whichever server and worker it is."""
    port = ports.free_port()
    bind = ["--port", str(port)] if command[0] == "uvicorn" else ["--bind", f"{ports.LOOPBACK}:{port}"]
    with Server(
        under_instrument(*command, *bind),
        output=tmp_path / "log",
        ready=lambda: ports.is_listening(port),
        env=pushing(otlp_sink.endpoint, **NEVER),
    ) as server:
        ask_often(port, 20)
        server.signal(number)
        ended = server.wait()

    assert 20 == otlp_sink.total(METRIC), server.output
    assert status == ended, server.output


@pytest.mark.parametrize("command", [GUNICORN_ASGI, GUNICORN_WSGI], ids=["asgi", "wsgi"])
def test_a_worker_that_has_served_its_requests_pushes_before_it_is_replaced(
    command: list[str], otlp_sink: OtlpSink, tmp_path: Path
) -> None:
    """Gunicorn's max_requests ends a worker in its own way."""
    port = ports.free_port()
    with Server(
        under_instrument(*command, "--max-requests", "10", "--bind", f"{ports.LOOPBACK}:{port}"),
        output=tmp_path / "log",
        ready=lambda: ports.is_listening(port),
        env=pushing(otlp_sink.endpoint, **NEVER),
    ) as server:
        answers = ask_often(port, 10)
        wait.until(lambda: sum(answers.values()) == otlp_sink.total(METRIC), 30.0, "the push of the worker that ended")
        assert server.running, server.output
