"""Started processes that become ready by a deadline and are always stopped."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support import wait

TAIL_CHARACTERS = 4000


class ServerError(Exception):
    """A process ended before it was ready, or was not ready in time. The message ends with its output."""


class Server:
    """A process of its own process group, with its output (both streams) in a file.

    `ready` tells whether it serves (None: there is nothing to wait for). `deadline` (seconds) bounds the start, `grace`
    (seconds) the stop: SIGTERM to the process, and SIGKILL to the whole group for whatever is left when it has ended or
    `grace` has passed. `env` replaces the environment. A server that was stopped or killed can be started again.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        output: Path,
        ready: Callable[[], object] | None = None,
        deadline: float = 30.0,
        grace: float = 10.0,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.command = [str(part) for part in command]
        self.output_path = output
        self.ready = ready
        self.deadline = deadline
        self.grace = grace
        self.env = env
        self.cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that was started last."""
        if self._process is None:
            message = f"{self.command[0]} was never started"
            raise ServerError(message)
        return self._process

    @property
    def pid(self) -> int:
        """The process id; it is the id of the process group too."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether the process has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def output(self) -> str:
        """What the process has printed so far, over all its starts."""
        return self.output_path.read_text(errors="replace") if self.output_path.exists() else ""

    def start(self) -> Self:
        """Start the process and wait until it is ready.

        Raises:
            ServerError: it ended first, or the deadline passed; it is stopped then.
        """
        if self.running:
            message = f"{self.command[0]} is running already, as process {self.pid}"
            raise ServerError(message)
        with self.output_path.open("ab") as sink:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=self.env,
                cwd=self.cwd,
                start_new_session=True,
            )
        process, ready = self._process, self.ready
        if ready is None:
            return self
        try:
            wait.until(lambda: process.poll() is not None or ready(), self.deadline, f"the start of {self.command[0]}")
        except TimeoutError as late:
            self.stop(grace=0)
            raise ServerError(f"{late}{self._tail()}") from None
        except BaseException:
            self.stop(grace=0)
            raise
        code = process.poll()
        if code is not None:
            self._kill_group()
            raise ServerError(f"{self.command} ended with {code}{self._tail()}")
        return self

    def wait(self, deadline: float = 30.0) -> int:
        """Wait until the process ends by itself and return its exit status (negative: the signal)."""
        try:
            return self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{self.command} still runs after {deadline:g} s{self._tail()}") from None

    def signal(self, number: signal.Signals) -> None:
        """Send one signal to the process, not to its children."""
        self.process.send_signal(number)

    def pause(self) -> None:
        """Stop the whole group where it stands (SIGSTOP): a server that hangs."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused group go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Kill the whole group at once: a server that crashed."""
        self.stop(grace=0)

    def stop(self, grace: float | None = None) -> int | None:
        """End the process, then its whole group, and return the exit status; nothing where it was never started."""
        if self._process is None:
            return None
        grace = self.grace if grace is None else grace
        if self.running and grace > 0:
            self._process.terminate()
            with contextlib.suppress(ProcessLookupError, PermissionError):
                self.resume()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
        self._kill_group()
        return self._process.wait(10.0)

    def _tail(self) -> str:
        return f"; its output ends with:\n{self.output[-TAIL_CHARACTERS:]}"

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self if self.running else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
