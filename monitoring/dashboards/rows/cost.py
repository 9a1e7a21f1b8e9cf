"""What it costs, and how long the budget lasts."""

from typing import Final

from monitoring.dashboards import overview, promql
from monitoring.dashboards.model import Panel, Query, Row, Step, Unit
from monitoring.dashboards.palette import BAD, GOOD, WARNING
from monitoring.dashboards.signals import BUDGET, CONFIDENCE, SPENT, Signals

_COST: Final = "techsapo_wallbounce_cost_usd"
_UNPRICED: Final = "techsapo_llm_unpriced_calls_total"


def row(signals: Signals) -> Row:
    """Return the row."""
    return Row("Cost and budget", (_spent(), _gone(signals), _analysis(), _by_provider(), _by_task(), unpriced()))


def unpriced() -> Panel:
    """Return the calls that no price was found for."""
    return Panel(
        "timeseries",
        "Calls without a price",
        "Calls a second that add nothing to the cost: it is too low by them, and the budget does not see them. It "
        "should stay at 0.",
        (Query(promql.or_none(promql.per_second(_UNPRICED)), "calls without a price"),),
        Unit.PER_SECOND,
        "no process tells its figures",
        12,
        decimals=2,
        least=0,
        drill=overview.DEVELOPMENT,
    )


def _spent() -> Panel:
    spent, most = (promql.level(metric, by=("job",)) for metric in (SPENT, BUDGET))
    return Panel(
        "timeseries",
        "Spent today",
        "Spent since midnight, as the budget guard counts it in its time zone, and the limit that it enforces.",
        (Query(spent, "spent, {{job}}"), Query(most, "limit, {{job}}")),
        Unit.USD,
        "no budget is set",
        8,
        decimals=2,
        least=0,
    )


def _gone(signals: Signals) -> Panel:
    soon = float(signals.thresholds["budget_running_out"].number)
    return Panel(
        "stat",
        "Budget gone in",
        "At the rate of the last hour the rest of the day's budget lasts so long; then analyses are refused with 402 "
        "until midnight. More than is left of the day means: not today.",
        (Query('min(job:budget_left:seconds{job=~"$job"})', "time left"),),
        Unit.DURATION,
        "nothing is being spent",
        4,
        decimals=1,
        steps=(Step(None, BAD), Step(soon, WARNING), Step(2 * soon, GOOD)),
    )


def _analysis() -> Panel:
    analyses = promql.recorded(f"{CONFIDENCE}_count", "1h")
    return Panel(
        "stat",
        "Cost of an analysis",
        "What the calls of the last hour cost, divided by its analyses that came to a verdict.",
        (Query(f"{promql.recorded(_COST, '1h')} / ({analyses} > 0)", "an analysis"),),
        Unit.USD,
        "no analyses",
        4,
        decimals=4,
    )


def _by_provider() -> Panel:
    return Panel(
        "bars",
        "Cost, by provider",
        "What the tokens of the hour up to each bar's time cost, at the price of the model that answered; in a long "
        "range a bar is of more than an hour, so that all bars together are what the range cost. Calls without a price "
        "are not in it.",
        (Query(promql.remembered(_COST, "$__interval", by=("provider",)), "{{provider}}"),),
        Unit.USD,
        "no history yet",
        8,
        decimals=2,
        stacked=True,
        interval="1h",
        least=0,
    )


def _by_task() -> Panel:
    return Panel(
        "timeseries",
        "Cost at the rate of now, by kind of analysis",
        "What an hour at the rate of now would cost. Critical analyses ask every provider.",
        (Query(f"3600 * {promql.per_second(_COST, by=('task_type',))}", "{{task_type}}"),),
        Unit.USD,
        "nothing is being spent",
        12,
        decimals=2,
        stacked=True,
        least=0,
    )
