"""Colours of series by their names, and of values by their thresholds."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from grafana_foundation_sdk.models import dashboard as grafana

from monitoring.dashboards.model import Query, Step
from monitoring.dashboards.palette import BAD, GOOD, NEUTRAL, SERIES, WARNING
from monitoring.thresholds import Thresholds
from telemetry.contract import CONTRACT, OTHER, Bounded, Enum

# What stands for good or bad has a colour that says so; the others have those of series, in their order.
_MEANT: Final = {
    "success": GOOD,
    "error": BAD,
    "timeout": WARNING,
    "2xx": GOOD,
    "3xx": "#56B4E9",
    "4xx": WARNING,
    "5xx": BAD,
    OTHER: NEUTRAL,
}


def colours_of(queries: Iterable[Query]) -> Mapping[str, str]:
    """Return the colour of each series whose name is known, as the legend tells it."""
    return dict(_coloured([query.legend for query in queries if query.grafana]))


def threshold_property(steps: Iterable[Step]) -> grafana.DynamicConfigValue:
    """Return what gives one series or column thresholds of its own."""
    told = [{"color": step.colour, "value": step.value} for step in steps]
    return grafana.DynamicConfigValue("thresholds", {"mode": "absolute", "steps": told})


def _coloured(legends: list[str]) -> Iterator[tuple[str, str]]:
    names = [name for legend in legends for name in _names(legend)]
    free = iter(colour for colour in SERIES if colour not in {_MEANT.get(name) for name in names})
    for name in dict.fromkeys(names):
        colour = _MEANT.get(name) or next(free, None)
        if colour is not None:
            yield name, colour


def _names(legend: str) -> list[str]:
    """Return the names that a legend becomes, those that nobody can know yet left out."""
    labels = re.findall(r"\{\{(\w+)\}\}", legend)
    if not labels:
        return [legend]
    # Pairs of labels are too many for a colour each.
    values = _known(labels[0]) if len(labels) == 1 else ()
    return [legend.replace(f"{{{{{labels[0]}}}}}", value) for value in values]


def _known(label: str) -> tuple[str, ...]:
    """Return the values of a label that are known before any figure comes."""
    if label == "slo":
        return tuple(slo.name for slo in Thresholds.load().named("slo_"))
    domains = [each.domain for metric in CONTRACT.metrics for each in metric.labels if each.name == label]
    for domain in domains:
        if isinstance(domain, Enum) and len(domain.values) <= len(SERIES):
            return (*domain.values, OTHER)
        if isinstance(domain, Bounded) and domain.known:
            return (*domain.known, OTHER)
    return ()
