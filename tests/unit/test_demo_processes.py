"""What the demo starts is ready by a deadline or told of in a line, and ends with it."""

import asyncio
from pathlib import Path

import psutil
import pytest

from app_integration.demo.processes import (
    LOOPBACK,
    DemoError,
    Interrupted,
    free_ports,
    is_listening,
    started,
    until_ready,
)
from tests.support import wait


async def never() -> bool:
    """Be a condition that does not come about."""
    return False


def gone(pid: int) -> bool:
    """Tell whether a process has ended, its exit status asked for or not."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_what_a_process_has_started_ends_with_it(tmp_path: Path) -> None:
    """A server's own children are not left behind, also where they don't heed SIGTERM."""
    log = tmp_path / "log"
    script = "trap '' TERM; sleep 600 & echo $!; trap - TERM; exec sleep 600"

    async def run() -> int:
        async with started("a family", ["sh", "-c", script], log) as child:

            async def told() -> bool:
                return log.read_text().endswith("\n")

            await until_ready(child, told, 10, asyncio.Event())
            return int(log.read_text())

    grandchild = asyncio.run(run())
    wait.until(lambda: gone(grandchild), 5, "the end of the grandchild")


def test_a_process_ends_with_an_error_of_what_is_around_it(tmp_path: Path) -> None:
    """Whatever goes wrong, nothing is left."""
    pids: list[int] = []

    async def run() -> None:
        async with started("a sleeper", ["sh", "-c", "echo $$; exec sleep 600"], tmp_path / "log") as child:

            async def told() -> bool:
                return child.said != "nothing"

            await until_ready(child, told, 10, asyncio.Event())
            pids.append(int(child.said))
            raise KeyError(child.name)

    with pytest.raises(KeyError):
        asyncio.run(run())
    assert gone(pids[0])


@pytest.mark.parametrize(
    ("script", "deadline", "said"),
    [
        ("echo no port left; exit 3", 10.0, "a server ended with status 3; it said: no port left"),
        ("echo wait; exec sleep 600", 0.3, "a server was not ready within 0.3 s; it said: wait"),
        ("exec sleep 600", 0.1, "a server was not ready within 0.1 s; it said: nothing"),
    ],
)
def test_a_server_that_does_not_start_is_told_in_a_line(
    script: str, deadline: float, said: str, tmp_path: Path
) -> None:
    """With the last thing that it said itself."""

    async def run() -> None:
        async with started("a server", ["sh", "-c", script], tmp_path / "log") as child:
            await until_ready(child, never, deadline, asyncio.Event())

    with pytest.raises(DemoError) as raised:
        asyncio.run(run())
    assert said == str(raised.value)


def test_waiting_ends_when_the_demo_is_to_stop(tmp_path: Path) -> None:
    """Ctrl-C does not wait for a deadline."""

    async def run() -> None:
        stopping = asyncio.Event()
        async with started("a server", ["sleep", "600"], tmp_path / "log") as child:
            asyncio.get_running_loop().call_later(0.05, stopping.set)
            await until_ready(child, never, 60, stopping)

    with pytest.raises(Interrupted):
        asyncio.run(run())


def test_ports_are_free_and_different() -> None:
    """Nobody listens on them, until somebody does."""

    async def run() -> tuple[bool, bool]:
        port, other = free_ports(2)
        assert port != other
        before = await is_listening(port)
        async with await asyncio.start_server(lambda _, writer: writer.close(), LOOPBACK, port):
            return before, await is_listening(port)

    assert (False, True) == asyncio.run(run())
