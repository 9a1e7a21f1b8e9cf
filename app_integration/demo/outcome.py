"""What came out of a demo, for people and for programs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from app_integration.demo.comparison import Row, Subtotal, equal, subtotals

# Of a metric that differs so many series are shown; --json and --verbose have all.
_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """The comparison at the end.

    `notes` say what was left out, `absent` names the metrics that nothing in the demo moves, `unknown` tells how
    requests broke off.
    """

    mode: str
    seconds: float
    requests: int
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    absent: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Whether what was counted is what was sent."""
        return equal(self.rows)

    @property
    def with_increases(self) -> bool:
        """Whether Prometheus was asked how much counters have grown."""
        return any(row.increase is not None for row in self.rows)

    def verdict(self) -> str:
        """The outcome in a sentence."""
        differ = sum(not row.equal for row in self.rows)
        asked = f"{self.requests} requests in {self.seconds:.0f} s"
        if self.equal:
            agrees = ", and increase() agrees" if self.with_increases else ""
            return f"{asked}: all that was sent was counted, once{agrees} ({len(self.rows)} series compared)."
        if not differ:
            return f"{asked}: there is nothing to compare."
        return f"{asked}: {differ} of {len(self.rows)} series differ."

    def json(self) -> str:
        """Everything, as one JSON object."""
        return json.dumps(
            {
                "mode": self.mode,
                "seconds": round(self.seconds, 3),
                "requests": self.requests,
                "equal": self.equal,
                "notes": self.notes,
                "unknown": self.unknown,
                "not_part_of_this_demo": self.absent,
                "comparison": [
                    {
                        "source": row.source,
                        "metric": row.metric,
                        "series": row.labels,
                        "sent": row.sent,
                        "counted": row.counted,
                        "increase": row.increase,
                        "equal": row.equal,
                    }
                    for row in self.rows
                ],
            },
            indent=2,
        )

    def table(self, *, verbose: bool) -> RenderableType:
        """One line a metric, under the source that says what was sent; series where they differ, or when asked for."""
        headings = ("series", "sent", "counted", "increase") if self.with_increases else ("series", "sent", "counted")
        # One column more has room in 80 columns where the others move together; what is too much yet, a name loses.
        padding = (0, 1, 0, 0) if self.with_increases else (0, 1, 0, 1)
        table = Table(box=None, pad_edge=False, padding=padding, header_style="bold")
        table.add_column("metric", min_width=None if self.with_increases else 45)
        for heading in headings:
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("", no_wrap=True, min_width=None if self.with_increases else 7)
        source = ""
        for subtotal in subtotals(self.rows):
            if subtotal.source != source:
                source = subtotal.source
                table.add_row(_cell(_asked(source), "dim"))
            table.add_row(_cell(subtotal.metric), str(len(subtotal.rows)), *self._numbers(subtotal))
            for row in _shown(subtotal, verbose=verbose):
                table.add_row(_cell(f"  {row.labels or 'no labels'}", "dim"), "", *self._numbers(row))
        return table

    def _numbers(self, line: Row | Subtotal) -> list[str]:
        numbers = [f"{line.sent:.0f}", f"{line.counted:.0f}"]
        if self.with_increases:
            # A gauge has none.
            numbers.append("" if line.increase is None else f"{line.increase:.0f}")
        return [*numbers, "[green]ok[/]" if line.equal else "[red]differs[/]"]


def _cell(name: str, style: str = "") -> Text:
    return Text(name, style, no_wrap=True, overflow="ellipsis")


def _asked(source: str) -> str:
    return f"as {source} counts it:" if source != "the traffic" else "as the traffic sent it:"


def _shown(subtotal: Subtotal, *, verbose: bool) -> Iterator[Row]:
    if verbose:
        yield from subtotal.rows
    else:
        yield from [row for row in subtotal.rows if not row.equal][:_MOST_SHOWN]
