"""`techsapo-telemetry demo` as it is run: real traffic, exact figures, and nothing left behind."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import NO_MARIADB, NO_REDIS
from tests.support import mariadb_server, redis_server, wait

COMMAND = Path(sysconfig.get_path("scripts")) / "techsapo-telemetry"
SOURCES = {"the traffic", "Redis", "MariaDB"}

pytestmark = [
    pytest.mark.skipif(not redis_server.installed(), reason=NO_REDIS),
    pytest.mark.skipif(mariadb_server.missing() is not None, reason=NO_MARIADB),
]


class Demo:
    """A running demo: what it prints, and every process that it ever had."""

    def __init__(self, directory: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.directory = directory
        self._out, self._err = directory / "stdout", directory / "stderr"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            # TMPDIR, as the demo's own directory is to be gone at the end.
            variables = {**os.environ, "TMPDIR": str(directory), **(environment or {})}
            self.process = psutil.Popen(
                [str(COMMAND), "demo", *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=variables
            )
        self.children: set[psutil.Process] = set()

    @property
    def output(self) -> str:
        """Standard output so far."""
        return self._out.read_text()

    @property
    def errors(self) -> str:
        """Standard error so far."""
        return self._err.read_text()

    def until(self, text: str) -> re.Match[str]:
        """Wait until something is printed on either stream."""

        def printed() -> re.Match[str] | None:
            self.look()
            found = re.search(text, self.output + self.errors)
            assert found or self.process.poll() is None, self.output + self.errors
            return found

        found = wait.until(printed, 90, f"{text!r} in the output")
        assert found is not None
        return found

    def look(self) -> None:
        """Remember the processes that there are."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.children.update(self.process.children(recursive=True))

    def left(self) -> list[psutil.Process]:
        """Return the processes that are there still. What nobody has asked for its exit status is not."""
        found = []
        for child in self.children:
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.status() != psutil.STATUS_ZOMBIE:
                    found.append(child)
        return found

    def end(self) -> int:
        """Wait for the end, and see that nothing is left: no process, no file."""
        status: list[int] = []

        def ended() -> bool:
            self.look()
            code = self.process.poll()
            if code is not None:
                status.append(code)
            return bool(status)

        wait.until(ended, 90, "the end of the demo")
        wait.until(lambda: not self.left(), 5, "the end of every process")
        assert [] == list(self.directory.glob("techsapo-demo-*"))
        return status[0]


@pytest.fixture
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short path: a server's socket must fit into the 108 bytes of its address."""
    return tmp_path_factory.mktemp("d")


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    """Demos that are ended with the test, whatever becomes of it."""
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.look()
        if demo.process.poll() is None:
            demo.process.terminate()
            with contextlib.suppress(psutil.TimeoutExpired):
                demo.process.wait(20)
        for process in (*demo.children, demo.process):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


@pytest.mark.parametrize("mode", ["embedded", "otlp"])
def test_what_is_counted_is_what_was_sent(mode: str, directory: Path, demos: list[Demo]) -> None:
    """Client, Redis and MariaDB each confirm the figures, whether these are scraped or pushed."""
    demos.append(demo := Demo(directory, "--seconds", "6", "--mode", mode, "--json"))
    demo.until("traffic begins")
    status = demo.end()
    told = json.loads(demo.output)
    assert ([], []) == ([row for row in told["comparison"] if not row["equal"]], told["unknown"])
    assert (0, True, mode, []) == (status, told["equal"], told["mode"], told["notes"])
    assert SOURCES == {row["source"] for row in told["comparison"]}
    assert told["requests"] > 100
    # Each of these kinds of exchange was among them: a comparison of nothing shows nothing.
    happened = {row["series"] for row in told["comparison"] if row["counted"] > 0}
    expected = {
        *("POST /analyses 201", "POST /analyses 409", "POST /analyses 429", "POST /analyses 422"),
        *("GET /analyses/{analysis_id} 200", "GET /analyses/{analysis_id} 404", "GET /fault 500"),
        *("GET /analyses/{analysis_id}/stream 200", "GET unmatched 404", "DELETE /history 405", "websocket"),
        *("redis hit", "redis miss", "FaultError error api", "DuplicateAnalysisError warning history"),
        *("GET success", "SET success", "EXPIRE success", "select", "insert", "transaction", "ddl"),
    }
    assert set() == expected - happened
    assert happened & {f"/analyses v{family}-{bucket:02x}" for family in (4, 6) for bucket in range(256)}


def test_a_request_that_the_traffic_did_not_send_is_found(directory: Path, demos: list[Demo]) -> None:
    """One request among hundreds makes the demo fail, and the table shows where."""
    demos.append(demo := Demo(directory, "--seconds", "5"))
    address = demo.until(r"app +(http://\S+)").group(1)
    assert 200 == httpx.get(f"{address}/history").status_code
    assert 1 == demo.end()
    assert re.search(r"GET /history 200 +\d+ +\d+ +differs", demo.output)
    assert re.search(r"\d+ of \d+ series differ\.", demo.output)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_demo_with_its_summary(number: signal.Signals, directory: Path, demos: list[Demo]) -> None:
    """Ctrl-C, and whoever stops it otherwise, gets the comparison of what was sent until then."""
    demos.append(demo := Demo(directory))
    demo.until(r"[1-9]\d* requests")
    demo.process.send_signal(number)
    assert 0 == demo.end()
    assert "all that was sent was counted, once" in demo.output
    assert "" == demo.errors


def test_a_signal_during_the_set_up_leaves_nothing_behind(directory: Path, demos: list[Demo]) -> None:
    """Before the traffic there is nothing to compare."""
    demos.append(demo := Demo(directory))
    demo.until("MariaDB")
    demo.process.send_signal(signal.SIGINT)
    assert 130 == demo.end()
    assert "stopped before the traffic began" in demo.output


def test_without_servers_it_runs_in_memory_and_says_so(directory: Path, demos: list[Demo]) -> None:
    """Nothing but Python is needed; what would install the rest is told."""
    nothing = {"PATH": str(directory)}
    demos.append(demo := Demo(directory, "--seconds", "3", environment=nothing))
    assert (0, "") == (demo.end(), demo.errors)
    unwrapped = " ".join(demo.output.split())
    for package, kept in (("redis-server", "cache and rate limits are"), ("mariadb-server", "the history is")):
        # Before the traffic and with the summary.
        assert 2 == unwrapped.count(f"(apt-get install {package}): {kept} in memory.")
    assert "as Redis counts it" not in demo.output
    assert "techsapo_cache_requests_total" in demo.output


def test_an_application_that_dies_ends_the_demo(directory: Path, demos: list[Demo]) -> None:
    """It says in one line what happened, and does not wait for the time that was asked for."""
    demos.append(demo := Demo(directory, "--seconds", "60"))
    demo.until(r"[1-9]\d* requests")
    (app,) = [child for child in demo.children if child.is_running() and "uvicorn" in " ".join(child.cmdline())]
    app.kill()
    assert 2 == demo.end()
    assert re.fullmatch(r"techsapo-telemetry: demo: the reference app ended with status -9;.*\n", demo.errors)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--mode", "collector"), "demo: there is no mode 'collector'; there is embedded and otlp"),
        (("--seconds", "0"), "'0' is not a number above 0"),
        (("--rate", "5000"), "at most 1000 requests a second"),
    ],
)
def test_a_wrong_argument_is_told_in_a_sentence(arguments: tuple[str, str], said: str, directory: Path) -> None:
    """The exit status is 2, nothing is started, and the sentence says what would be right."""
    demo = Demo(directory, *arguments)
    assert 2 == demo.end()
    assert demo.errors.splitlines()[-1].endswith(said)
    assert ("", set()) == (demo.output, demo.children)
