"""What is told while the demo runs: on a terminal, as lines, or to a program."""

from dataclasses import dataclass
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app_integration.demo.alerts import Heard
from app_integration.demo.moment import DURATION, REQUESTS, Moment
from app_integration.demo.options import Options
from app_integration.demo.outcome import Outcome
from app_integration.demo.screen import Addresses, screen

_SECONDS_BETWEEN_LINES = 2.0


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is known before the traffic begins."""

    options: Options
    addresses: Addresses
    notes: tuple[str, ...]


class View(Protocol):
    """Where the demo tells what happens."""

    def progress(self, text: str) -> None:
        """Something of the set-up or the end, in a line."""

    def begin(self, announcement: Announcement) -> None:
        """The traffic begins."""

    def show(self, moment: Moment) -> None:
        """The figures of this moment."""

    def end(self) -> None:
        """What was begun is over, also by an error."""

    def conclude(self, outcome: Outcome) -> None:
        """The comparison."""


class Terminal:
    """A screen that is drawn anew each second, and the summary below it."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._console = console
        self._verbose = verbose
        self._steps: Progress | None = None
        self._live: Live | None = None
        self._announcement: Announcement | None = None

    def progress(self, text: str) -> None:
        """Begin a step, with its time; the one before is done."""
        if self._steps is None:
            columns = (
                SpinnerColumn(finished_text="[green]✓[/]"),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
            )
            self._steps = Progress(*columns, console=self._console)
            self._steps.start()
        _finish(self._steps)
        self._steps.add_task(escape(text), total=1)

    def begin(self, announcement: Announcement) -> None:
        """Begin to draw."""
        self.end()
        self._announcement = announcement
        self._live = Live(console=self._console, auto_refresh=False)
        self._live.start()

    def show(self, moment: Moment) -> None:
        """Draw."""
        if self._live and (told := self._announcement):
            lines = self._console.height
            self._live.update(screen(moment, told.options, told.addresses, told.notes, lines), refresh=True)

    def end(self) -> None:
        """Leave the last screen, or the steps, as they are."""
        if self._steps:
            _finish(self._steps)
            self._steps.stop()
            self._steps = None
        if self._live:
            self._live.stop()
            self._live = None

    def conclude(self, outcome: Outcome) -> None:
        """Print the table."""
        _print_outcome(self._console, outcome, verbose=self._verbose)


class Lines:
    """A line every two seconds, for logs and pipes."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._console = console
        self._verbose = verbose
        self._next = 0.0
        self._told: dict[tuple[tuple[str, str], ...], int] = {}

    def progress(self, text: str) -> None:
        """Print a line."""
        self._say(text)

    def begin(self, announcement: Announcement) -> None:
        """Print the addresses."""
        for note in announcement.notes:
            self._say(note)
        for name, address in announcement.addresses.items():
            self._say(f"{name:<10} {address}")
        length = "until Ctrl-C" if (seconds := announcement.options.seconds) is None else f"for {seconds:g} s"
        if tempo := announcement.options.tempo:
            self._say(tempo)
        self._say(f"traffic begins, {length}")

    def show(self, moment: Moment) -> None:
        """Print the alerts that are new or have ended, and the figures, if it is time."""
        self._say_alerts(moment.heard)
        if moment.elapsed < self._next:
            return
        self._next = moment.elapsed + _SECONDS_BETWEEN_LINES
        p95 = moment.milliseconds(0.95)
        self._say(
            f"{moment.elapsed:4.0f} s  {moment.figures.total(REQUESTS):6.0f} requests  {moment.rate(REQUESTS):5.1f}/s  "
            f"p95 {'-' if p95 is None else f'{p95:.0f} ms'}  "
            f"series {len(moment.figures.samples.get(f'{DURATION}_count', {}))}  {moment.received}"
        )

    def end(self) -> None:
        """Nothing is to be tidied up."""

    def conclude(self, outcome: Outcome) -> None:
        """Print the table."""
        _print_outcome(self._console, outcome, verbose=self._verbose)

    def _say_alerts(self, heard: Heard | None) -> None:
        for alert in heard.alerts if heard else ():
            known = self._told.get(alert.key, 0)
            for _, firing in alert.told[known:]:
                said = alert.summary if firing else "has ended"
                self._say(f"{'alert' if firing else 'end':<10} {alert.priority} {alert.name}: {said}")
            self._told[alert.key] = len(alert.told)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class JsonDocument(Lines):
    """Lines on standard error, and at the end one JSON object on standard output."""

    def __init__(self) -> None:
        super().__init__(Console(stderr=True), verbose=False)

    def conclude(self, outcome: Outcome) -> None:
        """Print the object."""
        print(outcome.json(), flush=True)


def _finish(steps: Progress) -> None:
    for task in steps.task_ids:
        steps.update(task, completed=1)


def _print_outcome(console: Console, outcome: Outcome, *, verbose: bool) -> None:
    console.print()
    console.print(outcome.table(verbose=verbose))
    console.print()
    if outcome.heard is not None:
        console.print(outcome.alerts_table() if outcome.alerts else "[dim]no alert came[/]")
        console.print()
    for note in outcome.notes:
        console.print(f"[yellow]{escape(note)}[/]")
    if outcome.unknown:
        console.print(
            f"[red]requests that broke off: {len(outcome.unknown)}, the last: {escape(outcome.unknown[-1])}[/]"
        )
    if outcome.unmoved:
        console.print(f"[red]did not move: {', '.join(outcome.unmoved)}[/]\n")
    if outcome.unwitnessed:
        console.print(f"[dim]moved, by how much nobody else knows: {', '.join(outcome.unwitnessed)}[/]\n")
    if verbose and outcome.excused:
        reasons = ", ".join(f"{name} ({why})" for name, why in outcome.excused.items())
        console.print(f"[dim]did not move, for a reason: {reasons}[/]\n")
    console.print(f"[{'bold green' if outcome.equal else 'bold red'}]{escape(outcome.verdict())}[/]", highlight=False)
