"""Single figures of the first rows: the state in a number, its colour, and a text where a number is not enough."""

from typing import Final

from monitoring.dashboards import promql
from monitoring.dashboards.model import Panel, Query, Unit
from monitoring.dashboards.overview import EXECUTIVE, OPERATIONS
from monitoring.dashboards.signals import REQUESTS, Signals
from monitoring.dashboards.windows import window_of

_DATABASES: Final = "techsapo_db_operation_duration_seconds"


def failed_requests(signals: Signals, width: int, height: int) -> Panel:
    """Return the share of requests that ended in 5xx."""
    errors = signals.server_errors()
    return Panel(
        "stat",
        "Failed requests",
        f"Share of all requests of the last {window_of(errors)} that ended in 5xx: users saw an error.",
        (Query(errors, "failed requests"),),
        Unit.SHARE,
        "no requests",
        width,
        height,
        decimals=2,
        limit=signals.limit("HttpServerErrors", "http_server_errors"),
        drill=OPERATIONS,
    )


def consensus(signals: Signals, width: int, height: int) -> Panel:
    """Return the mean consensus confidence."""
    mean = signals.confidence()
    return Panel(
        "stat",
        "Consensus",
        f"Mean confidence of the consensus that the analyses of the last {window_of(mean)} ended with.",
        (Query(mean, "consensus"),),
        Unit.SHARE,
        "no analyses",
        width,
        height,
        limit=signals.limit("ConsensusConfidenceLow", "consensus_confidence_low"),
        drill=OPERATIONS,
    )


def budget(signals: Signals, width: int, height: int) -> Panel:
    """Return the share of the day's budget that is spent."""
    return Panel(
        "stat",
        "Budget spent",
        "Share of the day's budget that is spent, as the budget guard counts it, in its time zone.",
        (Query(signals.budget(), "budget spent"),),
        Unit.SHARE,
        "no budget is set",
        width,
        height,
        limit=signals.limit("BudgetNearlySpent", "budget_nearly_spent"),
        drill=EXECUTIVE,
    )


def failing_providers(signals: Signals, width: int, height: int) -> Panel:
    """Return the failing share of the worst provider."""
    failing = signals.failing_calls()
    return Panel(
        "stat",
        "Worst LLM provider",
        f"Share of its calls of the last {window_of(failing)} that fail, at the provider where it is highest.",
        (Query(f"max({failing})", "worst LLM provider fails"),),
        Unit.SHARE,
        "no calls",
        width,
        height,
        limit=signals.limit("LlmProviderFailing", "llm_provider_failing"),
        drill=OPERATIONS,
    )


def response_time(signals: Signals, width: int, height: int) -> Panel:
    """Return the mean response time."""
    mean = signals.response_time()
    return Panel(
        "stat",
        "Mean response time",
        f"Of the last {window_of(mean)}, without the routes that run an analysis.",
        (Query(mean, "mean response time"),),
        Unit.LATENCY,
        "no requests",
        width,
        height,
        decimals=1,
        limit=signals.limit("ResponsesSlow", "responses_slow"),
    )


def requests(width: int, height: int) -> Panel:
    """Return how many requests there are."""
    return Panel(
        "stat",
        "Requests",
        "Requests served a second, all answers included.",
        (Query(promql.per_second(REQUESTS), "requests"),),
        Unit.REQUESTS,
        "no requests",
        width,
        height,
        least=0,
    )


def databases(width: int, height: int) -> Panel:
    """Return how long the slowest twentieth of database operations takes."""
    return Panel(
        "stat",
        "Database p95",
        "19 of 20 operations of Redis and MySQL are done within this.",
        (Query(promql.quantile(0.95, _DATABASES), "database p95"),),
        Unit.LATENCY,
        "no operations",
        width,
        height,
        decimals=1,
        least=0,
    )
