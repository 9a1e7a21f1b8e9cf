"""An example PromQL query for each metric, right for its type, made from the contract's entry."""

from collections.abc import Mapping
from dataclasses import dataclass

from telemetry.contract import Combine, Enum, Masked, Metric, MetricType
from telemetry.render.words import listed

# What happens seldom is counted over an hour: per second it would read as 0.000...
_SELDOM = frozenset({"{error}", "{failure}", "{attempt}", "{input}", "{measurement}"})
_MOST_GROUPS = 2


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression, and what it tells."""

    tells: str
    expression: str


def queries_of(metric: Metric, by_name: Mapping[str, Metric]) -> tuple[Query, ...]:
    """Return example queries: the first one for the metric itself, others for the shares it is the base of."""
    match metric.type:
        case MetricType.COUNTER:
            return _counter(metric)
        case MetricType.HISTOGRAM:
            return _histogram(metric)
        case MetricType.GAUGE:
            return _gauge(metric, by_name)


def _counter(metric: Metric) -> tuple[Query, ...]:
    name, labels = metric.name, metric.label_names
    masked = [label.name for label in metric.labels if isinstance(label.domain, Masked)]
    if masked:
        groups = ", ".join(labels)
        most = f"topk(10, sum by ({groups}) (increase({name}[1h])))"
        return (Query(f"The ten combinations of {listed(labels, ' and ')} with the most in the last hour", most),)
    if metric.unit == "usd":
        return (Query(f"US dollars in the last day{_each(labels)}", _sum(labels, f"increase({name}[1d])")),)
    if metric.unit in _SELDOM:
        return (
            Query(f"How many in the last hour{_each(labels)}", _sum(labels, f"increase({name}[1h])")),
            *_shares(metric),
        )
    first = labels[:_MOST_GROUPS]
    return Query(f"Per second{_each(first)}", _sum(first, f"rate({name}[5m])")), *_shares(metric)


def _shares(metric: Metric) -> tuple[Query, ...]:
    """Shares that make sense by themselves: of what failed, of server errors, of what was found."""
    for label in metric.labels:
        values = label.domain.values if isinstance(label.domain, Enum) else ()
        others = [other for other in metric.labels if other is not label]
        # Of provider, route, command and the like: these are what people compare.
        others.sort(key=lambda other: isinstance(other.domain, Enum))
        group = tuple(other.name for other in others[:1])
        for has, tells, matcher in (
            ("500", "Share of server errors", f'{label.name}=~"5.."'),
            ("success", "Share that was no success", f'{label.name}!="success"'),
            ("hit", "Share of hits", f'{label.name}="hit"'),
        ):
            if has in values:
                part = _sum(group, f"rate({metric.name}{{{matcher}}}[5m])")
                whole = _sum(group, f"rate({metric.name}[5m])")
                return (Query(f"{tells}{_each(group)}", f"{part}\n  / {whole}"),)
    return ()


def _histogram(metric: Metric) -> tuple[Query, ...]:
    groups = metric.label_names[-1:]
    name = metric.name
    mean = Query(
        f"Mean of the last five minutes{_each(groups)}",
        f"{_sum(groups, f'rate({name}_sum[5m])')}\n  / {_sum(groups, f'rate({name}_count[5m])')}",
    )
    share = 0.05 if metric.unit == "1" else 0.95
    beyond = "more" if metric.unit == "1" else "less"
    buckets = _sum(("le", *groups), f"rate({name}_bucket[5m])")
    quantile = Query(
        f"What 95 % of the values are {beyond} than{_each(groups)}", f"histogram_quantile({share}, {buckets})"
    )
    return (mean, quantile) if metric.unit == "1" else (quantile, mean)


def _gauge(metric: Metric, by_name: Mapping[str, Metric]) -> tuple[Query, ...]:
    name, labels = metric.name, metric.label_names
    if metric.ratio is not None:
        counter, matcher = metric.ratio.counter, f'{metric.ratio.label}="{metric.ratio.value}"'
        part, whole = (_sum(labels, f"increase({selected}[1h])") for selected in (f"{counter}{{{matcher}}}", counter))
        return (Query(f"The ratio of the last hour, over all processes{_each(labels)}", f"{part}\n  / {whole}"),)
    if metric.combine is Combine.STATE and metric.one_hot is not None:
        domain = next(label.domain for label in metric.labels if label.name == metric.one_hot)
        first = domain.values[0] if isinstance(domain, Enum) else ""
        groups = [label for label in labels if label != metric.one_hot]
        expression = f'max by ({", ".join(groups)}) ({name}{{{metric.one_hot}="{first}"}}) == 1'
        return (Query(f"Each {listed(groups)} that is {first} in some process", expression),)
    if name.endswith("_timestamp_seconds"):
        return (Query("Seconds since then, for each process", f"time() - max by (job, instance) ({name})"),)
    how = "sum" if metric.combine is Combine.SUM else "max"
    tells = "Over all processes" if metric.combine is Combine.SUM else "The largest that any process reports"
    plain = Query(f"{tells}{_each(labels)}", _aggregate(how, labels, name))
    limit = by_name.get(name.replace("_usage_", "_limit_"))
    if "_usage_" in name and limit is not None:
        on = ", ".join(("job", "instance", *labels))
        share = Query(
            "Share of the limit, compared within an instance before anything is added up",
            f"{name}\n  / on ({on}) {limit.name}",
        )
        return plain, share
    return (plain,)


def _each(labels: tuple[str, ...]) -> str:
    return f", by {listed(labels, ' and ')}" if labels else ""


def _sum(labels: tuple[str, ...], expression: str) -> str:
    return _aggregate("sum", labels, expression)


def _aggregate(how: str, labels: tuple[str, ...], expression: str) -> str:
    return f"{how} by ({', '.join(labels)}) ({expression})" if labels else f"{how}({expression})"
