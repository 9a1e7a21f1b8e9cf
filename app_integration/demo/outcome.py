"""What came out of a demo, for people and for programs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from app_integration.demo.alerts import Alert, Heard
from app_integration.demo.comparison import Row, Subtotal, equal, subtotals
from app_integration.demo.moment import REQUESTS

# Of a metric that differs so many series are shown; --json and --verbose have all.
_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """The comparison at the end.

    `notes` say what was left out; `excused` are the metrics that did not move, each with why, and `unmoved` those for
    which there is no reason; `unwitnessed` are those that moved, by how much only the application knows. `unknown`
    tells how requests broke off. `heard` are the alerts that came, None where nobody would tell; the traffic `begun` at
    that second of the same clock.
    """

    mode: str
    scenario: str
    seconds: float
    requests: int
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    excused: Mapping[str, str]
    unmoved: tuple[str, ...]
    unwitnessed: tuple[str, ...]
    unknown: tuple[str, ...]
    heard: Heard | None = None
    begun: float = 0.0

    @property
    def equal(self) -> bool:
        """Whether what was counted is what was sent, and nothing stood still."""
        return equal(self.rows) and not self.unmoved

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
        if self.unmoved and equal(self.rows):
            return f"{asked}: {len(self.unmoved)} metrics did not move."
        if not differ:
            return f"{asked}: there is nothing to compare."
        told = f"{asked}: {differ} of {len(self.rows)} series differ."
        if more := [row.labels for row in self.rows if row.metric == REQUESTS and row.counted > row.sent]:
            told += f" More than was sent: {', '.join(more)}; what somebody else sends is counted, too."
        return told

    def json(self) -> str:
        """Everything, as one JSON object."""
        return json.dumps(
            {
                "mode": self.mode,
                "scenario": self.scenario,
                "seconds": round(self.seconds, 3),
                "requests": self.requests,
                "equal": self.equal,
                "notes": self.notes,
                "unknown": self.unknown,
                "unmoved": self.unmoved,
                "unwitnessed": self.unwitnessed,
                "unmoved_for_a_reason": dict(self.excused),
                "alerts": [self._told(alert) for alert in self.alerts],
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

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts that came, the first one first."""
        return self.heard.alerts if self.heard else ()

    def _told(self, alert: Alert) -> dict[str, object]:
        return {
            "name": alert.name,
            "priority": alert.priority,
            "labels": dict(alert.labels),
            "annotations": dict(alert.annotations),
            "began": alert.began.isoformat(),
            "told": [
                {"after": round(now - self.begun, 3), "status": "firing" if firing else "resolved"}
                for now, firing in alert.told
            ],
            "repeats": alert.repeats,
        }

    def alerts_table(self) -> RenderableType:
        """One line an alert: when it came and went, in seconds since the traffic began."""
        # Where there is little room, the sentence is cut, and no time.
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", expand=True)
        table.add_column("alert", no_wrap=True, overflow="ellipsis")
        for heading in ("came", "went"):
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("", ratio=1, no_wrap=True, overflow="ellipsis")
        for alert in self.alerts:
            came = " ".join(f"{now - self.begun:.0f} s" for now, firing in alert.told if firing)
            went = " ".join(f"{now - self.begun:.0f} s" for now, firing in alert.told if not firing)
            table.add_row(_cell(f"{alert.priority} {alert.name}"), came, went or "[red]fires[/]", _cell(alert.summary))
        return table

    def table(self, *, verbose: bool) -> RenderableType:
        """One line a metric, under the source that says what was sent; series where they differ, or when asked for."""
        headings = ("series", "sent", "counted", "increase") if self.with_increases else ("series", "sent", "counted")
        # In 80 columns what is too much a name loses, never a figure or the verdict.
        padding = (0, 1, 0, 0)
        table = Table(box=None, pad_edge=False, padding=padding, header_style="bold")
        table.add_column("metric", ratio=1)
        for heading in headings:
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("", no_wrap=True, min_width=7)
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
        numbers = [_number(line.sent), _number(line.counted)]
        if self.with_increases:
            # A gauge has none.
            numbers.append("" if line.increase is None else _number(line.increase))
        return [*numbers, "[green]ok[/]" if line.equal else "[red]differs[/]"]


def _cell(name: str, style: str = "") -> Text:
    return Text(name, style, no_wrap=True, overflow="ellipsis")


_ASKED = {
    "the traffic": "as the traffic sent it:",
    "the answers": "as the application's answers tell it:",
    "the providers": "as the providers served it:",
    "the system": "as the system sees it, about:",
}


def _asked(source: str) -> str:
    return _ASKED.get(source, f"as {source} counts it:")


def _number(figure: float) -> str:
    """Write a figure in few characters: whole, or with six digits, or in thousands and millions."""
    if abs(figure) < 1e7 and figure == int(figure):
        return f"{figure:.0f}"
    return f"{figure / 1e6:.1f}M" if abs(figure) >= 1e7 else f"{figure:.6g}"


def _shown(subtotal: Subtotal, *, verbose: bool) -> Iterator[Row]:
    if verbose:
        yield from subtotal.rows
    else:
        yield from [row for row in subtotal.rows if not row.equal][:_MOST_SHOWN]
