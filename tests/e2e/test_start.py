"""Starting: what is refused, with which words and status, and what starts."""

import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.support import ports, wait
from tests.support.apps.counting import METRIC
from tests.support.instrumented import (
    ask_often,
    environment,
    listening_port_inodes,
    listens_on,
    pushing,
    under_instrument,
)
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server

APP = "tests.support.apps.counting:app"
STARTING = "tests.support.apps.starting:app"
STARTING_WSGI = "tests.support.apps.starting:wsgi"
NO_SALT = (
    "TECHSAPO_CLIENT_IP_SALT: got nothing; "
    "accepts 16 bytes or more, the same as the Collector's, or TECHSAPO_CLIENT_IP_SALT_FILE"
)
TO_THE_COLLECTOR = "for several processes run a Collector and set OTEL_EXPORTER_OTLP_ENDPOINT"


def embedded(page: int, **variables: str) -> dict[str, str]:
    """Return the environment of an application that serves its own page."""
    return environment(OTEL_EXPORTER_PROMETHEUS_PORT=str(page), **variables)


def page_of(port: int) -> str:
    """Return the embedded page."""
    with urllib.request.urlopen(f"http://{ports.LOOPBACK}:{port}/metrics", timeout=10.0) as answer:
        return str(answer.read().decode())


def refused(command: list[str], env: dict[str, str], log: Path) -> str:
    """Run what is refused: it ends with status 2 and one line, which is returned."""
    with Server(command, output=log, env=env, ready=None) as process:
        status = process.wait()
    lines = [line for line in process.output.splitlines() if line.startswith("techsapo-telemetry: ")]

    assert status == 2, process.output
    assert len(lines) == 1, process.output
    assert "Traceback" not in process.output
    return lines[0].removeprefix("techsapo-telemetry: ")


def test_a_page_needs_no_variable_and_is_there_with_the_server(tmp_path: Path) -> None:
    """Embedded mode is the default; it takes a random salt, and says so."""
    port, page = ports.free_port(), ports.free_port()
    with Server(
        under_instrument("uvicorn", APP, "--port", str(port)),
        output=tmp_path / "log",
        ready=lambda: ports.is_listening(port),
        env=embedded(page),
    ) as server:
        assert ports.is_listening(page), "the page is there before the first request"
        ask_often(port, 12)

        assert f'{METRIC}{{status="success",method="password"}} 12' in page_of(page)
        assert server.output.count("client_ip is bucketed with a random salt") == 1


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        (
            "OTEL_METRIC_EXPORT_INTERVAL",
            "soon",
            "OTEL_METRIC_EXPORT_INTERVAL: got 'soon'; accepts milliseconds from 10 to 3600000",
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://127.0.0.1:1",
            NO_SALT,
        ),
        (
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            "delta",
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: got 'delta'; accepts cumulative",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(variable: str, value: str, line: str, tmp_path: Path) -> None:
    """opentelemetry-instrument would swallow an exception: the process ends before the application is loaded."""
    command = under_instrument("uvicorn", APP, "--port", str(ports.free_port()))

    assert line == refused(command, environment(**{variable: value}), tmp_path / "log")


def test_a_wrong_setting_raises_in_code(tmp_path: Path) -> None:
    """telemetry.start() leaves it to the application what to do."""
    command = ["python", "-m", "tests.support.apps.script", "start"]
    env = environment(OTEL_METRIC_EXPORT_INTERVAL="soon")
    with Server(command, output=tmp_path / "log", env=env, ready=None) as process:
        assert process.wait() == 1

    assert "SettingsError: OTEL_METRIC_EXPORT_INTERVAL: got 'soon'" in process.output


@pytest.mark.parametrize(
    ("command", "variables", "servers"),
    [
        (["uvicorn", APP, "--workers", "2", "--port"], {}, "2 workers of uvicorn"),
        (["uvicorn", APP, "--port"], {"WEB_CONCURRENCY": "3"}, "3 workers of uvicorn"),
        (["gunicorn", "tests.support.apps.counting:wsgi", "-w", "4", "--bind"], {}, "4 workers of gunicorn"),
        (
            ["gunicorn", "tests.support.apps.counting:wsgi", "--bind"],
            {"GUNICORN_CMD_ARGS": "--workers=2 --preload"},
            "2 workers of gunicorn",
        ),
    ],
    ids=["uvicorn", "uvicorn by variable", "gunicorn", "gunicorn by variable"],
)
def test_a_page_for_several_workers_is_refused_in_the_supervisor(
    command: list[str], variables: dict[str, str], servers: str, tmp_path: Path
) -> None:
    """A worker that ended for it would be started again, for ever."""
    port = ports.free_port()
    bind = str(port) if command[0] == "uvicorn" else f"{ports.LOOPBACK}:{port}"
    line = refused(under_instrument(*command, bind), embedded(ports.free_port(), **variables), tmp_path / "log")

    expected = f"got the embedded page with {servers}; accepts the page in one process; {TO_THE_COLLECTOR}"
    assert f"OTEL_METRICS_EXPORTER: {expected}" == line


@pytest.mark.parametrize(
    "command",
    [["uvicorn", STARTING, "--workers", "2", "--port"], ["gunicorn", STARTING_WSGI, "-w", "2", "--bind"]],
    ids=["uvicorn", "gunicorn"],
)
def test_a_page_for_several_workers_that_start_it_in_code_ends_the_server(command: list[str], tmp_path: Path) -> None:
    """The supervisor has not loaded the application: its workers raise, and it must not start them again for ever."""
    port = ports.free_port()
    bind = str(port) if command[0] == "uvicorn" else f"{ports.LOOPBACK}:{port}"
    with Server([*command, bind], output=tmp_path / "log", env=embedded(ports.free_port()), ready=None) as server:
        server.wait()

    expected = f"SettingsError: OTEL_METRICS_EXPORTER: got the embedded page with 2 workers of {command[0]}; accepts "
    # uvicorn may look for dead workers once more before it looks at signals.
    assert 1 <= server.output.count(expected) <= 4, server.output


@pytest.mark.parametrize(
    "command",
    [
        ["uvicorn", APP, "--port"],
        ["gunicorn", APP, "-k", "uvicorn_worker.UvicornWorker", "--bind"],
    ],
    ids=["uvicorn", "gunicorn"],
)
@pytest.mark.parametrize("exporter", ["techsapo", "prometheus"])
def test_a_page_whose_port_is_taken_stops_the_start(command: list[str], exporter: str, tmp_path: Path) -> None:
    """The second one to start is told what to do instead; the server's own port is never opened."""
    port = ports.free_port()
    bind = str(port) if command[0] == "uvicorn" else f"{ports.LOOPBACK}:{port}"
    with socket.socket() as taker:
        taker.bind((ports.LOOPBACK, 0))
        taker.listen()
        page = taker.getsockname()[1]
        env = embedded(page, OTEL_METRICS_EXPORTER=exporter)
        line = refused(under_instrument(*command, bind), env, tmp_path / "log")

    assert line.startswith(f"OTEL_EXPORTER_PROMETHEUS_PORT: got {page}, where 127.0.0.1 cannot be listened on (")
    assert line.endswith(f"accepts a free port: the page is for one process; {TO_THE_COLLECTOR}")


def test_a_page_whose_port_is_taken_raises_in_code(tmp_path: Path) -> None:
    """telemetry.start() leaves it to the application."""
    with socket.socket() as taker:
        taker.bind((ports.LOOPBACK, 0))
        taker.listen()
        command = ["python", "-m", "tests.support.apps.script", "start"]
        env = embedded(taker.getsockname()[1])
        with Server(command, output=tmp_path / "log", env=env, ready=None) as process:
            assert process.wait() == 1

    assert "SettingsError: OTEL_EXPORTER_PROMETHEUS_PORT: got " in process.output
    assert "counted" not in process.output


def test_a_worker_that_replaces_another_gets_the_page_when_it_is_free(tmp_path: Path) -> None:
    """Gunicorn starts the new worker of a reload before it ends the old one: nothing may end for that."""
    port, page = ports.free_port(), ports.free_port()
    with Server(
        under_instrument("gunicorn", APP, "-k", "uvicorn_worker.UvicornWorker", "--bind", f"{ports.LOOPBACK}:{port}"),
        output=tmp_path / "log",
        ready=lambda: ports.is_listening(port) and ports.is_listening(page),
        env=embedded(page),
    ) as server:
        (old,) = ask_often(port, 5)
        server.signal(signal.SIGHUP)
        wait.until(lambda: not Path(f"/proc/{old}").exists(), 30.0, "the old worker's end")
        wait.until(lambda: ports.is_listening(page), 30.0, "the new worker's page")
        (new,) = ask_often(port, 7)

        assert old != new
        assert "techsapo-telemetry:" not in server.output, "no worker was refused on the way"
        assert f'{METRIC}{{status="success",method="password"}} 7' in page_of(page)
        assert listens_on(int(new), listening_port_inodes(page))
        assert not listens_on(server.pid, listening_port_inodes(page))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_child_that_is_no_server_has_no_page_and_says_so_once(method: str, tmp_path: Path) -> None:
    """Its figures are not seen in embedded mode; it works on."""
    page = ports.free_port()
    command = under_instrument("python", "-m", "tests.support.apps.multiprocess", method)
    with Server(command, output=tmp_path / "log", env=embedded(page), ready=None) as script:
        assert script.wait() == 0, script.output

    assert script.output.count("This process has no page") == 3, script.output


def test_a_disabled_sdk_does_nothing(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """OTEL_SDK_DISABLED=true: no page, no push, no thread; the application does not notice."""
    env = pushing(otlp_sink.endpoint, OTEL_SDK_DISABLED="true", OTEL_METRICS_EXPORTER="otlp,techsapo")
    command = ["python", "-m", "tests.support.apps.script", "start"]
    with Server(command, output=tmp_path / "log", env=env, ready=None) as script:
        assert script.wait() == 0, script.output

    assert script.output == "counted\n"
    assert otlp_sink.arrivals == 0


def test_console_and_stock_prometheus_are_fed_by_our_provider(tmp_path: Path) -> None:
    """The standard exporters keep their standard meaning; the stock page has the contract's labels and no others."""
    page = ports.free_port()
    env = embedded(page, OTEL_METRICS_EXPORTER="console,prometheus")
    with Server(
        [*under_instrument("python", "-m"), "tests.support.apps.script", "wait"],
        output=tmp_path / "log",
        env=env,
        ready=lambda: ports.is_listening(page),
    ) as script:
        wait.until(lambda: f'"name": "{METRIC}"' in script.output, 30.0, "the console's output")
        seen = page_of(page)

    assert f'{METRIC}{{method="password",status="success"}} 3.0' in seen
    assert "otel_scope" not in seen
    assert "target_info" not in seen


def test_another_meter_provider_is_told(tmp_path: Path) -> None:
    """Two distributions in one process: the first provider counts, so ours says that it is not the one."""
    code = (
        "from opentelemetry import metrics; from opentelemetry.sdk.metrics import MeterProvider;"
        "metrics.set_meter_provider(MeterProvider()); import telemetry; telemetry.start()"
    )
    env = embedded(ports.free_port())
    with Server(["python", "-c", code], output=tmp_path / "log", env=env, ready=None) as process:
        assert process.wait() == 1

    expected = (
        "SettingsError: the telemetry: got opentelemetry.sdk.metrics._internal.MeterProvider, set before it; "
        "accepts no other meter provider: OTEL_PYTHON_DISTRO=techsapo names ours"
    )
    assert expected in process.output
