"""A control group of the demo's own, whose memory has a limit, and something that fills it beside the application.

Sources: the kernel's documentation of cgroup v2 (cgroup.subtree_control, memory.max) and v1 (memory.limit_in_bytes).
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from app_integration.demo.processes import DemoError, environment_of_ours, started

_MOUNT: Final = Path("/sys/fs/cgroup")
# The application has a third of it.
_LIMIT_BYTES: Final = 512 * 1024 * 1024
# Above the alert's nine tenths, and far enough below the limit for what the application takes by itself.
_SHARE: Final = 0.95
_GONE_SECONDS: Final = 5.0


class MemoryGroup:
    """A control group, in the directory that the kernel shows it as."""

    def __init__(self, directory: Path, log: Path) -> None:
        self._directory = directory
        self._log = log
        self._filling = AsyncExitStack()

    def within(self, command: Sequence[str | Path]) -> list[str | Path]:
        """Return a command as it is started within the group: the shell joins, and becomes the program."""
        return ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', self._directory / "cgroup.procs", *command]

    async def fill(self) -> None:
        """Have a process of its own, a leak beside the application, take almost all that is left, and keep it."""
        command = self.within([sys.executable, "-m", "app_integration.demo.ballast", str(_SHARE)])
        await self._filling.enter_async_context(
            started("what fills the memory", command, self._log, environment_of_ours({}))
        )

    async def relieve(self) -> None:
        """End that process."""
        await self._filling.aclose()

    async def remove(self) -> None:
        """Remove the group, once its processes are gone."""
        await self.relieve()
        end = asyncio.get_running_loop().time() + _GONE_SECONDS
        while self._directory.exists() and asyncio.get_running_loop().time() < end:
            with contextlib.suppress(OSError):
                self._directory.rmdir()
                return
            await asyncio.sleep(0.05)


def missing(mount: Path = _MOUNT) -> str | None:
    """Return why no group can be made here; None where one can."""
    try:
        directory = _made(mount, "try")
    except DemoError as error:
        return str(error)
    directory.rmdir()
    return None


@asynccontextmanager
async def running(log: Path, mount: Path = _MOUNT) -> AsyncIterator[MemoryGroup]:
    """Make a group of 512 MiB, and remove it at the end. Raises DemoError: none can be made here."""
    group = MemoryGroup(_made(mount, "demo"), log)
    try:
        yield group
    finally:
        await group.remove()


def _made(mount: Path, name: str) -> Path:
    parent, limit = _controller(mount)
    directory = parent / f"techsapo-{name}-{os.getpid()}"
    try:
        directory.mkdir()
        (directory / limit).write_text(str(_LIMIT_BYTES))
    except OSError as error:
        with contextlib.suppress(OSError):
            directory.rmdir()
        msg = f"no control group for its memory can be made ({error.strerror}: {directory}): that needs root"
        raise DemoError(msg) from error
    return directory


def _controller(mount: Path) -> tuple[Path, str]:
    """Return where groups with a limit of memory are made, and the file of the limit."""
    with contextlib.suppress(OSError):
        if "memory" in (mount / "cgroup.subtree_control").read_text().split():
            return mount, "memory.max"
    if (mount / "memory" / "memory.limit_in_bytes").exists():
        return mount / "memory", "memory.limit_in_bytes"
    msg = f"no control group for its memory can be made: {mount} has no memory controller for groups of one's own"
    raise DemoError(msg)
