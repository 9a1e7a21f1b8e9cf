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


def test_the_policy_has_every_view_but_those_with_a_price() -> None:
    """Each with its instruments, and a source for each label; prices are the process's."""
    told = {metric["name"]: metric.get("views", []) for metric in json.loads(policy(CONTRACT))["metrics"]}
    for metric in CONTRACT.metrics:
        views = [view for view in metric.views if view.weight is None]
        assert [(list(view.instruments), view.take.value) for view in views] == [
            (view["instruments"], view["take"]) for view in told[metric.name]
        ]
        for view in told[metric.name]:
            assert set(metric.label_names) == set(view.get("labels", {}))
    assert told["techsapo_wallbounce_cost_usd"] == []


def test_a_view_tells_where_each_label_comes_from() -> None:
    """By attributes, a constant, a class of an attribute's value, or an exception from attributes."""
    told = {metric["name"]: metric.get("views", []) for metric in json.loads(policy(CONTRACT))["metrics"]}
    (calls,) = told["techsapo_llm_requests_total"]
    assert calls["labels"]["provider"] == {
        "attributes": ["gen_ai.provider.name", "gen_ai.system"],
        "overridden": {
            "attribute": "server.address",
            "table": {"openrouter.ai": "openrouter", "api.openrouter.ai": "openrouter"},
        },
    }
    assert calls["labels"]["task_type"] == {"attributes": ["techsapo.task_type"]}
    assert calls["labels"]["status"]["classified"]["absent"] == "success"
    http, used, _ = told["techsapo_active_connections"]
    assert http["labels"] == {"connection_type": {"constant": "http"}}
    assert used["where"] == {"db.client.connection.state": ["used"]}


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
