"""Asking the Collector's binary: does it take a configuration, and what does it read it as."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DEADLINE_SECONDS = 60.0

Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None


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

    def read(self, files: Sequence[Path]) -> "Options | None":
        """Return what the configuration comes to, defaults included, valid or not; None where it can't be decoded.

        Raises:
            CollectorError: it cannot be run.
        """
        # Unredacted, or an empty secret would look like one that is set. What it tells stays in this process.
        ended = self._run("print-config", files, "--validate=false", "--mode=unredacted", "--format=json")
        return Options(json.loads(ended.stdout)) if ended.returncode == 0 else None

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


class Options:
    """A configuration as the Collector reads it. Durations are nanoseconds."""

    def __init__(self, tree: Json) -> None:
        self._tree = tree

    def get(self, *path: str) -> Json:
        """Return what stands at a path, None where nothing does."""
        found = self._tree
        for key in path:
            if not isinstance(found, Mapping):
                return None
            found = found.get(key)
        return found

    def text(self, *path: str) -> str:
        """Return the text at a path, empty where there is none."""
        found = self.get(*path)
        return found if isinstance(found, str) else ""

    def keys(self, *path: str) -> list[str]:
        """Return the names of what stands below a path."""
        found = self.get(*path)
        return list(found) if isinstance(found, Mapping) else []

    def names(self, *path: str) -> list[str]:
        """Return a list of texts at a path, empty where there is none."""
        found = self.get(*path)
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []

    def seconds(self, *path: str) -> float | None:
        """Return the duration at a path, None where there is none."""
        found = self.get(*path)
        return found / 1e9 if isinstance(found, int) and not isinstance(found, bool) else None
