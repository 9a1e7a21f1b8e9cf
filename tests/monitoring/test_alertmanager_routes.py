"""Which receiver each alert goes to, as amtool reads the rendered routes."""

from pathlib import Path

import pytest

from monitoring.alertmanager import SECRETS, Receivers, configuration, rendered_files
from monitoring.model import Alert
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.support.alertmanager import amtool, receivers_of

ROOT = Path(__file__).parents[2]


def alerts() -> list[Alert]:
    """Return every alert that there is; one name may stand for several priorities."""
    return [rule for group in groups(Thresholds.load()) for rule in group.rules if isinstance(rule, Alert)]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of the configuration."""
    path = tmp_path_factory.mktemp("alertmanager") / "alertmanager.yml"
    path.write_text(configuration(Receivers.load(), secrets=SECRETS))
    return path


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: f"{alert.name}-{alert.priority}")
def test_each_alert_goes_to_the_receiver_of_its_priority(config: Path, alert: Alert) -> None:
    """Every alert of the rules goes to one receiver, that of its priority; the watchdog has its own."""
    labels = {"alertname": alert.name, "priority": alert.priority, "service": alert.service, **alert.labels}
    expected = "watchdog" if alert.name == "Watchdog" else alert.priority
    assert [expected] == receivers_of(config, {**labels, "job": "app"})


@pytest.mark.parametrize("labels", [{}, {"priority": "p0"}, {"priority": "P3"}, {"priority": "P00"}], ids=str)
def test_an_alert_without_a_known_priority_is_told_to_those_who_look_soon(config: Path, labels: dict[str, str]) -> None:
    """A priority that is missing or mistyped does not lose the alert."""
    assert ["P1"] == receivers_of(config, {"alertname": "Another", **labels})


def test_nothing_but_the_watchdog_goes_to_the_watchdog(config: Path) -> None:
    """A name that only begins like the watchdog's is an alert like others."""
    assert ["P0"] == receivers_of(config, {"alertname": "WatchdogLate", "priority": "P0"})


def test_the_configuration_is_one_to_amtool(config: Path) -> None:
    """What is rendered is taken, with the five inhibitions and the four receivers."""
    printed = amtool("check-config", config)
    assert "5 inhibit rules" in printed
    assert "4 receivers" in printed


def test_the_rendered_files_are_fresh() -> None:
    """What stands under monitoring/rendered is what would be rendered now, and nothing else."""
    expected = rendered_files()
    there = [path for path in (ROOT / "monitoring" / "rendered" / "alertmanager").rglob("*") if path.is_file()]
    assert dict(expected) == {path.relative_to(ROOT): path.read_text() for path in there}
