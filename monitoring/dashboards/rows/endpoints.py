"""The API, endpoint by endpoint."""

from typing import Final

from monitoring.dashboards import promql, ranking
from monitoring.dashboards.model import Panel, Query, Row, Unit
from monitoring.dashboards.signals import DURATION, REQUESTS, Signals
from monitoring.rules.first_layer import SERVER_ERROR

_REFUSED: Final = "techsapo_rate_limit_hits_total"


def row(signals: Signals) -> Row:
    """Return the row."""
    return Row("API endpoints", (_table(signals), _slowest(), _spread(), _statuses(), _sizes(), _limited()))


def _table(signals: Signals) -> Panel:
    by = ("method", "route")
    requests = promql.per_second(REQUESTS, by=by)
    failing = promql.share(promql.per_second(REQUESTS, SERVER_ERROR, by=by), requests)
    limit = signals.limit("HttpServerErrors", "http_server_errors")

    def most(expr: str) -> str:
        return ranking.worst(25, expr, failing, requests, *by)

    return Panel(
        "table",
        "Endpoints",
        "25 endpoints of the range, the worst by their 5xx first, then the busiest: requests, the share of them that "
        "ends in 5xx, and how long they take. `unmatched` are requests that no route was found for.",
        (
            Query(most(requests), "requests", Unit.REQUESTS, 2, vmui=False),
            Query(most(failing), "5xx", Unit.SHARE, 2, limit, vmui=False),
            Query(most(promql.mean(DURATION, by=by)), "mean", Unit.LATENCY, 1),
            Query(most(promql.quantile(0.5, DURATION, by=by)), "median", Unit.LATENCY, 1, vmui=False),
            Query(most(promql.quantile(0.95, DURATION, by=by)), "p95", Unit.LATENCY, 1, vmui=False),
        ),
        Unit.NUMBER,
        "no requests",
        24,
        9,
        rows=by,
    )


def _slowest() -> Panel:
    by = ("route",)
    slow, mean = promql.quantile(0.95, DURATION, by=by), promql.mean(DURATION, by=by)
    answers = promql.per_second(f"{DURATION}_count", by=by)
    return Panel(
        "timeseries",
        "Response time p95, by route",
        "19 of 20 requests are answered within this. The eight slowest routes of the range.",
        (Query(ranking.worst(8, slow, mean, answers, *by), "{{route}}"),),
        Unit.LATENCY,
        "no requests",
        8,
        decimals=1,
        least=0,
    )


def _spread() -> Panel:
    return Panel(
        "heatmap",
        "Response times",
        "How many requests took how long: the darker, the more. The variables select the routes.",
        (Query(promql.buckets(DURATION), "{{le}}"),),
        Unit.LATENCY,
        "no requests",
        8,
    )


def _statuses() -> Panel:
    rate = promql.per_second(REQUESTS, by=("status_code",))
    return Panel(
        "timeseries",
        "Answers, by status",
        "Requests a second, by the status they were answered with; `other` ended without one. Eight of the range: "
        "5xx first, then the most frequent.",
        (Query(ranking.failing_first(8, rate, REQUESTS, SERVER_ERROR, "status_code"), "{{status_code}}"),),
        Unit.REQUESTS,
        "no requests",
        8,
        decimals=2,
        stacked=True,
        least=0,
    )


def _sizes() -> Panel:
    return Panel(
        "timeseries",
        "Sizes of bodies p95",
        "19 of 20 bodies of requests and of responses are no larger than this.",
        tuple(
            Query(promql.quantile(0.95, f"techsapo_http_{what}_size_bytes"), f"{what}s")
            for what in ("request", "response")
        ),
        Unit.SIZE,
        "no bodies",
        12,
        decimals=1,
        least=0,
    )


def _limited() -> Panel:
    rate = promql.per_second(_REFUSED, by=("endpoint",))
    return Panel(
        "timeseries",
        "Refused for rate, by endpoint",
        "Requests a second that the rate limiter refused. One endpoint alone is a client in a loop; all are a scan. "
        "The eight with the most of the range.",
        (Query(promql.busiest(8, rate, _REFUSED, "endpoint"), "{{endpoint}}"),),
        Unit.REQUESTS,
        "nobody was refused",
        12,
        decimals=2,
        least=0,
    )
