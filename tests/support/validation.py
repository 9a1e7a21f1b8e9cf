"""Runs of `techsapo-telemetry validate` and what they told."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from telemetry.cli import main
from tests.support.collector import COLLECTOR, ROOT
from tests.support.instrumented import OURS

CONFIG = ROOT / "collector/config/collector.yaml"
FORWARD = ROOT / "collector/config/forward.yaml"
SALT = "-".join(["a", "salt", "of", "the", "tests"])
TOKEN = "-".join(["a", "token", "of", "the", "tests"])


@dataclass(frozen=True)
class Validation:
    """What a run with --json told."""

    status: int
    output: str

    @property
    def findings(self) -> list[tuple[str, str | None, str]]:
        """Level, option and sentence of each finding."""
        return [(each["level"], each["option"], each["sentence"]) for each in json.loads(self.output)["findings"]]

    @property
    def only(self) -> str:
        """The sentence of the only finding, which is broken."""
        assert (1, 1) == (self.status, len(self.findings))
        ((level, _, sentence),) = self.findings
        assert "broken" == level
        return sentence


@dataclass(frozen=True)
class Validate:
    """The command, run in this process with an environment of its own."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *configs: Path, variables: Mapping[str, str] | None = None) -> Validation:
        """Run it, by default with the project's configuration and a salt; an empty variable is not set."""
        options = [part for config in configs for part in ("--config", str(config))]
        told = {"TECHSAPO_CLIENT_IP_SALT": SALT, **(variables or {})}
        status, output = self.run(["--json", *options], told)
        secrets = (SALT, TOKEN, told["TECHSAPO_CLIENT_IP_SALT"])
        assert [] == [secret for secret in secrets if secret and secret in output]
        return Validation(status, output)

    def run(self, arguments: list[str], variables: Mapping[str, str]) -> tuple[int, str]:
        """Run it with these arguments and the Collector of the project, and return its status and output."""
        with self.monkeypatch.context() as patched:
            for name in [name for name in list(os.environ) if name.startswith(OURS)]:
                patched.delenv(name)
            for name, text in variables.items():
                patched.setenv(name, text)
            status = main(["validate", "--root", str(ROOT), "--collector", str(COLLECTOR), *arguments])
        return status, self.capsys.readouterr().out


def changed(directory: Path, old: str, new: str) -> Path:
    """Write a copy of the project's configuration in which one text stands for another, and return its path."""
    text = CONFIG.read_text()
    assert old in text
    copy = directory / "changed.yaml"
    copy.write_text(text.replace(old, new))
    return copy
