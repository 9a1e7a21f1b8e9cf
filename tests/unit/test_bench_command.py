"""`make bench`: what it builds first, and which part it runs."""

import subprocess
from pathlib import Path

import pytest

from benchmarks.__main__ import PARTS

ROOT = Path(__file__).parents[2]
BUILD = "tools/build.py collector"


@pytest.mark.parametrize(
    ("told", "built"),
    [("", True), ("collector", True), ("collector --strict", True), ("engine", False), ("runtime", False)],
)
def test_the_collector_is_built_first_where_it_is_measured(told: str, *, built: bool) -> None:
    """The binary is of the sources that stand here; who measures the engine alone needs no Go."""
    printed = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "bench", f"ARGS={told}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()
    assert f"-m benchmarks {told}".rstrip() == printed[-1].partition(" ")[2].rstrip()
    assert built == any(BUILD in line for line in printed[:-1])


def test_the_parts_are_those_that_the_makefile_names() -> None:
    """`make help` tells them."""
    line = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("bench:"))
    assert [] == [part for part in PARTS if f"ARGS={part}" not in line]
