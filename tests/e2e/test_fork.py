"""Several processes: each tells what it counted, once, under an id and over a connection of its own."""

import os
import signal
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.support import ports, wait
from tests.support.apps.counting import METRIC
from tests.support.apps.multiprocess import CHILDREN, EACH, PARENT
from tests.support.instrumented import ask_often, children_of, pushing, threads_of, under_instrument
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server

APP = "tests.support.apps.counting:app"
WSGI = "tests.support.apps.counting:wsgi"
REQUESTS = 200


def instances_by_connection(sink: OtlpSink) -> dict[int, set[str]]:
    """Return which processes spoke over each connection."""
    found: dict[int, set[str]] = defaultdict(set)
    for request in sink.accepted:
        assert request.message is not None
        for resource in request.message.resource_metrics:
            found[request.connection] |= {
                attribute.value.string_value
                for attribute in resource.resource.attributes
                if attribute.key == "service.instance.id"
            }
    return found


def counting_instances(sink: OtlpSink) -> set[str]:
    """Return the processes that counted anything."""
    return {key.instance for key in sink.points(METRIC)}


UVICORN = ["uvicorn", APP, "--workers", "4", "--log-level", "warning"]
GUNICORN_ASGI = ["gunicorn", APP, "-w", "3", "-k", "uvicorn_worker.UvicornWorker"]
GUNICORN_WSGI = ["gunicorn", WSGI, "-w", "3"]


def serving(command: list[str], port: int, sink: OtlpSink, log: Path, **variables: str) -> Server:
    """Return a server, not started, that pushes to the sink."""
    bind = ["--port", str(port)] if command[0] == "uvicorn" else ["--bind", f"{ports.LOOPBACK}:{port}"]
    return Server(
        under_instrument(*command, *bind),
        output=log,
        ready=lambda: ports.is_listening(port),
        env=pushing(sink.endpoint, **variables),
        deadline=60.0,
        grace=20.0,
    )


@pytest.mark.parametrize(
    "command",
    [UVICORN, GUNICORN_ASGI, [*GUNICORN_ASGI, "--preload"], GUNICORN_WSGI, [*GUNICORN_WSGI, "--preload"]],
    ids=["uvicorn", "gunicorn-asgi", "gunicorn-asgi-preload", "gunicorn-wsgi", "gunicorn-wsgi-preload"],
)
def test_workers_count_every_request_once_before_and_after_a_restart(
    command: list[str], otlp_sink: OtlpSink, tmp_path: Path
) -> None:
    """The sum over the processes is what was sent, although a worker was ended and replaced in between."""
    port, answers = ports.free_port(), Counter[str]()

    def ask_until_a_new_worker_answers() -> bool:
        known = set(answers)
        answers.update(ask_often(port, 20))
        return bool(set(answers) - known)

    # No push at an interval comes in time: only what is pushed at the exits can make the sum.
    with serving(command, port, otlp_sink, tmp_path / "log", OTEL_METRIC_EXPORT_INTERVAL="3600000") as server:
        answers.update(ask_often(port, REQUESTS))
        ended, its_answers = answers.most_common(1)[0]
        os.kill(int(ended), signal.SIGTERM)
        wait.until(lambda: not Path(f"/proc/{ended}").exists(), 20.0, "the worker's end")
        assert its_answers == otlp_sink.total(METRIC), server.output

        wait.until(ask_until_a_new_worker_answers, 60.0, "an answer of the worker that replaces it")
        answers.update(ask_often(port, REQUESTS))
        server.stop()

    assert server.process.returncode in {0, -signal.SIGTERM}
    assert sum(answers.values()) == otlp_sink.total(METRIC)
    assert len(answers) == len(counting_instances(otlp_sink))
    assert {1} == {len(instances) for instances in instances_by_connection(otlp_sink).values()}


@pytest.mark.parametrize(
    "arguments", [["fork"], ["spawn"], ["forkserver"], ["fork", "pool"], ["spawn", "pool"]], ids=" ".join
)
def test_children_of_multiprocessing_tell_what_they_counted(
    arguments: list[str], otlp_sink: OtlpSink, tmp_path: Path
) -> None:
    """Their exit skips atexit; what the parent had counted before they came is told once, by the parent."""
    command = under_instrument("python", "-m", "tests.support.apps.multiprocess", *arguments)
    env = pushing(otlp_sink.endpoint, OTEL_METRIC_EXPORT_INTERVAL="3600000")
    with Server(command, output=tmp_path / "log", env=env, ready=None) as script:
        assert script.wait(60.0) == 0, script.output

    points = otlp_sink.points(METRIC)
    by_instance = {key.instance: point.value for key, point in points.items()}
    if "pool" not in arguments:  # a pool's workers share the tasks as they like
        assert sorted([PARENT, *[EACH] * CHILDREN]) == sorted(by_instance.values()), script.output
    assert PARENT + CHILDREN * EACH == otlp_sink.total(METRIC), script.output
    assert {1} == {len(instances) for instances in instances_by_connection(otlp_sink).values()}


def test_a_fork_while_a_push_hangs_neither_hangs_nor_mutes_the_child(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """The child begins from zero with a connection of its own; parent and child are complete in the end."""
    otlp_sink.hang()
    command = under_instrument("python", "-m", "tests.support.apps.forks_while_exporting")
    env = pushing(otlp_sink.endpoint, OTEL_METRIC_EXPORT_INTERVAL="100")
    with Server(command, output=tmp_path / "log", env=env, ready=None) as script:
        wait.until(lambda: otlp_sink.arrivals, 30.0, "a push that hangs")
        script.signal(signal.SIGUSR1)
        wait.until(lambda: "forked" in script.output, 30.0, "the fork")
        wait.until(lambda: otlp_sink.arrivals >= 2, 30.0, "a push of the child")
        otlp_sink.behave()
        assert script.wait(30.0) == 0, script.output

    assert sorted([2 + 4, 3]) == sorted(point.value for point in otlp_sink.points(METRIC).values()), script.output


def test_a_supervisor_and_multiprocessings_tracker_have_neither_port_nor_thread(
    otlp_sink: OtlpSink, tmp_path: Path
) -> None:
    """They are configured as every Python process is, and nothing begins in them."""
    port = ports.free_port()
    with serving(UVICORN, port, otlp_sink, tmp_path / "log", OTEL_METRIC_EXPORT_INTERVAL="100") as server:
        ask_often(port, REQUESTS)
        wait.until(lambda: len(otlp_sink.instances()) >= 4, 30.0, "pushes of all workers")
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in children_of(server.pid)}
        trackers = [pid for pid, command in commands.items() if "resource_tracker" in command]

        assert len(commands) - len(trackers) == 4
        assert [1] * (1 + len(trackers)) == [threads_of(pid) for pid in [server.pid, *trackers]]
    assert len(otlp_sink.instances()) == 4, "only workers push"
