"""Alerts, tried by promtool: when each fires, and when it stays quiet."""

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from monitoring.model import Alert
from monitoring.render import ROOT, RULES, stale
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.monitoring.cases import SCENES
from tests.monitoring.promtool import tried
from tests.monitoring.scenes import Fires, Kind

GROUPS = groups(Thresholds.load())
ALERTS = [rule for group in GROUPS for rule in group.rules if isinstance(rule, Alert)]
NAMES = sorted({alert.name for alert in ALERTS})

# What an alert cannot show, and why.
WITHOUT: Final[Mapping[str, tuple[set[Kind], str]]] = {
    "Watchdog": ({Kind.JUST_UNDER, Kind.LITTLE_TRAFFIC, Kind.RESTART, Kind.LANE_GONE}, "it reads no series at all"),
}


@pytest.mark.parametrize("alert", NAMES)
def test_an_alert_fires_when_it_must_and_then_only(alert: str, promtool: Path, tmp_path: Path) -> None:
    """At the right minute, and not just under its threshold, with little traffic, at a restart, without data."""
    assert "" == tried([scene for scene in SCENES if scene.alert == alert], GROUPS, promtool, tmp_path)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: "-".join([alert.name, *alert.labels.values()]))
def test_an_alert_has_a_scene_of_each_kind(alert: Alert) -> None:
    """Each burn of a budget, and each change, is an alert of its own; a scene that names none of them is of all."""
    mine = [
        scene
        for scene in SCENES
        if scene.alert == alert.name and all(alert.labels.get(name, value) == value for name, value in scene.of.items())
    ]
    left_out, _ = WITHOUT.get(alert.name, (set(), ""))
    assert set(Kind) - {Kind.OTHER} - left_out == {scene.kind for scene in mine} - {Kind.OTHER}
    assert all(any(scene.fires.values()) for scene in mine if scene.kind is Kind.FIRES)


def test_every_scene_is_of_an_alert_that_is_there_and_looks_at_something() -> None:
    """A scene of an alert that was renamed would be tried on no rule."""
    assert [] == [scene.name for scene in SCENES if scene.alert not in NAMES or not scene.fires]


@pytest.mark.parametrize("kind", [Kind.FIRES, Kind.JUST_UNDER])
def test_a_scene_that_expects_the_wrong_thing_is_found(kind: Kind, promtool: Path, tmp_path: Path) -> None:
    """What tries the alerts is tried itself."""
    scene = next(scene for scene in SCENES if scene.alert == "HttpServerErrors" and scene.kind is kind)
    turned: Fires = {at: () if labels else ({},) for at, labels in scene.fires.items()}
    assert scene.name in tried([replace(scene, fires=turned)], GROUPS, promtool, tmp_path)


def test_rendered_files_are_fresh() -> None:
    """`make render` writes them."""
    assert [] == stale()


def test_prometheus_takes_every_rule(promtool: Path) -> None:
    """As they are rendered."""
    files = sorted((ROOT / RULES).glob("*.yaml"))
    run = subprocess.run([promtool, "check", "rules", *files], capture_output=True, text=True, timeout=60, check=False)
    assert (0, len(files)) == (run.returncode, run.stdout.count("SUCCESS"))
