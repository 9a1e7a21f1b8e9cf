"""Lines of the table: ours beside the plain pipeline, and whether an aim is reached."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.table import aligned, number
from benchmarks.timing import Timed


@dataclass(frozen=True)
class Comparison:
    """One thing measured in both. The aims are the most that ours may take: times plain, or in its unit."""

    what: str
    unit: str
    ours: Timed
    plain: Timed
    most_times: float | None = None
    most: float | None = None

    @property
    def times(self) -> float:
        """How many times plain ours takes: the median of the rounds."""
        return self.ours.times(self.plain)

    @property
    def reached(self) -> bool:
        """Whether all aims are reached."""
        within = self.most is None or statistics.median(self.ours.rounds) <= self.most
        return within and (self.most_times is None or self.times <= self.most_times)

    def missed(self) -> str:
        """Tell by how much."""
        return f"{self.what}: {number(self.ours)} {self.unit}, {self.times:.2f} times plain, aim {self._aims()}"

    def _aims(self) -> str:
        times = [f"{self.most_times:g}x"] if self.most_times is not None else []
        return ", ".join(times + ([f"{self.most:g} {self.unit}"] if self.most is not None else []))

    def cells(self) -> list[str]:
        """Return the line of the table."""
        ratios = sorted(ours / plain for ours, plain in zip(self.ours.rounds, self.plain.rounds, strict=True))
        spread = f" ({ratios[0]:.2f}-{ratios[-1]:.2f})" if len(ratios) > 1 else ""
        aims = self._aims()
        verdict = ("reached" if self.reached else "missed") if aims else ""
        line = [self.what, self.unit, number(self.ours), number(self.plain), f"{self.times:.2f}x{spread}"]
        return [*line, aims or "-", verdict]


def show(found: Sequence[Comparison]) -> str:
    """Render the table."""
    head = ["", "", "Collector", "plain", "times plain (rounds)", "aim", ""]
    return aligned([head, *(each.cells() for each in found)])
