"""What the contract refuses: each wrong entry is an error at import that names the entry."""

import itertools
import re
from collections import Counter

from telemetry.contract.domains import Bounded, Domain, Enum, Masked, Template
from telemetry.contract.model import Combine, Metric, MetricType, Take, View
from telemetry.contract.sources import Source, attributes_of

_METRIC_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LABEL_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED_LABELS = frozenset({"le", "job", "instance", "lane", "quantile"})
_FREE_TEXT = "Any text, even 1 mail@host\nor <more>"
_TAKES = {
    MetricType.COUNTER: {Take.SUM, Take.COUNT},
    MetricType.GAUGE: {Take.SUM, Take.LAST},
    MetricType.HISTOGRAM: {Take.DISTRIBUTION},
}


class ContractError(ValueError):
    """An entry of the contract is wrong; the message names the entry, what it has and what would be right."""


def check_metrics(metrics: tuple[Metric, ...]) -> None:
    """Check every entry and the entries against each other; raise ContractError at the first wrong one."""
    for name, times in Counter(metric.name for metric in metrics).items():
        if times > 1:
            msg = f"{name}: declared {times} times; a name stands for one metric"
            raise ContractError(msg)
    by_name = {metric.name: metric for metric in metrics}
    for metric in metrics:
        _check_metric(metric)
        _check_ratio(metric, by_name)


def _wrong(metric: Metric, what: str) -> ContractError:
    return ContractError(f"{metric.name}: {what}")


def _check_metric(metric: Metric) -> None:
    if not _METRIC_NAME.fullmatch(metric.name):
        raise _wrong(metric, "the name must be lower-case letters, digits and underscores")
    if not metric.description.strip():
        raise _wrong(metric, "has no description")
    if metric.series_limit < 1:
        raise _wrong(metric, f"series_limit is {metric.series_limit}; it must be at least 1")
    _check_labels(metric)
    _check_boundaries(metric)
    if (metric.type is MetricType.GAUGE) != (metric.combine is not None):
        raise _wrong(metric, "a gauge, and nothing else, declares how it combines over processes")
    if not metric.views and metric.ratio is None:
        raise _wrong(metric, "has neither a view nor a ratio that feeds it")
    if metric.one_hot is not None and metric.one_hot not in metric.label_names:
        raise _wrong(metric, f"one_hot names {metric.one_hot!r}, which is none of its labels")
    for view in metric.views:
        _check_view(metric, view)


def _check_labels(metric: Metric) -> None:
    for name, times in Counter(metric.label_names).items():
        if times > 1:
            raise _wrong(metric, f"label {name!r} is declared {times} times")
    for label in metric.labels:
        if not _LABEL_NAME.fullmatch(label.name) or label.name in _RESERVED_LABELS:
            raise _wrong(metric, f"label {label.name!r} is reserved or not lower-case letters, digits and underscores")
        _check_domain(metric, label.name, label.domain)


def _check_domain(metric: Metric, label: str, domain: Domain) -> None:
    match domain:
        case Enum(values, aliases):
            if not values or len(set(values)) != len(values):
                raise _wrong(metric, f"label {label!r}: an enum lists at least one value, each once")
            unknown = set(aliases.values()) - set(values)
            if unknown:
                raise _wrong(
                    metric, f"label {label!r}: aliases lead to {sorted(unknown)}, which the enum does not list"
                )
        case Bounded(limit, pattern, known):
            if re.fullmatch(pattern, _FREE_TEXT, re.DOTALL):
                raise _wrong(
                    metric, f"label {label!r}: {pattern!r} lets free text through; name the characters allowed"
                )
            if limit < 1:
                raise _wrong(metric, f"label {label!r}: the limit is {limit}; it must be at least 1")
            if len(known) > limit:
                raise _wrong(metric, f"label {label!r}: {len(known)} known values exceed the limit of {limit}")
            for value in known:
                if not re.fullmatch(pattern, value):
                    raise _wrong(metric, f"label {label!r}: the known value {value!r} does not match {pattern!r}")
        case Template(limit):
            if limit < 1:
                raise _wrong(metric, f"label {label!r}: the limit is {limit}; it must be at least 1")
        case Masked():
            pass
        case _:
            raise _wrong(metric, f"label {label!r} has no domain (got {domain!r}); free text is never a label")


def _check_boundaries(metric: Metric) -> None:
    if (metric.type is MetricType.HISTOGRAM) != bool(metric.boundaries):
        raise _wrong(metric, "a histogram, and nothing else, has boundaries")
    for boundary in metric.boundaries:
        if type(boundary) is not float:
            raise _wrong(metric, f"boundary {boundary!r} is no float; 1 and 1.0 would be two different le labels")
    for lower, upper in itertools.pairwise(metric.boundaries):
        if not lower < upper:
            raise _wrong(metric, f"boundaries do not rise: {lower} is followed by {upper}")


def _check_view(metric: Metric, view: View) -> None:
    if not view.instruments:
        raise _wrong(metric, "a view selects no instrument")
    named = ", ".join(view.instruments)
    if view.take not in _TAKES[metric.type]:
        raise _wrong(metric, f"the view on {named} takes a {view.take.value}, which cannot feed a {metric.type.value}")
    if set(view.labels) != set(metric.label_names):
        raise _wrong(
            metric, f"the view on {named} feeds labels {sorted(view.labels)}, not {sorted(metric.label_names)}"
        )
    read: Counter[str] = Counter()
    for source in view.labels.values():
        read.update(_attributes(metric, source))
    for name, times in read.items():
        if times > 1:
            raise _wrong(metric, f"the view on {named} reads attribute {name!r} {times} times; one label an attribute")
    if view.weight is not None and view.take is not Take.SUM:
        raise _wrong(metric, f"the view on {named} weighs a {view.take.value}; only a sum has a weight")


def _attributes(metric: Metric, source: Source) -> tuple[str, ...]:
    names = attributes_of(source)
    if any(not name for name in names):
        raise _wrong(metric, "a view names an empty attribute")
    return names


def _check_ratio(metric: Metric, by_name: dict[str, Metric]) -> None:
    if (metric.combine is Combine.RATIO) != (metric.ratio is not None):
        raise _wrong(metric, "combine=ratio and a ratio belong together")
    if metric.ratio is None:
        return
    counter = by_name.get(metric.ratio.counter)
    if counter is None or counter.type is not MetricType.COUNTER:
        raise _wrong(metric, f"its ratio is of {metric.ratio.counter!r}, which is no counter of the contract")
    if set(counter.label_names) != {*metric.label_names, metric.ratio.label}:
        raise _wrong(metric, f"its labels and {metric.ratio.label!r} are not the labels of {counter.name}")
