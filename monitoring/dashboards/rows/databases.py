"""Redis and MySQL, as the client sees them."""

from typing import Final

from monitoring.dashboards import promql
from monitoring.dashboards.model import Panel, Query, Row, Unit
from monitoring.dashboards.signals import Signals

_REDIS: Final = "techsapo_redis_operations_total"
_MYSQL: Final = "techsapo_mysql_queries_total"
_DURATION: Final = "techsapo_db_operation_duration_seconds"


def row(signals: Signals) -> Row:
    """Return the row."""
    return Row("Databases", (_table(), _redis(), _mysql(), _failing(), _slow(), _connections(signals)))


def _table() -> Panel:
    by = ("system", "operation")

    def most(expr: str) -> str:
        return promql.busiest(15, expr, f"{_DURATION}_sum", *by)

    return Panel(
        "table",
        "Operations that take the most time",
        "The 15 operations that the most time goes to (calls times their duration), and how long one takes.",
        (
            Query(most(promql.per_second(f"{_DURATION}_sum", by=by)), "time a second", Unit.LATENCY, 1, vmui=False),
            Query(most(promql.per_second(f"{_DURATION}_count", by=by)), "operations", Unit.PER_SECOND, 1, vmui=False),
            Query(most(promql.mean(_DURATION, by=by)), "mean", Unit.LATENCY, 1),
            Query(most(promql.quantile(0.95, _DURATION, by=by)), "p95", Unit.LATENCY, 1, vmui=False),
        ),
        Unit.NUMBER,
        "no operations",
        12,
        9,
        rows=by,
    )


def _redis() -> Panel:
    rate = promql.per_second(_REDIS, by=("operation",))
    return Panel(
        "timeseries",
        "Redis commands",
        "Commands a second. The eight most frequent of the range.",
        (Query(promql.busiest(8, rate, _REDIS, "operation"), "{{operation}}"),),
        Unit.PER_SECOND,
        "no commands",
        12,
        9,
        stacked=True,
        least=0,
    )


def _mysql() -> Panel:
    return Panel(
        "timeseries",
        "MySQL statements",
        "Statements a second, by kind.",
        (Query(promql.per_second(_MYSQL, by=("query_type",)), "{{query_type}}"),),
        Unit.PER_SECOND,
        "no statements",
        6,
        stacked=True,
        least=0,
    )


def _failing() -> Panel:
    queries = tuple(
        Query(promql.share(promql.per_second(metric, 'status="error"'), promql.per_second(metric)), name)
        for metric, name in ((_REDIS, "Redis"), (_MYSQL, "MySQL"))
    )
    return Panel(
        "timeseries",
        "Operations that fail",
        "Share of commands and statements that ended in an error.",
        queries,
        Unit.SHARE,
        "no operations",
        6,
        decimals=2,
        least=0,
    )


def _slow() -> Panel:
    return Panel(
        "timeseries",
        "Duration p95",
        "19 of 20 operations are done within this, as the client sees it.",
        (Query(promql.quantile(0.95, _DURATION, by=("system",)), "{{system}}"),),
        Unit.LATENCY,
        "no operations",
        6,
        decimals=1,
        least=0,
    )


def _connections(signals: Signals) -> Panel:
    return Panel(
        "timeseries",
        "Redis connections that failed",
        "Failures to connect to Redis, and commands lost to a broken connection, in the alert's window, in the job "
        "with most of them.",
        (Query(signals.redis_failures(), "failures"),),
        Unit.NUMBER,
        "no process tells its figures",
        6,
        decimals=0,
        limit=signals.limit("RedisConnectionFailures", "redis_connection_failures"),
        least=0,
    )
