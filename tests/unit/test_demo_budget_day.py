"""The day of the demo's budget ends when the trouble does."""

import subprocess
import sys
from pathlib import Path

import pytest

from app_integration.demo import budget_day
from app_integration.demo.options import Options

# Some moments of some days, among them those next to midnight in UTC.
MOMENTS = (1_767_225_600, 1_767_225_601, 1_767_268_799, 1_767_268_800, 1_767_268_801, 1_767_311_999)
ASKED = """
import sys
from app_integration.budget.days import Days
days, midnight = Days("Demo/Midnight"), int(sys.argv[1])
print(days.of(midnight - 1) != days.of(midnight), days.end(midnight - 1).timestamp() == midnight)
"""


@pytest.mark.parametrize("midnight", MOMENTS)
def test_midnight_comes_when_it_is_wanted(midnight: int, tmp_path: Path) -> None:
    """The application finds the zone by its name, and its day changes at that second."""
    variables = budget_day.zone(tmp_path, midnight)
    run = subprocess.run(
        [sys.executable, "-c", ASKED, str(midnight)], env=variables, capture_output=True, text=True, check=False
    )
    assert ("True True\n", "") == (run.stdout, run.stderr)
    assert budget_day.NAME == variables["REFERENCE_APP_BUDGET_TIMEZONE"]


def test_the_budget_goes_with_the_traffic(tmp_path: Path) -> None:
    """Twice the requests in the same time spend twice as much by the same moment."""
    budgets = [
        float(budget_day.variables(tmp_path / str(rate), Options("stack", "budget", 120, rate))[name])
        for rate, name in ((50.0, "REFERENCE_APP_BUDGET_USD"), (100.0, "REFERENCE_APP_BUDGET_USD"))
    ]
    assert budgets[1] == pytest.approx(2 * budgets[0])
