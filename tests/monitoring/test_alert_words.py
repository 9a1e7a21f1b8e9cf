"""What alerts say: each one's words with the figures and labels of a scene where it fires, and its links."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote_plus

import pytest

from monitoring.dashboards.promql import VARIABLES
from monitoring.model import Alert, Dashboard
from monitoring.pace import Pace
from monitoring.places import Places
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.monitoring.cases import SCENES
from tests.monitoring.scenes import JOB, Kind, Scene

GROUPS = groups(Thresholds.load())
PLACES = Places.load()

# Of which service it is, where to look first, and what it says.
SAYS: Final[Mapping[str, tuple[str, Dashboard, str]]] = {
    "SloBudgetBurns-fast": ("slo", "executive", "availability: 1.642% of all events were bad in 1 hour"),
    "SloBudgetBurns-medium": ("slo", "executive", "consensus: 33.83% of all events were bad in 6 hours"),
    "SloBudgetBurns-slow": ("slo", "executive", "consensus: 5.203% of all events were bad in 3 days"),
    "ConsensusConfidenceLow": ("wallbounce", "operations", "Mean consensus confidence is 67%"),
    "LlmProviderFailing": ("llm", "operations", "5.25% of the calls of openai fail"),
    "HttpServerErrors": ("api", "development", "1.05% of all requests end in 5xx"),
    "MemoryNearLimit": ("runtime", "operations", "process of i1 has 94% of its memory in use"),
    "ServiceSilent": (
        "telemetry",
        "operations",
        "reference-app has told no figures for 1 minute, where 2 of its processes did within 1 hour",
    ),
    "ResponsesSlow": ("api", "development", "Requests take 5.2s on average"),
    "BudgetNearlySpent": ("budget", "executive", "82% of the day's budget is spent"),
    "BudgetRunningOut": ("budget", "executive", "At the present rate the day's budget is gone in 1h 57m 0s"),
    "BudgetSpent": ("budget", "executive", "The day's budget is spent, 100.00 USD"),
    "RedisConnectionFailures": ("redis", "operations", "11 connections to Redis failed within 5 minutes"),
    "ConsensusFalling": (
        "wallbounce",
        "operations",
        "Mean consensus confidence is 11.05% below that of the hour before",
    ),
    "LlmCallsUnpriced": ("budget", "executive", "4 calls of openai's new within 1 hour have no price"),
    "RequestVolumeUp": ("api", "executive", "50.44% more requests a day than a week ago"),
    "LlmProviderSetChanged-added": ("llm", "operations", "anthropic was added: its first calls in a day"),
    "LlmProviderSetChanged-removed": (
        "llm",
        "operations",
        "anthropic was removed: no call within 1 hour, after a day of calls",
    ),
    "CacheHitsLow": ("cache", "development", "Only 79% of the look-ups in redis find something"),
    "CardinalityOverflow": ("telemetry", "operations", "0.01 measurements a second of m are past a limit"),
    "Watchdog": ("telemetry", "operations", "Alerts arrive"),
    "TargetDown": ("telemetry", "operations", "Prometheus cannot scrape c1:8889 of services"),
    "DataStale": (
        "telemetry",
        "operations",
        "The newest figures of reference-app were 1m 15s old when they were scraped",
    ),
    "CollectorRefusing": (
        "telemetry",
        "operations",
        "The Collector c1:8888 refuses 0.01 points or requests a second: memory_limit",
    ),
    "CollectorExportFailing": (
        "telemetry",
        "operations",
        "The Collector c1:8888 loses 0.01 spans or log records a second: send_failed_spans",
    ),
    "RuleEvaluationsFailing": ("telemetry", "operations", "Rules of rules.yaml;x are not evaluated: failed"),
    "NotificationsFailing": ("telemetry", "operations", "Notifications of p1:9090 fail: prometheus"),
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
    alert, (service, dashboard, says) = ALERTS[name], SAYS[name]
    # Of a Collector, a Prometheus or an Alertmanager no dashboard has a variable.
    about = VARIABLES if labels.get("job") == JOB else ()
    variables = "&".join(f"var-{label}={quote_plus(labels[label])}" for label in about if label in labels)
    annotations = {
        "summary": says,
        "description": f"{says}. {MEANS.get(name, alert.means)}",
        "runbook_url": PLACES.runbook(alert.name),
        "dashboard_url": PLACES.dashboard(dashboard, variables),
    }
    if alert.decided:
        annotations["decided"] = alert.decided
    own = {"priority": alert.priority, "service": service, **alert.labels}
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
