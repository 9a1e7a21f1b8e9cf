"""Queries from the contract's names, each aggregation written once.

A rate comes before a sum, and the larger of two lanes goes before the processes are added up: as the first layer of
rules has it.
"""

from collections.abc import Iterable
from typing import Final

from monitoring.rules import first_layer, history
from telemetry.contract import CONTRACT, Metric, MetricType

# Variables of each dashboard, each named as the label that it selects by; `job` is every series'.
VARIABLES: Final = ("job", "provider", "model", "route", "task_type")
WINDOW: Final = "$__rate_interval"

_PARTS: Final = ("_bucket", "_sum", "_count")


def metric_of(sample: str) -> Metric:
    """Return the contract's entry that a sample belongs to. Raises KeyError where there is none."""
    for part in ("", *_PARTS):
        metric = CONTRACT.by_name.get(sample.removesuffix(part))
        if metric is not None and (not part or metric.type is MetricType.HISTOGRAM):
            return metric
    raise KeyError(sample)


def selector(sample: str, *matchers: str, name: str = "") -> str:
    """Return the series of a sample that the variables select; `name` is what a recording of it is called."""
    labels = metric_of(sample).label_names
    selected = [f'{variable}=~"${variable}"' for variable in VARIABLES if variable == "job" or variable in labels]
    return f"{name or sample}{{{','.join([*selected, *matchers])}}}"


def per_second(sample: str, *matchers: str, by: Iterable[str] = (), window: str = WINDOW) -> str:
    """Return how fast a counter grows, a second, added up over processes."""
    return _sum(by, f"max without (lane) (rate({selector(sample, *matchers)}[{window}]))")


def grown(sample: str, *matchers: str, by: Iterable[str] = (), window: str) -> str:
    """Return by how much a counter has grown over a window, added up over processes."""
    return _sum(by, f"max without (lane) (increase({selector(sample, *matchers)}[{window}]))")


def recorded(sample: str, window: str, *matchers: str, by: Iterable[str] = ()) -> str:
    """Return the rate that the first layer of rules has recorded: what alerts are built on."""
    return _sum(by, selector(sample, *matchers, name=first_layer.rate_of(sample, window)))


def remembered(sample: str, window: str, *matchers: str, by: Iterable[str] = ()) -> str:
    """Return by how much a counter has grown over a window, from the history that is kept for long."""
    growth = selector(sample, *matchers, name=history.growth_of(sample))
    return _sum(by, f"sum_over_time({growth}[{window}])")


def level(metric: str, *matchers: str, by: Iterable[str] = ()) -> str:
    """Return a gauge over all processes, added up as the contract says."""
    combine = CONTRACT.by_name[metric].combine
    if combine not in first_layer.AGGREGATION:
        msg = f"{metric}: got combine={combine}; a gauge that is no ratio is needed"
        raise ValueError(msg)
    return f"{first_layer.AGGREGATION[combine]} by ({_names(by)}) (max without (lane) ({selector(metric, *matchers)}))"


def mean(metric: str, *matchers: str, by: Iterable[str] = ()) -> str:
    """Return the mean of a histogram's measurements; nothing where there were none."""
    total, count = (per_second(f"{metric}_{part}", *matchers, by=by) for part in ("sum", "count"))
    return f"{total} / ({count} > 0)"


def quantile(share: float, metric: str, *matchers: str, by: Iterable[str] = ()) -> str:
    """Return the value that this share of a histogram's measurements is at or below."""
    return f"histogram_quantile({share:g}, {buckets(metric, *matchers, by=by)})"


def buckets(metric: str, *matchers: str, by: Iterable[str] = ()) -> str:
    """Return how fast the buckets of a histogram grow."""
    return per_second(f"{metric}_bucket", *matchers, by=("le", *by))


def share(part: str, whole: str) -> str:
    """Return part / whole: 0 where there is a whole and no part of it, nothing where there is no whole."""
    return f"({part} or 0 * {whole}) / ({whole} > 0)"


def or_none(expr: str, label: str = "") -> str:
    """Return 0 where a process tells its figures and this one is not among them: it has not happened.

    `label` is what the series are told apart by: of that it is `none`.
    """
    nothing = f'0 * max({first_layer.PROCESSES}{{job=~"$job"}})'
    named = f'label_replace({nothing}, "{label}", "none", "", "")' if label else nothing
    return f"{expr} or on () {named}"


def busiest(number: int, expr: str, sample: str, *by: str) -> str:
    """Return the series of the labels' values with the most of a counter over the range shown."""
    return _top(number, expr, by, f"sum by ({_names(by)}) ({_over_range('rate', sample)})")


def largest(number: int, expr: str, metric: str, *by: str) -> str:
    """Return the series of the labels' values with the highest value of a gauge over the range shown."""
    return _top(number, expr, by, f"max by ({_names(by)}) ({_over_range('max_over_time', metric)})")


def lowest(number: int, expr: str, metric: str, *by: str) -> str:
    """Return the series of the labels' values with the lowest mean of a histogram over the range shown."""
    total, count = (f"sum by ({_names(by)}) ({_over_range('rate', f'{metric}_{part}')})" for part in ("sum", "count"))
    return f"{expr} and on ({_names(by)}) bottomk({number}, {total} / ({count} > 0))"


def _top(number: int, expr: str, by: Iterable[str], ranking: str) -> str:
    """Keep the labels that rank highest over the range shown: the same few at each point, and in each column."""
    return f"{expr} and on ({_names(by)}) topk({number}, {ranking})"


def _over_range(function: str, sample: str) -> str:
    return f"max without (lane) ({function}({selector(sample)}[$__range] @ end()))"


def _sum(by: Iterable[str], inner: str) -> str:
    return f"sum by ({_names(by)}) ({inner})" if _names(by) else f"sum({inner})"


def _names(by: Iterable[str]) -> str:
    return ", ".join(by)
