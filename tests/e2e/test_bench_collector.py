"""`make bench ARGS=collector`, on a small load: that it runs. What it measures is nobody's concern here."""

import re
import subprocess
import sys

import pytest

from benchmarks.collector.measure import CASES
from tests.conftest import NO_COLLECTOR
from tests.support.collector import COLLECTOR, ROOT

LINE = re.compile(r"^(?P<what>\S.*?)\s{2,}(?:µs CPU|MiB)\s+[\d.,]+\s+[\d.,]+\s+[\d.]+x.*\s(?:reached|missed|-)$")


def test_the_collectors_benchmark_yields_a_table() -> None:
    """A line for each load and for memory at rest, loaded and flooded, each aim with its word."""
    if not COLLECTOR.exists():
        pytest.skip(NO_COLLECTOR)
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "collector", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert 0 == run.returncode, run.stderr
    lines = [found["what"] for line in run.stdout.splitlines() if (found := LINE.match(line))]
    assert 2 + len(CASES) + sum(case.memory for case in CASES) == len(lines)
    assert {"memory, idle", "data point", "span, forwarded", "log record, dropped"} <= set(lines)
    judged = [line for line in run.stdout.splitlines() if line.endswith(("reached", "missed"))]
    assert 1 + sum(case.most_times is not None for case in CASES) == len(judged)
    assert "this engine" not in run.stdout
