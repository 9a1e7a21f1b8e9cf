"""What goes wrong, by what it is."""

from typing import Final

from monitoring.dashboards import promql, ranking
from monitoring.dashboards.model import Panel, Query, Row, Unit

_ERRORS: Final = "techsapo_errors_total"
_INPUT: Final = "techsapo_input_sanitization_total"


def row() -> Row:
    """Return the row."""
    return Row("Errors", (_table(), _severity(), _types(), _input()))


def rate(width: int, height: int) -> Panel:
    """Return how many errors there are."""
    return Panel(
        "stat",
        "Errors",
        "Errors of the application a second, each counted once, warnings left out.",
        (Query(promql.or_none(promql.per_second(_ERRORS, 'severity=~"critical|error"')), "errors"),),
        Unit.PER_SECOND,
        "no process tells its figures",
        width,
        height,
        decimals=2,
        least=0,
    )


def _table() -> Panel:
    by = ("error_type", "severity", "service")

    def most(expr: str) -> str:
        return promql.busiest(25, expr, _ERRORS, *by)

    return Panel(
        "table",
        "Errors of the last hour",
        "The 25 most frequent errors of the range, by class, severity and service. After a deployment "
        "look for classes that are new; `critical` ended a process or a thread.",
        (
            Query(most(promql.grown(_ERRORS, by=by, window="1h")), "in an hour", Unit.NUMBER, 0, vmui=False),
            Query(most(promql.per_second(_ERRORS, by=by)), "now", Unit.PER_SECOND, 3),
        ),
        Unit.NUMBER,
        "no errors",
        12,
        9,
        rows=by,
    )


def _severity() -> Panel:
    by = ("severity", "service")
    rate = promql.per_second(_ERRORS, by=by)
    return Panel(
        "timeseries",
        "Errors, by severity and service",
        "Errors a second. Eight pairs of the range: critical ones first, then the most frequent.",
        (Query(ranking.failing_first(8, rate, _ERRORS, 'severity="critical"', *by), "{{severity}}, {{service}}"),),
        Unit.PER_SECOND,
        "no errors",
        12,
        9,
        decimals=2,
        least=0,
    )


def _types() -> Panel:
    kinds = promql.per_second(_ERRORS, by=("error_type",))
    return Panel(
        "timeseries",
        "Errors, by class",
        "Errors a second. The eight most frequent classes of the range.",
        (Query(promql.busiest(8, kinds, _ERRORS, "error_type"), "{{error_type}}"),),
        Unit.PER_SECOND,
        "no errors",
        12,
        decimals=2,
        stacked=True,
        least=0,
    )


def _input() -> Panel:
    by = ("type", "blocked")
    rate = promql.per_second(_INPUT, by=by)
    return Panel(
        "timeseries",
        "Suspicious input",
        "Inputs a second that the sanitiser found something in, by what it was and whether it was blocked. The eight "
        "most frequent of the range.",
        (Query(promql.busiest(8, rate, _INPUT, *by), "{{type}}, blocked: {{blocked}}"),),
        Unit.PER_SECOND,
        "nothing suspicious",
        12,
        decimals=2,
        least=0,
    )
