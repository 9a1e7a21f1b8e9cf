"""How much the service is used."""

from typing import Final

from monitoring.dashboards import overview, promql
from monitoring.dashboards.model import Panel, Query, Row, Unit
from monitoring.dashboards.signals import REQUESTS

_ANALYSES: Final = "techsapo_wallbounce_processing_duration_seconds_count"
_PARTICIPATIONS: Final = "techsapo_wallbounce_requests_total"


def row() -> Row:
    """Return the row."""
    return Row("Requests", (_hourly(), _daily(), _analyses()))


def _hourly() -> Panel:
    return Panel(
        "bars",
        "Requests an hour",
        "Each bar is the hour up to its time, from the history that is kept for 90 days.",
        (Query(promql.remembered(REQUESTS, "1h"), "requests in an hour"),),
        Unit.NUMBER,
        "no history yet",
        8,
        decimals=0,
        since="24h",
        interval="1h",
        least=0,
    )


def _daily() -> Panel:
    return Panel(
        "bars",
        "Requests a day",
        "Each bar is the 24 hours up to its time, in Grafana up to midnight where the browser is; from the history "
        "that is kept for 90 days.",
        (Query(promql.remembered(REQUESTS, "1d"), "requests in a day"),),
        Unit.NUMBER,
        "no history yet",
        8,
        decimals=0,
        since="14d",
        interval="1d",
        least=0,
    )


def _analyses() -> Panel:
    return Panel(
        "timeseries",
        "Analyses",
        "Analyses a second, and the participations of providers in them by kind of analysis: up to four in each.",
        (
            Query(promql.per_second(_ANALYSES), "analyses"),
            Query(promql.per_second(_PARTICIPATIONS, by=("task_type",)), "participations, {{task_type}}"),
        ),
        Unit.PER_SECOND,
        "no analyses",
        8,
        decimals=2,
        least=0,
        drill=overview.OPERATIONS,
    )
