"""`techsapo-telemetry demo` as a process: what it prints, and what it starts."""

import contextlib
import os
import re
import subprocess
import sysconfig
from pathlib import Path

import psutil

from tests.support import wait

COMMAND = Path(sysconfig.get_path("scripts")) / "techsapo-telemetry"


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

    def child(self, program: str) -> psutil.Process:
        """Return the running process with this word in its command line."""
        self.look()
        running = [child for child in self.children if child.is_running()]
        (found,) = [child for child in running if program in Path(child.cmdline()[0]).name]
        return found

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

    def kill(self) -> None:
        """End what is left of it: by SIGTERM, which it answers by stopping everything, and by SIGKILL."""
        self.look()
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(psutil.TimeoutExpired):
                self.process.wait(20)
        for process in (*self.children, self.process):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
