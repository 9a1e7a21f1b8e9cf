"""Beside another instrumentation a call counts once, in whichever order a process takes its steps."""

import subprocess
import sys

import pytest

from tests.support.instrumented import environment


def counted(*steps: str) -> str:
    """Run a process that takes these steps, and return what it says of the calls that another one measured."""
    command = [sys.executable, "-m", "tests.support.apps.measured_twice", *steps]
    env = environment(OTEL_METRICS_EXPORTER="none")
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60)
    return ended.stdout


@pytest.mark.parametrize(
    "steps",
    [
        "instrument sdk start",
        "instrument start sdk",
        "start instrument sdk",
        "sdk instrument start",
        "sdk start instrument",
    ],
)
def test_ours_alone_counts_once_all_is_there(steps: str) -> None:
    """The pipeline may be configured after the instrumentor, and the SDK imported last."""
    assert counted(*steps.split(), "call") == ""


def test_the_other_counts_where_ours_measures_nothing() -> None:
    """An SDK that is imported without our instrumentor is left to whoever measures it."""
    assert counted("start", "sdk", "call", "call") == "counted 2\n"
