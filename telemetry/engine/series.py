"""Series: the label sets of one metric, their limits, and the cells that measurements are added to."""

import math
import threading
from collections.abc import Callable, Sequence

from telemetry.contract import (
    INVALID,
    OTHER,
    UNMATCHED,
    Bounded,
    Combine,
    Metric,
    MetricType,
    Template,
)

Number = int | float
Cell = list[Number]
Labels = tuple[str, ...]

# A histogram's cell is [sum, min, max, count of each bucket...]: one list, copied at once, is never torn.
SUM, MIN, MAX, FIRST_BUCKET = 0, 1, 2, 3

# What stands for values that are missing or past a limit takes none of a label's limit.
_STAND_INS = frozenset({OTHER, UNMATCHED, INVALID})

# Label sets that are told apart behind one gauge's `other`, so that it can be combined by its rule.
_MAX_MERGED = 1_000


class Series:
    """One label set of a metric.

    `labels` holds the values in the order of the metric's labels; `birth_ns` is the Unix time in nanoseconds at
    which it first appeared. `recorded` tells that a synchronous instrument writes to `cell`; `merged` holds the
    cells of the label sets that a gauge's `other` stands for; `text` is free for an exposition's cached prefixes.
    """

    __slots__ = ("attributes", "birth_ns", "cell", "labels", "merged", "recorded", "text")

    def __init__(self, metric: Metric, labels: Labels, birth_ns: int) -> None:
        self.labels = labels
        self.birth_ns = birth_ns
        self.attributes = dict(zip(metric.label_names, labels, strict=True))
        self.cell = new_cell(metric)
        self.recorded = False
        self.merged: dict[Labels, Cell] = {}
        self.text: object = None


def new_cell(metric: Metric) -> Cell:
    """Return a cell of a metric before its first measurement."""
    if metric.type is MetricType.HISTOGRAM:
        return [0, math.inf, -math.inf, *[0] * (len(metric.boundaries) + 1)]
    return [0]


def combined(rule: Combine | None, values: Sequence[Number]) -> Number:
    """Add values of one series up by its metric's rule: a sum for counters, too."""
    return sum(values) if rule is Combine.SUM or rule is None else max(values)


class SeriesTable:
    """All series of one metric in one process.

    Bounded twice: a label takes its known values and others while fewer than its limit are seen, the metric
    takes `series_limit` label sets; past either, bounded and template labels become `other`.
    """

    def __init__(self, metric: Metric, clock: Callable[[], int]) -> None:
        self.metric = metric
        self.lock = threading.RLock()  # reentrant: allocation may collect garbage, whose callbacks may record
        self._clock = clock
        self._series: dict[Labels, Series] = {}
        self._limited = tuple(
            (position, label.domain.limit, _always(label.domain), set[str]())
            for position, label in enumerate(metric.labels)
            if isinstance(label.domain, (Bounded, Template))
        )

    def find(self, labels: Labels) -> tuple[Series, bool]:
        """Return the series of a label set, made if need be, and whether a limit led to `other`."""
        series = self._series.get(labels)
        if series is not None:
            return series, False
        with self.lock:
            within = self._within_limits(labels)
            series = self._series.get(within)
            if series is None and len(self._series) >= self.metric.series_limit:
                within = self._all_other(labels)
                series = self._series.get(within)
            if series is None:
                fresh = Series(self.metric, within, self._clock())
                series = self._series.setdefault(within, fresh)
                for position, _, _, seen in self._limited:
                    if within[position] not in _STAND_INS:
                        seen.add(within[position])
            return series, within != labels

    def _within_limits(self, labels: Labels) -> Labels:
        values = list(labels)
        for position, limit, always, seen in self._limited:
            value = values[position]
            if value not in always and value not in seen and len(seen) >= limit:
                values[position] = OTHER
        return tuple(values)

    def _all_other(self, labels: Labels) -> Labels:
        values = list(labels)
        for position, _, _, _ in self._limited:
            values[position] = OTHER
        return tuple(values)

    def cell(self, labels: Labels, first: Number) -> tuple[Cell, bool]:
        """Return the cell that a gauge's measurements of a label set go to, and whether a limit was met.

        A new cell begins with `first`. Behind `other` every label set has a cell of its own, to be combined by
        the gauge's rule when collected.
        """
        series, limited = self.find(labels)
        if not limited:
            if first and not series.recorded:
                series.cell[0] = first
            series.recorded = True
            return series.cell, False
        with self.lock:
            key = labels if labels in series.merged or len(series.merged) < _MAX_MERGED else series.labels
            return series.merged.setdefault(key, [first]), True

    def exists(self, labels: Labels) -> bool:
        """Tell whether a label set has a series."""
        return labels in self._series

    def series(self) -> list[Series]:
        """All series, in the order in which they appeared."""
        with self.lock:
            return list(self._series.values())

    def clear(self) -> None:
        """Forget every series, with a fresh lock: for the child of a fork."""
        self.lock = threading.RLock()
        self._series.clear()
        for _, _, _, seen in self._limited:
            seen.clear()


def _always(domain: Bounded | Template) -> frozenset[str]:
    known = domain.known if isinstance(domain, Bounded) else ()
    return _STAND_INS | frozenset(known)
