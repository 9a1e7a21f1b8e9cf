"""What was sent beside what was counted."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from app_integration.demo.figures import Figures
from telemetry.contract import CONTRACT, MetricType

_LAST_DIGITS = 1e-9


@dataclass(frozen=True, slots=True)
class Claim:
    """What `source` says that a metric must be, without having asked the telemetry.

    `sent` has a figure for the values of the labels in `by`, joined by a space; what is not in it is 0. With `where`
    only series that carry these labels are meant. `tolerance` is the share by which a figure may differ that moves
    while it is looked at.
    """

    source: str
    metric: str
    by: tuple[str, ...]
    sent: Mapping[str, float]
    where: Mapping[str, str] = field(default_factory=dict)
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One series, or what a source can tell of it: as sent and as counted.

    `increase` is by how much a counter has grown in Prometheus; None where nobody was asked.
    """

    source: str
    metric: str
    labels: str
    sent: float
    counted: float
    increase: float | None = None
    tolerance: float = 0.0

    @property
    def equal(self) -> bool:
        """Whether nothing was lost and nothing counted twice."""
        return self._is(self.counted) and (self.increase is None or self._is(self.increase))

    def _is(self, figure: float) -> bool:
        # Sums of fractions depend on their order in the last digits.
        return math.isclose(self.sent, figure, rel_tol=max(self.tolerance, _LAST_DIGITS), abs_tol=_LAST_DIGITS)


@dataclass(frozen=True, slots=True)
class Subtotal:
    """The rows of one metric from one source."""

    source: str
    metric: str
    rows: tuple[Row, ...]

    @property
    def sent(self) -> float:
        """The sum of what was sent."""
        return sum(row.sent for row in self.rows)

    @property
    def counted(self) -> float:
        """The sum of what was counted."""
        return sum(row.counted for row in self.rows)

    @property
    def increase(self) -> float | None:
        """The sum of the increases, None where there are none."""
        known = [row.increase for row in self.rows if row.increase is not None]
        return sum(known) if known else None

    @property
    def equal(self) -> bool:
        """Whether each row is equal: sums alone would hide what was counted in the wrong place."""
        return all(row.equal for row in self.rows)


def compare(claims: Iterable[Claim], figures: Figures, growth: Figures | None = None) -> list[Row]:
    """Set each claim beside the figures. A series that nobody claims is a row too, with nothing sent.

    With `growth`, what is sent of counters is compared with this too.
    """
    rows = []
    for claim in claims:
        counted = figures.summed(claim.metric, claim.by, claim.where)
        grown = growth.summed(claim.metric, claim.by, claim.where) if growth and is_counter(claim.metric) else None
        rows += [
            Row(
                claim.source,
                claim.metric,
                labels,
                sent=claim.sent.get(labels, 0.0),
                counted=counted.get(labels, 0.0),
                increase=None if grown is None else grown.get(labels, 0.0),
                tolerance=claim.tolerance,
            )
            for labels in sorted({*claim.sent, *counted, *(grown or {})})
        ]
    return rows


def is_counter(sample: str) -> bool:
    """Tell whether samples of this name only ever grow: a counter's, or those of a histogram."""
    if (metric := CONTRACT.by_name.get(sample)) is not None:
        return metric.type is MetricType.COUNTER
    family = CONTRACT.by_name.get(sample.rpartition("_")[0])
    return family is not None and family.type is MetricType.HISTOGRAM


def equal(rows: Iterable[Row]) -> bool:
    """Tell whether all rows are equal, and something was sent at all."""
    rows = list(rows)
    return all(row.equal for row in rows) and any(row.sent for row in rows)


def subtotals(rows: Iterable[Row]) -> list[Subtotal]:
    """Group rows that follow each other by source and metric."""
    grouped = groupby(rows, key=lambda row: (row.source, row.metric))
    return [Subtotal(source, metric, tuple(group)) for (source, metric), group in grouped]
