"""Which few of many a chart of what fails or is slow shows: not the busiest, among which the worst may be missing."""

from collections.abc import Iterable
from typing import Final

from monitoring.dashboards import promql

# What fails at all comes before any traffic.
_FIRST: Final = "1e6"
# What traffic counts beside what is bad: nothing, but among equals.
_TRAFFIC: Final = "1e-9"


def worst(number: int, expr: str, bad: str, whole: str, *by: str) -> str:
    """Return the series of the labels' values that were worst in the range shown.

    `bad` is how bad it is (a share, or seconds), `whole` how many a second that is of. They rank by the peak of
    bad² · whole, those that are not bad at all by that of `whole`: who fails wholly outranks who has as many failures
    among many more calls, and a single failure at night outranks nothing. The points looked at are those of the chart.
    """
    return _by_peak(number, expr, f"(({bad}) ^ 2 + {_TRAFFIC}) * {whole}", by)


def highest(number: int, expr: str, *by: str) -> str:
    """Return the series of the labels' values that were highest in the range shown."""
    return _by_peak(number, expr, expr, by)


def failing_first(number: int, expr: str, sample: str, failed: str, *by: str) -> str:
    """Return the series of the labels' values with most of what `failed` matches in the range, then the busiest."""
    names = ", ".join(by)
    failures, everything = (
        f"sum by ({names}) (max without (lane) (rate({promql.selector(sample, *match)}[$__range] @ end())))"
        for match in ((failed,), ())
    )
    return f"{expr} and on ({names}) topk({number}, {_FIRST} * {failures} > 0 or {everything})"


def _by_peak(number: int, expr: str, weight: str, by: Iterable[str]) -> str:
    ranking = f"max_over_time(({weight})[$__range:$__interval] @ end())"
    return f"{expr} and on ({', '.join(by)}) topk({number}, {ranking})"
