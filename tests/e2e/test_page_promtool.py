"""The page under `promtool check metrics`, the linter of Prometheus."""

import subprocess
from pathlib import Path

from telemetry.exposition import text
from tests.support.snapshots import COST, every_metric

LINT_FINDINGS = 3  # promtool's exit status where the page can be read and the linter has something to say


def check(promtool: Path, page: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run the linter over a page."""
    return subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True, check=False, timeout=60)


def test_the_linter_finds_nothing_but_the_cost_counters_name(promtool: Path) -> None:
    """Its name has no `_total`, and must keep none: the one finding that is allowed."""
    checked = check(promtool, text.write(every_metric(), "1.2.3"))
    findings = checked.stderr.decode().strip().splitlines()
    assert findings == ['techsapo_wallbounce_cost_usd counter metrics should have "_total" suffix']
    assert checked.returncode == LINT_FINDINGS


def test_the_linter_finds_nothing_in_all_other_metrics(promtool: Path) -> None:
    """Names, types, units and helps are as Prometheus wants them."""
    checked = check(promtool, text.write([each for each in every_metric() if each.metric is not COST]))
    assert (b"", 0) == (checked.stderr, checked.returncode)
