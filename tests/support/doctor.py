"""Runs of `techsapo-telemetry doctor` and what they told."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from tests.support import ports
from tests.support.instrumented import BIN, environment


class Found(TypedDict):
    """A finding as --json has it."""

    level: str
    about: str
    sentence: str
    remedy: str | None


@dataclass(frozen=True)
class Told:
    """What a run of the doctor printed, and its exit status."""

    status: int
    output: str

    @property
    def findings(self) -> list[Found]:
        """The findings of --json."""
        findings: list[Found] = json.loads(self.output)["findings"]
        return findings

    def of(self, about: str) -> list[tuple[str, str]]:
        """Return level and sentence of the findings about a thing."""
        return [(each["level"], each["sentence"]) for each in self.findings if each["about"] == about]

    @property
    def broken(self) -> list[str]:
        """What the findings that are broken are about."""
        return [each["about"] for each in self.findings if each["level"] == "broken"]


def doctor(*arguments: str, **variables: str) -> Told:
    """Run the doctor in an environment of these variables."""
    return run_doctor(arguments, environment(**variables))


def run_doctor(arguments: Sequence[str], env: Mapping[str, str], cwd: Path | None = None) -> Told:
    """Run the doctor in this environment; nobody is expected at a port that others may have."""
    own = ("OTEL_EXPORTER_PROMETHEUS_PORT", "TECHSAPO_COLLECTOR_TELEMETRY_PORT")
    told = {**{name: str(ports.free_port()) for name in own}, **env}
    command = [str(BIN / "techsapo-telemetry"), "doctor", *arguments]
    ended = subprocess.run(command, env=told, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert "" == ended.stderr
    return Told(ended.returncode, ended.stdout)
