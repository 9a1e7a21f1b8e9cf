"""The example queries of the rendered page: right for the metric's type, and PromQL that parses."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from telemetry.contract import CONTRACT, Metric, MetricType
from telemetry.render.queries import queries_of

QUERIES = [
    pytest.param(query.expression, id=f"{metric.name}-{number}")
    for metric in CONTRACT.metrics
    for number, query in enumerate(queries_of(metric, CONTRACT.by_name))
]
NAME = re.compile(r"\b(?:techsapo|nodejs)_[a-z0-9_]+")
GROUPS = re.compile(r"\b(?:by|on) \(([^)]*)\)")
MATCHED = re.compile(r"\{(\w+)(?:=|!=|=~)")
TARGET_LABELS = {"job", "instance", "le"}
SUFFIX = re.compile(r"_(?:bucket|sum|count)$")


def expression_of(name: str, at: int = 0) -> str:
    """Return an example query of a metric on one line."""
    return " ".join(queries_of(CONTRACT.by_name[name], CONTRACT.by_name)[at].expression.split())


def metric_named(name: str) -> Metric | None:
    """Return the metric that a name in a query means; None where it names none."""
    metric = CONTRACT.by_name.get(name)
    if metric is None and (histogram := CONTRACT.by_name.get(SUFFIX.sub("", name))) is not None:
        return histogram if histogram.type is MetricType.HISTOGRAM else None
    return metric


@pytest.mark.parametrize("metric", CONTRACT.metrics, ids=lambda metric: metric.name)
def test_every_metric_has_an_example(metric: Metric) -> None:
    """Nobody has to guess how to ask for a metric."""
    assert queries_of(metric, CONTRACT.by_name)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_names_metrics_and_labels_of_the_contract(query: str) -> None:
    """A query for what nothing emits would show nothing, and look right."""
    named = [metric_named(name) for name in NAME.findall(query)]
    assert None not in named
    labels = {label for found in named if found is not None for label in found.label_names} | TARGET_LABELS
    groups = {label for group in GROUPS.findall(query) for label in group.split(", ")}
    assert groups | set(MATCHED.findall(query)) <= labels


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_treats_a_metric_as_its_type_needs(query: str) -> None:
    """What only rises is read as a rate or an increase; a gauge never is."""
    for found in NAME.finditer(query):
        named = metric_named(found.group())
        assert named is not None
        before = query[: found.start()]
        rises = named.type is not MetricType.GAUGE
        assert rises == before.endswith(("rate(", "increase("))
        if named.type is MetricType.HISTOGRAM:
            assert SUFFIX.search(found.group())


@pytest.mark.parametrize("query", QUERIES)
def test_brackets_of_a_query_are_closed(query: str) -> None:
    """The least that a parser asks for, where promtool is not built."""
    stack: list[str] = []
    for letter in re.sub(r'"[^"]*"', "", query):
        if letter in "([{":
            stack.append({"(": ")", "[": "]", "{": "}"}[letter])
        elif letter in ")]}":
            assert letter == stack.pop()
    assert stack == []


def test_every_query_parses(promtool: Path, tmp_path: Path) -> None:
    """Prometheus' own parser takes all of them."""
    rules = [
        {"record": f"example:{metric.name}:{number}", "expr": query.expression}
        for metric in CONTRACT.metrics
        for number, query in enumerate(queries_of(metric, CONTRACT.by_name))
    ]
    file = tmp_path / "rules.yml"
    # JSON is YAML, too.
    file.write_text(json.dumps({"groups": [{"name": "examples", "rules": rules}]}))
    checked = subprocess.run(
        [promtool, "check", "rules", file], capture_output=True, text=True, timeout=60, check=False
    )
    assert 0 == checked.returncode, checked.stdout + checked.stderr
    assert f"SUCCESS: {len(rules)} rules found" in checked.stdout


@pytest.mark.parametrize(
    ("name", "at", "expression"),
    [
        (
            "techsapo_http_requests_total",
            1,
            (
                'sum by (route) (rate(techsapo_http_requests_total{status_code=~"5.."}[5m])) '
                "/ sum by (route) (rate(techsapo_http_requests_total[5m]))"
            ),
        ),
        (
            "techsapo_wallbounce_cost_usd",
            0,
            "sum by (provider, task_type) (increase(techsapo_wallbounce_cost_usd[1d]))",
        ),
        (
            "techsapo_http_request_duration_seconds",
            0,
            "histogram_quantile(0.95, sum by (le, route) (rate(techsapo_http_request_duration_seconds_bucket[5m])))",
        ),
        (
            "techsapo_cache_hit_ratio",
            0,
            (
                'sum by (cache_type) (increase(techsapo_cache_requests_total{result="hit"}[1h])) '
                "/ sum by (cache_type) (increase(techsapo_cache_requests_total[1h]))"
            ),
        ),
        (
            "techsapo_circuit_breaker_state",
            0,
            'max by (service) (techsapo_circuit_breaker_state{state="open"}) == 1',
        ),
        (
            "techsapo_memory_usage_bytes",
            1,
            "techsapo_memory_usage_bytes / on (job, instance, component) techsapo_memory_limit_bytes",
        ),
        ("techsapo_redis_connection_pool_size", 0, "sum(techsapo_redis_connection_pool_size)"),
        ("techsapo_queue_size", 0, "max by (queue_name) (techsapo_queue_size)"),
        (
            "techsapo_telemetry_last_push_timestamp_seconds",
            0,
            "time() - max by (job, instance) (techsapo_telemetry_last_push_timestamp_seconds)",
        ),
    ],
)
def test_the_query_for_each_kind_of_metric(name: str, at: int, expression: str) -> None:
    """Each way to ask, once: shares, sums of money, quantiles, ratios of counters, states, limits, times."""
    assert expression == expression_of(name, at)
