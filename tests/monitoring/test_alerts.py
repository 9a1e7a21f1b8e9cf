"""Alerts, tried by promtool: when each fires, and when it stays quiet."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from monitoring.model import Alert
from monitoring.render import ROOT, RULES, stale
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from telemetry.contract import CONTRACT
from tests.monitoring.cases import scenes
from tests.monitoring.scenes import tried

SCENES = scenes()
ALERTS = {rule.name for group in groups(Thresholds.load()) for rule in group.rules if isinstance(rule, Alert)}


@pytest.mark.parametrize("alert", sorted({scene.alert for scene in SCENES}))
def test_an_alert_fires_when_it_must_and_then_only(alert: str, promtool: Path, tmp_path: Path) -> None:
    """At the right minute, and not just under its threshold, with little traffic, without data."""
    assert "" == tried([scene for scene in SCENES if scene.alert == alert], promtool, tmp_path)


def test_a_scene_that_expects_the_wrong_thing_is_found(promtool: Path, tmp_path: Path) -> None:
    """What tries the alerts is tried itself."""
    (scene,) = [scene for scene in SCENES if scene.name == "Watchdog: always"]
    wrong = type(scene)(scene.name, scene.alert, scene.series, {0: ()})
    assert "Watchdog" in tried([wrong], promtool, tmp_path)


def test_rendered_rules_are_fresh() -> None:
    """`make render` writes them."""
    assert [] == stale()


def test_prometheus_takes_every_rule(promtool: Path) -> None:
    """As they are rendered."""
    files = sorted((ROOT / RULES).glob("*.yaml"))
    run = subprocess.run([promtool, "check", "rules", *files], capture_output=True, text=True, timeout=60, check=False)
    assert (0, len(files)) == (run.returncode, run.stdout.count("SUCCESS"))


def test_every_alert_has_scenes_and_a_runbook() -> None:
    """Except the one whose scenes need a week of samples."""
    assert {"RequestVolumeUp"} == ALERTS - {scene.alert for scene in SCENES}
    assert ALERTS == {path.stem for path in (ROOT / "monitoring" / "runbooks").glob("*.md")}


SECTIONS = [
    "Impact",
    "First look",
    "Likely causes, the likeliest first",
    "Mitigation",
    "How to confirm",
    "When to escalate",
]


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_a_runbooks_queries_are_promql_over_what_there_is(alert: str, promtool: Path, tmp_path: Path) -> None:
    """Each parses, and names metrics that the contract has."""
    text = (ROOT / "monitoring" / "runbooks" / f"{alert}.md").read_text()
    assert SECTIONS == re.findall(r"^## (.+)$", text, re.MULTILINE)
    queries = re.findall(r"```promql\n(.+?)\n```", text, re.DOTALL)
    rules = [{"record": f"query{number}", "expr": query} for number, query in enumerate(queries)]
    file = tmp_path / "queries.yaml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    run = subprocess.run([promtool, "check", "rules", file], capture_output=True, text=True, timeout=60, check=False)
    assert queries
    assert 0 == run.returncode, run.stdout + run.stderr
    named = set(re.findall(r"\b(?:techsapo|nodejs)_[a-z_]+", " ".join(queries)))
    assert set() == {re.sub(r"_(?:sum|count|bucket)$", "", name) for name in named - set(CONTRACT.by_name)} - set(
        CONTRACT.by_name
    ) - {"techsapo_"}
