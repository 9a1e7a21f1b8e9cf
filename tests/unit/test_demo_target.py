"""`make demo` builds what its mode needs, and nothing else."""

import os
import shutil
import subprocess

import pytest

from tests.support.collector import ROOT


@pytest.mark.parametrize(
    ("given", "builds", "arguments"),
    [
        ((), False, []),
        (("SECONDS=20", "MODE=otlp"), False, ["--seconds", "20", "--mode", "otlp"]),
        (("SECONDS=20", "MODE=collector"), True, ["--seconds", "20", "--mode", "collector"]),
    ],
)
def test_only_the_collectors_mode_builds_tools(given: tuple[str, ...], builds: bool, arguments: list[str]) -> None:
    """The first command in a fresh clone takes minutes only where it must."""
    assert shutil.which("make")
    outside = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    plan = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "demo", *given],
        cwd=ROOT,
        env=outside,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout.splitlines()
    assert builds is any(line.endswith("tools/build.py collector prometheus") for line in plan)
    assert builds is any("tools/build.py" in line for line in plan)
    assert ["demo", *arguments] == plan[-1].split()[1:]
