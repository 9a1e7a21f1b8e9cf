"""The screen: drawn for 80 columns and 24 lines, wider where there is room."""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.markup import escape
from rich.style import Style
from rich.table import Table
from rich.text import Text

from app_integration.demo.alerts_table import alerts_table
from app_integration.demo.command import USUAL
from app_integration.demo.moment import REQUESTS, Moment, RouteFigures
from app_integration.demo.options import Options

Addresses = Mapping[str, str]

_MOST_ROUTES = 6
_MOST_ALERTS = 12
# Of routes and of alerts, also where there is no room.
_FEWEST = 2
# On a wider screen the eye would lose the line between a route and its figures.
_MOST_COLUMNS = 100
_CLASSES = {"2": "green", "4": "yellow", "5": "red"}
_RATIO_CHARACTERS = 20


def screen(moment: Moment, options: Options, addresses: Addresses, notes: Sequence[str], lines: int) -> RenderableType:
    """Draw one moment, in so many lines if they are enough for anything."""
    stores = _stores(moment)
    # Header, headings, the sum of all routes, two empty lines, and one that is left for the cursor.
    room = lines - 6 - len(addresses) - stores.row_count - len(notes)
    parts: list[RenderableType] = [_header(moment, options), _addresses(addresses)]
    if moment.heard is not None:
        most = max(_FEWEST, min(_MOST_ALERTS, room - _FEWEST - 1))
        alerts, height = alerts_table(moment.heard, options.tempo, most)
        parts.append(alerts)
        room -= height
    routes = _routes(moment, max(_FEWEST, min(_MOST_ROUTES, room)))
    drawn = Group(*parts, Text(), routes, Text(), stores, *(Text(note, style="yellow") for note in notes))
    return Constrain(drawn, _MOST_COLUMNS)


def _header(moment: Moment, options: Options) -> RenderableType:
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    seconds = options.seconds
    time = f"{moment.elapsed:.0f} s" if seconds is None else f"{min(moment.elapsed, seconds):.0f} of {seconds:g} s"
    trouble = "" if options.scenario == USUAL else f" [yellow]{options.scenario}[/]"
    line.add_row("[bold]TechSapo telemetry demo[/]", f"{options.mode}{trouble}   [bold]{time}[/]   Ctrl-C ends")
    return line


def _addresses(addresses: Addresses) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, address in addresses.items():
        # What a page is to begin with is in the link, and not on the line, which would be too long for 80 columns.
        grid.add_row(f"[dim]{name}[/]", Text(address.partition("?")[0], Style(color="cyan", link=address)))
    return grid


def _routes(moment: Moment, most: int) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("requests", ratio=1, no_wrap=True)
    for heading in ("/s", "2xx", "4xx", "5xx", "p50 ms", "p95 ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    routes = moment.routes()
    for route in routes[:most]:
        table.add_row(*_cells(route))
    answers: dict[str, int] = {}
    for route in routes:
        answers = {kind: answers.get(kind, 0) + route.answers.get(kind, 0) for kind in {*answers, *route.answers}}
    total = RouteFigures("all", moment.rate(REQUESTS), answers, moment.milliseconds(0.5), moment.milliseconds(0.95))
    table.add_row(*_cells(total), style="bold")
    return table


def _cells(route: RouteFigures) -> list[str]:
    counts = [_count(route.answers.get(kind, 0), colour) for kind, colour in _CLASSES.items()]
    quantiles = ["" if value is None else f"{value:.1f}" for value in (route.p50, route.p95)]
    return [escape(route.route), f"{route.rate:.1f}", *counts, *quantiles]


def _count(count: int, colour: str) -> str:
    return f"[{colour}]{count}[/]" if count else "[dim]0[/]"


def _stores(moment: Moment) -> Table:
    # What is too long loses its end: the ratio keeps it from the names.
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    redis, mysql = "techsapo_redis_operations_total", "techsapo_mysql_queries_total"
    if moment.figures.samples.get(redis):
        grid.add_row("redis", f"{moment.rate(redis):.1f}/s   {_list(moment.by(redis, 'operation'))}")
    if moment.figures.samples.get(mysql):
        grid.add_row("mysql", f"{moment.rate(mysql):.1f}/s   {_list(moment.by(mysql, 'query_type'))}")
    calls = "techsapo_llm_requests_total"
    if moment.figures.samples.get(calls):
        grid.add_row("llm", f"{moment.rate(calls):.1f}/s   {_list(moment.by(calls, 'provider'))}")
        grid.add_row("consensus", _consensus(moment))
    for cache, ratio in moment.by("techsapo_cache_hit_ratio", "cache_type").items():
        filled = round(ratio * _RATIO_CHARACTERS)
        bar = f"[green]{'━' * filled}[/][dim]{'━' * (_RATIO_CHARACTERS - filled)}[/]"
        grid.add_row("cache", f"{bar} {ratio:.0%} of look-ups in {cache} found something")
    limited = _list(moment.by("techsapo_rate_limit_hits_total", "client_ip"))
    grid.add_row("limited", f"{limited or 'nobody'}   [dim](clients as buckets)[/]")
    connections = _list(moment.by("techsapo_active_connections", "connection_type"))
    if pool := moment.figures.total("techsapo_redis_connection_pool_size"):
        connections += f"   [dim]redis pool[/] {pool:.0f}"
    grid.add_row("active", connections)
    grid.add_row("figures", f"{moment.figures.size} samples   {moment.received}")
    return grid


def _consensus(moment: Moment) -> str:
    confidence, budget = "techsapo_wallbounce_consensus_confidence", "techsapo_budget_daily_limit_usd"
    count, total = moment.figures.total(f"{confidence}_count"), moment.figures.total(f"{confidence}_sum")
    mean = f"{total / count:.2f} confident" if count else "none yet"
    spent, limit = moment.figures.total("techsapo_budget_spent_today_usd"), moment.figures.total(budget)
    states = moment.figures.summed("techsapo_circuit_breaker_state", ("service",), {"state": "open"})
    is_open = " ".join(service for service, state in states.items() if state)
    return f"{mean}   [dim]spent[/] {spent:.3f} of {limit:g} USD" + (
        f"   [red]open: {escape(is_open)}[/]" if is_open else ""
    )


def _list(values: Mapping[str, float]) -> str:
    return "   ".join(f"{escape(name)} {value:.0f}" for name, value in values.items())
