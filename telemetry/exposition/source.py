"""What the page is made from: anything that gives a snapshot of metrics and their series."""

from collections.abc import Sequence
from typing import Protocol

from telemetry.contract import Metric

Number = int | float
Cell = list[Number]

# A histogram's cell is [sum, min, max, count of each bucket...]: counts are not cumulated, the last is of +Inf.
SUM, FIRST_BUCKET = 0, 3


class Series(Protocol):
    """One label set: its values in the order of the metric's labels, and its birth in Unix nanoseconds.

    `text` belongs to the page: what of a series' output never changes is kept there.
    """

    labels: tuple[str, ...]
    birth_ns: int
    text: object


class Snapshot(Protocol):
    """A metric of the contract and its points: a number each, for a histogram a cell."""

    @property
    def metric(self) -> Metric:
        """The contract's entry."""

    @property
    def points(self) -> Sequence[tuple[Series, Number | Cell]]:
        """The series that exist, each with its value."""


class SnapshotSource(Protocol):
    """What the page asks for a snapshot at every scrape."""

    def snapshot(self, timeout_millis: float = 10_000) -> Sequence[Snapshot]:
        """Return what is to be told now, in the contract's order."""


class Kept:
    """What the page keeps of a series: the parts of its output that never change, made when first asked for."""

    __slots__ = ("created", "line", "record")

    def __init__(self) -> None:
        self.line: str | None = None
        self.created: str | None = None
        self.record: object = None


def kept(series: Series) -> Kept:
    """Return what the page keeps of a series."""
    found = series.text
    if not isinstance(found, Kept):
        found = series.text = Kept()
    return found
