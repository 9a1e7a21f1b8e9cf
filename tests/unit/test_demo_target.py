"""`make demo` builds what its mode needs, and nothing else."""

import os
import shutil
import subprocess

import pytest

from tests.support.collector import ROOT

PIPELINE = "collector prometheus"


@pytest.mark.parametrize(
    ("given", "builds", "arguments"),
    [
        ((), None, []),
        (("SECONDS=20", "MODE=otlp"), None, ["--seconds", "20", "--mode", "otlp"]),
        (("SECONDS=20", "MODE=collector"), PIPELINE, ["--seconds", "20", "--mode", "collector"]),
        (("MODE=stack", "PACE=1"), f"{PIPELINE} alertmanager victoriametrics", ["--mode", "stack", "--pace", "1"]),
    ],
)
def test_only_what_the_mode_needs_is_built(given: tuple[str, ...], builds: str | None, arguments: list[str]) -> None:
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
    built = [line.partition("tools/build.py ")[2] for line in plan if "tools/build.py" in line]
    assert ([] if builds is None else [builds]) == built
    assert ["demo", *arguments] == plan[-1].split()[1:]
