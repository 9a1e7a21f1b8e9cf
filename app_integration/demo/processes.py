"""Processes that the demo starts: ready by a deadline, and always stopped."""

import asyncio
import contextlib
import os
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

LOOPBACK = "127.0.0.1"

_OURS = ("OTEL_", "TECHSAPO_", "REFERENCE_APP_")
_POLL_SECONDS = 0.05
_GRACE_SECONDS = 10.0


class DemoError(Exception):
    """A part of the demo did not start in time, or ended before its end; one line."""


class Interrupted(Exception):  # noqa: N818  # it is no error: somebody asked the demo to stop
    """The demo was asked to stop before the traffic began."""


class Child:
    """A started process of its own process group, so that a Ctrl-C reaches only the demo, which stops it in turn."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.status is None

    @property
    def status(self) -> int | None:
        """The exit status, None while it is running."""
        return self._process.returncode

    @property
    def said(self) -> str:
        """The last line of its output that says something."""
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return next((line.strip() for line in reversed(lines) if line.strip()), "nothing")

    def ended(self) -> DemoError:
        """Return the error for a process that should still run."""
        return DemoError(f"{self.name} ended with status {self.status}; it said: {self.said}")

    async def wait(self) -> int:
        """Wait until it has ended by itself and return its exit status."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End it: SIGTERM, and after the grace SIGKILL to the whole group."""
        with contextlib.suppress(ProcessLookupError, TimeoutError):
            if self.running:
                self._process.terminate()
                await asyncio.wait_for(self._process.wait(), _GRACE_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()


@asynccontextmanager
async def started(
    name: str,
    command: Sequence[str | Path],
    log: Path,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> AsyncIterator[Child]:
    """Start a process, in a working directory if one is given, and stop it at the end, whatever happens in between."""
    with log.open("ab") as sink:
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sink,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
            cwd=directory,
            start_new_session=True,
        )
    child = Child(name, process, log)
    try:
        yield child
    finally:
        await child.stop()


async def until_ready(
    child: Child, ready: Callable[[], Awaitable[bool]], deadline: float, stopping: asyncio.Event
) -> None:
    """Wait until `ready`, at most `deadline` seconds.

    Raises:
        DemoError: the process ended first, or the deadline passed.
        Interrupted: the demo was asked to stop.
    """
    end = asyncio.get_running_loop().time() + deadline
    while not await ready():
        if stopping.is_set():
            raise Interrupted
        if not child.running:
            raise child.ended()
        if asyncio.get_running_loop().time() > end:
            msg = f"{child.name} was not ready within {deadline:g} s; it said: {child.said}"
            raise DemoError(msg)
        await asyncio.sleep(_POLL_SECONDS)


def environment_of_ours(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with these variables for ours: the user's, meant for other programs, don't lead astray."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    # What stays on this machine needs no proxy; programs read either spelling.
    direct = {name: ",".join(filter(None, (inherited.get(name), LOOPBACK))) for name in ("NO_PROXY", "no_proxy")}
    return {**inherited, **direct, **variables}


async def is_listening(port: int) -> bool:
    """Tell whether a connection to a port on loopback is accepted now."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True


def free_ports(number: int) -> list[int]:
    """Return ports on loopback that nobody listens on."""
    with contextlib.ExitStack() as open_:
        probes = [open_.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@asynccontextmanager
async def temporary_directory() -> AsyncIterator[Path]:
    """A directory for data and logs that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="techsapo-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)
