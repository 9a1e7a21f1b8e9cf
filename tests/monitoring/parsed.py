"""Queries as Prometheus' own parser has them: which series they select, and by which labels they go."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from monitoring.model import Recording
from monitoring.rules import alerts_p1, first_layer, groups, history
from monitoring.thresholds import Thresholds
from telemetry.contract import CONTRACT, Combine, Metric, MetricType
from tests.support.prometheus import Prometheus

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"

# What every series of a service has, beside the labels of its metric.
TARGET = frozenset({"job", "instance", "lane"})
# What is no metric of the contract and no recording, by what its names begin with.
OTHERS = {
    "ALERTS": {"alertname", "alertstate", "priority", "service", "job", "provider", "slo"},
    "target_info": {*TARGET, "service_version"},
    "up": TARGET,
    "otelcol_": {*TARGET, "reason", "metric"},
    "prometheus_": TARGET,
    "alertmanager_": {*TARGET, "integration"},
}
PARTS = {MetricType.HISTOGRAM: ("_bucket", "_sum", "_count")}


@dataclass(frozen=True)
class Selected:
    """What a selector asks for; `function` is what takes its range, "" where it has none."""

    name: str
    matched: frozenset[str]
    function: str


def parsed(prometheus: Prometheus, expr: str) -> Json:
    """Return the tree of a query. Raises urllib.error.HTTPError where it does not parse."""
    tree = prometheus.get("/api/v1/parse_query", query=expr)
    assert isinstance(tree, dict)
    return tree


@cache
def samples() -> dict[str, Metric]:
    """Return the metrics of the contract by the names that their samples have."""
    return {f"{metric.name}{part}": metric for metric in CONTRACT.metrics for part in PARTS.get(metric.type, ("",))}


@cache
def recorded() -> dict[str, str]:
    """Return the sample that a recording tells, "" where it tells more than one, by the recording's name."""
    found = {
        rule.record: "" for group in groups(Thresholds.load()) for rule in group.rules if isinstance(rule, Recording)
    }
    for sample, windows in first_layer.WINDOWS:
        found |= {first_layer.rate_of(sample, window): sample for window in windows}
    found[first_layer.BREAKER] = "techsapo_circuit_breaker_state"
    found[alerts_p1.redis_failures(Thresholds.load()).record] = "techsapo_redis_connection_failures_total"
    for sample, metric in samples().items():
        if metric.type is not MetricType.GAUGE:
            found[history.growth_of(sample)] = sample
        elif metric.combine is not Combine.RATIO:
            found[first_layer.gauge_of(sample)] = sample
    return found


def labels_of(name: str) -> frozenset[str]:
    """Return the labels that a series of this name may have. Raises KeyError where there is no such name."""
    sample = recorded().get(name, name)
    if not sample:
        return frozenset({"job", "slo"})
    if sample in samples():
        le = {"le"} if sample.endswith("_bucket") else set()
        return frozenset({*samples()[sample].label_names, *TARGET, *le})
    for begins, labels in OTHERS.items():
        if name.startswith(begins):
            return frozenset(labels)
    raise KeyError(name)


def selected(tree: Json, function: str = "") -> Iterator[Selected]:
    """Return every selector of a query."""
    if isinstance(tree, list):
        for each in tree:
            yield from selected(each, function)
    elif isinstance(tree, dict):
        if tree.get("type") in ("vectorSelector", "matrixSelector"):
            matchers = tree["matchers"]
            assert isinstance(matchers, list)
            names = {str(each["name"]) for each in matchers if isinstance(each, dict)}
            yield Selected(str(tree["name"]), frozenset(names - {"__name__"}), function)
        called = tree.get("func")
        inner = str(called["name"]) if isinstance(called, dict) else ""
        for each in tree.values():
            yield from selected(each, inner)


def wrong(tree: Json) -> list[str]:
    """Return what a query names that is not there: a series, or a label of those that are asked for there."""
    return list(dict.fromkeys(_wrong(tree)))


def _wrong(tree: Json) -> Iterator[str]:
    for each in selected(tree):
        try:
            yield from (f"{each.name} has no {label}" for label in each.matched - labels_of(each.name))
        except KeyError:
            yield f"no {each.name}"
            return
    yield from _grouped(tree)


def _grouped(tree: Json) -> Iterator[str]:
    if isinstance(tree, list):
        for each in tree:
            yield from _grouped(each)
    elif isinstance(tree, dict):
        if tree.get("type") == "aggregation":
            yield from _missing(tree["grouping"], tree["expr"])
        if tree.get("type") == "binaryExpr" and isinstance(tree["matching"], dict):
            for side in (tree["lhs"], tree["rhs"]):
                yield from _missing(tree["matching"]["labels"], side)
        for value in tree.values():
            yield from _grouped(value)


def _missing(labels: Json, beneath: Json) -> Iterator[str]:
    there = {label for each in selected(beneath) for label in labels_of(each.name)} | _made(beneath)
    assert isinstance(labels, list)
    yield from (f"nothing has {label} there" for label in labels if label not in there)


def _made(tree: Json) -> set[str]:
    """Return the labels that a query makes itself."""
    if isinstance(tree, list):
        return {label for each in tree for label in _made(each)}
    if not isinstance(tree, dict):
        return set()
    made = _made(list(tree.values()))
    called, arguments = tree.get("func"), tree.get("args")
    if isinstance(called, dict) and called["name"] == "label_replace" and isinstance(arguments, list):
        second = arguments[1]
        made |= {str(second["val"])} if isinstance(second, dict) else set()
    return made
