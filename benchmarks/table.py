"""The table that `make bench` prints: a row a measurement, a column a peer."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.timing import Timed

OURS = "this engine"


@dataclass(frozen=True)
class Row:
    """One thing measured, by peer; `OURS` is always among them. `aims` are the ratios to reach against a peer."""

    what: str
    unit: str
    figures: Mapping[str, Timed]
    aims: Mapping[str, float]

    def ratio(self, peer: str) -> float:
        """How many times more than this engine a peer takes."""
        return self.figures[peer].times(self.figures[OURS])

    def missed(self) -> list[str]:
        """The aims that this run did not reach."""
        return [
            f"{self.what}: {self.ratio(peer):.1f} times against {peer}, aim {aim:g}"
            for peer, aim in self.aims.items()
            if self.ratio(peer) < aim
        ]


def show(rows: Sequence[Row], peers: Sequence[str]) -> str:
    """Render the rows aligned: each peer's median, and how many times more it takes than this engine."""
    cells = [["", "", OURS, *peers]]
    for row in rows:
        line = [row.what, row.unit, number(row.figures[OURS])]
        line += [
            f"{number(row.figures[peer])} ({row.ratio(peer):.1f}x)" if peer in row.figures else "-" for peer in peers
        ]
        cells.append(line)
    return aligned(cells)


def aligned(cells: Sequence[Sequence[str]]) -> str:
    """Render lines of cells as columns."""
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def number(timed: Timed) -> str:
    """Render the median, with three digits or more."""
    median = statistics.median(timed.rounds)
    return f"{median:,.0f}" if median >= 100 else f"{median:.3g}"
