"""Alerts as people see them: those that fire first, then those that have ended."""

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from app_integration.demo.alerts import Alert, Heard

_COLOURS = {"P0": "bold red", "P1": "red", "P2": "yellow"}


def alerts_table(heard: Heard, tempo: str, most: int) -> tuple[RenderableType, int]:
    """Draw at most so many alerts, a line each, below one that sums them up; return how many lines that is, too."""
    # What is too long is a sentence, and loses its end: the ratio keeps it from the names.
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    firing = sorted((alert for alert in heard.alerts if alert.firing), key=lambda alert: alert.priority)
    ended = sorted((alert for alert in heard.alerts if not alert.firing), key=lambda alert: -alert.changed)
    all_of_them = [*firing, *ended]
    shown = all_of_them if len(all_of_them) <= most else all_of_them[: most - 1]
    for alert in shown:
        table.add_row(*_cells(alert, heard.now))
    if rest := len(all_of_them) - len(shown):
        table.add_row("", f"[dim]and {rest} more[/]", "", "")
    return Group(_sum(heard, len(firing), len(ended), tempo), table), 1 + table.row_count


def _sum(heard: Heard, firing: int, ended: int, tempo: str) -> Text:
    if firing:
        told = f"[red]{firing} firing[/], {ended} ended"
    elif heard.watchdog:
        told = f"[green]none firing[/], {ended} ended"
    else:
        told = "Alertmanager has not spoken yet"
    return Text.from_markup(f"[dim]alerts[/]  {told}   [dim]{escape(tempo)}[/]", overflow="ellipsis")


def _cells(alert: Alert, now: float) -> tuple[str, str, str, str]:
    colour = _COLOURS.get(alert.priority, "yellow") if alert.firing else "dim"
    since = f"{now - alert.changed:.0f} s" if alert.firing else "ended"
    summary = escape(alert.summary)
    return (
        f"[{colour}]{escape(alert.priority)}[/]",
        f"[{colour}]{escape(alert.name)}[/]",
        f"[dim]{since}[/]",
        summary if alert.firing else f"[dim]{summary}[/]",
    )
