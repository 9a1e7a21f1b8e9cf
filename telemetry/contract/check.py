"""What the contract refuses: each wrong entry is an error at import that names the entry."""

import itertools
import math
import re
from collections import Counter

from telemetry.contract.domains import Bounded, Domain, Enum, Masked, Template
from telemetry.contract.model import Combine, Editions, Metric, MetricType, Take, View
from telemetry.contract.sources import Source, attributes_of

_METRIC_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LABEL_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED_LABELS = frozenset({"le", "job", "instance", "lane", "quantile"})
# A pattern that takes one of these takes what people write.
_FREE_TEXTS = ("some free text", "Any text, even 1 mail@host\nor <more>", "two\nlines", "日本語の文", "<b>'\"&")
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
        _check_one_hot(metric, metrics)
        for suffix in ("_bucket", "_sum", "_count"):
            if metric.type is MetricType.HISTOGRAM and f"{metric.name}{suffix}" in by_name:
                raise _wrong(metric, f"{metric.name}{suffix} is a name of its own series, and another metric's")


def check_editions(editions: tuple[Editions, ...], metrics: tuple[Metric, ...]) -> None:
    """Check that editions name instruments of the contract, each once, and that all of them feed the same metrics."""
    fed: dict[str, set[str]] = {}
    for metric in metrics:
        for view in metric.views:
            for instrument in view.instruments:
                fed.setdefault(instrument, set()).add(metric.name)
    every = [(each, name) for each in editions for names in each.names for name in names]
    for name, times in Counter(name for _, name in every).items():
        if times > 1:
            msg = f"editions: {name} is named {times} times; an instrument belongs to one edition"
            raise ContractError(msg)
    for each, name in every:
        if name not in fed:
            raise _wrong_editions(each, f"{name} is an instrument that no view selects")
    for each in editions:
        if len(each.names) < 2 or not all(each.names):
            raise _wrong_editions(each, f"got {each.names}; at least two editions, each of at least one instrument")
        if not each.apart:
            raise _wrong_editions(each, "`apart` names no attribute")
        feeds = [set[str]().union(*(fed[name] for name in names)) for names in each.names]
        for names, metrics_fed in zip(each.names, feeds, strict=True):
            if lost := set[str]().union(*feeds) - metrics_fed:
                raise _wrong_editions(each, f"{min(lost)} is not fed by {', '.join(names)}, as by the other editions")


def _wrong_editions(editions: Editions, what: str) -> ContractError:
    return ContractError(f"editions of {editions.measures}: {what}")


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
    if (metric.combine is Combine.STATE) != (metric.one_hot is not None):
        raise _wrong(metric, "combine=state and one_hot belong together")
    if metric.one_hot is not None and metric.one_hot not in _enums(metric):
        raise _wrong(metric, f"one_hot names {metric.one_hot!r}, which is none of its labels that are enums")
    for view in metric.views:
        _check_view(metric, view)
    for first, second in itertools.combinations(metric.views, 2):
        _check_apart(metric, first, second)


def _enums(metric: Metric) -> dict[str, Enum]:
    return {label.name: label.domain for label in metric.labels if isinstance(label.domain, Enum)}


def _check_apart(metric: Metric, first: View, second: View) -> None:
    """Two views of a metric on one instrument count a measurement twice, unless no measurement fits both."""
    for instrument in set(first.instruments) & set(second.instruments):
        if not any(
            set(values).isdisjoint(second.where[name]) for name, values in first.where.items() if name in second.where
        ):
            raise _wrong(metric, f"two views take {instrument}; what fits both is counted twice")


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
            try:
                matches = re.compile(pattern).fullmatch
            except re.error as error:
                raise _wrong(metric, f"label {label!r}: {pattern!r} is no regular expression: {error}") from error
            if any(matches(text) for text in _FREE_TEXTS):
                raise _wrong(
                    metric, f"label {label!r}: {pattern!r} lets free text through; name the characters allowed"
                )
            if limit < 1:
                raise _wrong(metric, f"label {label!r}: the limit is {limit}; it must be at least 1")
            if len(known) > limit:
                raise _wrong(metric, f"label {label!r}: {len(known)} known values exceed the limit of {limit}")
            for value in known:
                if not matches(value):
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
        if not math.isfinite(boundary):
            raise _wrong(metric, f"boundary {boundary!r} is not finite; the last bucket is +Inf by itself")
    for lower, upper in itertools.pairwise(metric.boundaries):
        if not lower < upper:
            raise _wrong(metric, f"boundaries do not rise: {lower} is followed by {upper}")


def _check_view(metric: Metric, view: View) -> None:
    if not view.instruments:
        raise _wrong(metric, "a view selects no instrument")
    for instrument in view.instruments:
        if instrument != instrument.lower():
            raise _wrong(metric, f"a view names {instrument}; instruments are looked up in lower case")
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
    if view.weight is not None and view.unless_weight is not None:
        raise _wrong(metric, f"the view on {named} has a weight and an unless_weight; the one excludes the other")
    if view.given and view.weight is None and view.unless_weight is None:
        raise _wrong(metric, f"the view on {named} is given {sorted(view.given)}, and has no weight to tell it to")
    for name, values in view.where.items():
        if not values:
            raise _wrong(metric, f"the view on {named} wants no value of {name!r}; it would take nothing")


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
    if any(label not in counter.labels for label in metric.labels):
        raise _wrong(metric, f"its labels have other domains than those of {counter.name}")
    of = _enums(counter).get(metric.ratio.label)
    if of is None or metric.ratio.value not in of.values:
        raise _wrong(metric, f"{metric.ratio.label}={metric.ratio.value} is no value of an enum of {counter.name}")


def _check_one_hot(metric: Metric, metrics: tuple[Metric, ...]) -> None:
    """Setting one state sets the others: an instrument that does so does nothing else."""
    if metric.one_hot is None:
        return
    own = {instrument for view in metric.views for instrument in view.instruments}
    for other in metrics:
        shared = own & {instrument for view in other.views for instrument in view.instruments}
        if other is not metric and shared:
            raise _wrong(metric, f"its instrument {min(shared)} feeds {other.name} too; a one-hot gauge has its own")
