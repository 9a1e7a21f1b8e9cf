"""One-hot gauges: of the values of one label, such as the states of a circuit breaker, one holds."""

from collections.abc import Sequence

from telemetry.contract import Enum, Metric
from telemetry.engine.plan import Operation
from telemetry.engine.series import Labels, Number, Series


def excluded(metric: Metric, labels: Labels) -> list[Labels]:
    """Label sets that cannot hold while `labels` does: the other values of the one-hot label."""
    at, values = _one_hot(metric)
    return [(*labels[:at], value, *labels[at + 1 :]) for value in values if value != labels[at]]


def set_one(operation: Operation, labels: Labels, amount: Number) -> bool:
    """Set a label set, and the ones that it excludes to 0, at once; return whether a limit was met.

    The table's lock is taken: nobody may see two states that hold, or none. States change seldom.
    """
    table = operation.table
    with table.lock:
        cell, limited = table.cell(labels, 0)
        others = [table.cell(other, 0)[0] for other in excluded(operation.metric, labels)] if amount else []
        cell[0] = amount
        for other in others:
            other[0] = 0
        return limited


def worst_holds(metric: Metric, points: Sequence[tuple[Series, Number]]) -> list[tuple[Series, Number]]:
    """Return 1 for the value that holds, 0 for others; of several, as behind `other`, for the worst, which is first."""
    at, values = _one_hot(metric)
    rank = {value: position for position, value in enumerate(values)}
    worst: dict[Labels, tuple[int, Series]] = {}
    for series, amount in points:
        subject, position = _without(series.labels, at), rank.get(series.labels[at], len(rank))
        if amount > 0 and (subject not in worst or position < worst[subject][0]):
            worst[subject] = (position, series)
    return [(series, int(amount > 0 and worst[_without(series.labels, at)][1] is series)) for series, amount in points]


def _one_hot(metric: Metric) -> tuple[int, tuple[str, ...]]:
    at = metric.label_names.index(metric.one_hot or "")
    domain = metric.labels[at].domain
    return at, domain.values if isinstance(domain, Enum) else ()


def _without(labels: Labels, at: int) -> Labels:
    return (*labels[:at], *labels[at + 1 :])
