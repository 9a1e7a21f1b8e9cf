"""What alerts say: each one's words with the figures and labels of a scene where it fires, and its links."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote_plus

import pytest

from monitoring.model import Alert
from monitoring.pace import Pace
from monitoring.places import Places
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.monitoring.cases import SCENES
from tests.monitoring.scenes import JOB, Kind, Scene

GROUPS = groups(Thresholds.load())
PLACES = Places.load()

SAYS: Final[Mapping[str, str]] = {
    "SloBudgetBurns-fast": "availability: 1.642% of all events were bad in 1 hour",
    "SloBudgetBurns-medium": "consensus: 33.83% of all events were bad in 6 hours",
    "SloBudgetBurns-slow": "consensus: 5.203% of all events were bad in 3 days",
    "ConsensusConfidenceLow": "Mean consensus confidence is 67%",
    "LlmProviderFailing": "5.25% of the calls of openai fail",
    "HttpServerErrors": "1.05% of all requests end in 5xx",
    "MemoryNearLimit": "process of i1 has 94% of its memory in use",
    "ServiceSilent": "reference-app has told no figures for 1 minute, where 2 of its processes did within 1 hour",
    "ResponsesSlow": "Requests take 5.2s on average",
    "BudgetNearlySpent": "82% of the day's budget is spent",
    "BudgetRunningOut": "At the present rate the day's budget is gone in 1h 57m 0s",
    "BudgetSpent": "The day's budget is spent, 100.00 USD",
    "RedisConnectionFailures": "11 connections to Redis failed within 5 minutes",
    "ConsensusFalling": "Mean consensus confidence is 11.05% below that of the hour before",
    "LlmCallsUnpriced": "4 calls of openai's new within 1 hour have no price",
    "RequestVolumeUp": "50.44% more requests a day than a week ago",
    "LlmProviderSetChanged-added": "anthropic was added: its first calls in a day",
    "LlmProviderSetChanged-removed": "anthropic was removed: no call within 1 hour, after a day of calls",
    "CacheHitsLow": "Only 79% of the look-ups in redis find something",
    "CardinalityOverflow": "0.01 measurements a second of m are past a limit",
    "Watchdog": "Alerts arrive",
    "TargetDown": "Prometheus cannot scrape c1:8889 of services",
    "DataStale": "The newest figures of reference-app were 1m 15s old when they were scraped",
    "CollectorRefusing": "The Collector c1:8888 refuses 0.01 points or requests a second: memory_limit",
    "CollectorExportFailing": "The Collector c1:8888 loses 0.01 spans or log records a second: send_failed_spans",
    "RuleEvaluationsFailing": "Rules of rules.yaml;x are not evaluated: failed",
    "NotificationsFailing": "Notifications of p1:9090 fail: prometheus",
}

# What it means, where that has figures of its own.
MEANS: Final[Mapping[str, str]] = {
    "BudgetNearlySpent": "At the present rate the rest lasts 30m 0s. "
    "At the limit analyses are refused with 402 until midnight in the budget's time zone.",
}


def _called(alert: Alert) -> str:
    return "-".join([alert.name, *alert.labels.values()])


ALERTS = {_called(rule): rule for group in GROUPS for rule in group.rules if isinstance(rule, Alert)}


def _agree(labels: Mapping[str, str], others: Mapping[str, str]) -> bool:
    return all(others.get(name, value) == value for name, value in labels.items())


def _scene(alert: Alert) -> tuple[Scene, float, Mapping[str, str]]:
    """Return the first scene where it fires alone, when, and its labels."""
    scenes = (scene for scene in SCENES if (scene.alert, scene.kind) == (alert.name, Kind.FIRES))
    return next(
        (scene, at, fires[0])
        for scene in scenes
        if _agree(scene.of, alert.labels)
        for at, fires in scene.fires.items()
        if len(fires) == 1 and _agree(fires[0], alert.labels)
    )


def _expected(name: str, labels: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    alert, says = ALERTS[name], SAYS[name]
    variables = "&".join(f"var-{label}={quote_plus(labels[label])}" for label in alert.narrows)
    annotations = {
        "summary": says,
        "description": f"{says}. {MEANS.get(name, alert.means)}",
        "runbook_url": PLACES.runbook(alert.name),
        "dashboard_url": PLACES.dashboard(alert.dashboard, variables),
    }
    if alert.decided:
        annotations["decided"] = alert.decided
    own = {"priority": alert.priority, "service": alert.service, **alert.labels}
    return {"exp_labels": {**labels, **own}, "exp_annotations": annotations}


@pytest.mark.parametrize("name", ALERTS)
def test_it_says_in_figures_what_happens(name: str, promtool: Path, tmp_path: Path) -> None:
    """As somebody who is paged can read it: shares in per cent, times in their units, and links to what it is about."""
    scene, at, fires = _scene(ALERTS[name])
    labels = {label: value for label, value in {"job": JOB, **fires}.items() if value}
    kept = [group.rendered(Pace(), PLACES) for group in scene.needed(GROUPS)]
    rules, case = tmp_path / "rules.yaml", tmp_path / "case.yaml"
    rules.write_text(json.dumps({"groups": kept}))
    looked_at = {
        "eval_time": f"{round(at * 1000)}ms",
        "alertname": ALERTS[name].name,
        "exp_alerts": [_expected(name, labels)],
    }
    test = {"interval": f"{scene.step}s", "input_series": list(scene.told()), "alert_rule_test": [looked_at]}
    document = {
        "rule_files": [str(rules)],
        "evaluation_interval": f"{scene.every}s",
        "group_eval_order": [group["name"] for group in kept],
        "tests": [test],
    }
    case.write_text(json.dumps(document))
    run = subprocess.run([promtool, "test", "rules", case], capture_output=True, text=True, timeout=240, check=False)
    assert 0 == run.returncode, run.stdout + run.stderr


def test_every_alert_is_here_and_no_other() -> None:
    """A new one gets its words looked at."""
    assert set(ALERTS) == set(SAYS)
    assert set(MEANS) == {name for name, alert in ALERTS.items() if "{{" in alert.means}
