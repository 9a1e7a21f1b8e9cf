"""The Collector's policy: complete, versioned, in patterns that Go reads too."""

import dataclasses
import json
import re

from telemetry.contract import CONTRACT, Bounded, Contract
from telemetry.render.policy import policy, policy_version


def test_the_policy_has_every_metric() -> None:
    """With its type, unit, limit, boundaries and labels, in the contract's order."""
    told = json.loads(policy(CONTRACT))["metrics"]
    assert [metric.name for metric in CONTRACT.metrics] == [metric["name"] for metric in told]
    for metric, entry in zip(CONTRACT.metrics, told, strict=True):
        assert (metric.type.value, metric.unit, metric.series_limit) == (
            entry["type"],
            entry["unit"],
            entry["series_limit"],
        )
        assert list(metric.boundaries) == entry.get("boundaries", [])
        assert list(metric.label_names) == [label["name"] for label in entry.get("labels", [])]


def test_the_version_changes_with_the_contract() -> None:
    """And with nothing else: it is the same each time."""
    first, *others = CONTRACT.metrics
    changed = Contract((dataclasses.replace(first, series_limit=first.series_limit + 1), *others))
    assert policy_version(CONTRACT) == policy_version(CONTRACT) == json.loads(policy(CONTRACT))["version"]
    assert policy_version(changed) != policy_version(CONTRACT)


def test_patterns_have_nothing_that_go_does_not_read() -> None:
    """RE2 has no lookaround, no backreference, no possessive repetition."""
    beyond = re.compile(r"\(\?[=!<P>]|\\[1-9]|[*+?}]\+")
    patterns = [
        label.domain.pattern
        for metric in CONTRACT.metrics
        for label in metric.labels
        if isinstance(label.domain, Bounded)
    ]
    assert [] == [pattern for pattern in patterns if beyond.search(pattern)]
