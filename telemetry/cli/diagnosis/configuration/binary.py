"""Asking the Collector's binary: does it take a configuration, and what does it read it as."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from telemetry.cli.diagnosis.tree import Tree

DEADLINE_SECONDS = 60.0


class CollectorError(Exception):
    """The binary could not be asked; the message is one line."""


@dataclass(frozen=True, slots=True)
class CollectorBinary:
    """A Collector's binary, and the folder that it is started in: paths in a configuration are relative to it."""

    path: Path
    folder: Path

    def validate(self, files: Sequence[Path]) -> str:
        """Return what it says against the configuration, empty where it takes it.

        Raises:
            CollectorError: it cannot be run, or is no Collector.
        """
        ended = self._run("validate", files)
        if ended.returncode == 0:
            return ""
        if not ended.stderr.startswith("Error: "):
            raise CollectorError(f"{self.path} validate ended with status {ended.returncode} and told no error")
        return ended.stderr

    def read(self, files: Sequence[Path]) -> Tree | None:
        """Return what the configuration comes to, defaults included, valid or not; None where it can't be decoded.

        Durations are nanoseconds.

        Raises:
            CollectorError: it cannot be run.
        """
        # Unredacted, or an empty secret would look like one that is set. What it tells stays in this process.
        ended = self._run("print-config", files, "--validate=false", "--mode=unredacted", "--format=json")
        return Tree(json.loads(ended.stdout)) if ended.returncode == 0 else None

    def _run(self, command: str, files: Sequence[Path], *options: str) -> subprocess.CompletedProcess[str]:
        configs = [part for file in files for part in ("--config", str(file.absolute()))]
        try:
            return subprocess.run(  # noqa: S603  # the binary that a user named
                [self.path.absolute(), command, *configs, *options],
                cwd=self.folder,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=DEADLINE_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            raise CollectorError(f"{self.path} did not end within {DEADLINE_SECONDS:g} s") from None
        except OSError as error:
            raise CollectorError(f"{self.path} cannot be run ({error.strerror})") from None
