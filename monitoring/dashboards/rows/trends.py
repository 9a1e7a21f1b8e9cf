"""Error rate and latency of the API, as an operator follows them."""

from typing import Final

from monitoring.dashboards import promql
from monitoring.dashboards.model import Panel, Query, Row, Unit
from monitoring.dashboards.overview import DEVELOPMENT
from monitoring.dashboards.signals import DURATION, REQUESTS, Signals
from monitoring.dashboards.windows import window_of

_AUTH: Final = "techsapo_auth_attempts_total"
_REFUSED: Final = "techsapo_rate_limit_hits_total"


def row(signals: Signals) -> Row:
    """Return the row."""
    return Row("Errors and latency", (_failing(signals), _mean(signals), _tail(), _answers(), _refused(), _auth()))


def _failing(signals: Signals) -> Panel:
    errors = signals.server_errors()
    return Panel(
        "timeseries",
        "Requests that fail",
        f"Share of the requests of {window_of(errors)} that end in 5xx, as the alert takes it.",
        (Query(errors, "5xx"),),
        Unit.SHARE,
        "no requests",
        8,
        decimals=2,
        limit=signals.limit("HttpServerErrors", "http_server_errors"),
        least=0,
        drill=DEVELOPMENT,
    )


def _mean(signals: Signals) -> Panel:
    mean = signals.response_time()
    return Panel(
        "timeseries",
        "Mean response time",
        f"Of {window_of(mean)}, without the routes that run an analysis, as the alert takes it.",
        (Query(mean, "mean"),),
        Unit.LATENCY,
        "no requests",
        8,
        decimals=1,
        limit=signals.limit("ResponsesSlow", "responses_slow"),
        least=0,
        drill=DEVELOPMENT,
    )


def _tail() -> Panel:
    return Panel(
        "timeseries",
        "Response time, all routes",
        "Half, 19 of 20 and 99 of 100 requests are answered within these, analyses included.",
        tuple(Query(promql.quantile(share, DURATION), f"p{share * 100:.0f}") for share in (0.5, 0.95, 0.99)),
        Unit.LATENCY,
        "no requests",
        8,
        decimals=1,
        least=0,
        drill=DEVELOPMENT,
    )


def _answers() -> Panel:
    def per_class(digit: int) -> Query:
        match = f'status_code=~"{digit}.."'
        return Query(promql.or_none(promql.per_second(REQUESTS, match)), f"{digit}xx")

    return Panel(
        "timeseries",
        "Answers, by class of status",
        "Requests a second: 2xx and 3xx were served, 4xx the client got wrong or was refused, 5xx we failed.",
        tuple(per_class(digit) for digit in (2, 3, 4, 5)),
        Unit.REQUESTS,
        "no process tells its figures",
        8,
        stacked=True,
        least=0,
    )


def _refused() -> Panel:
    by = ("client_ip",)
    hits = promql.busiest(10, promql.grown(_REFUSED, by=by, window="1h"), _REFUSED, *by)
    return Panel(
        "table",
        "Clients refused for rate",
        "The ten buckets of client addresses with the most requests refused by the rate limiter, of an hour. "
        "`techsapo-telemetry client-ip-bucket` tells the bucket of an address.",
        (Query(hits, "refused in an hour", Unit.NUMBER, 0),),
        Unit.NUMBER,
        "nobody was refused",
        8,
        decimals=0,
        rows=by,
    )


def _auth() -> Panel:
    by = ("status", "method")
    rate = promql.per_second(_AUTH, by=by)
    return Panel(
        "timeseries",
        "Authentication, by outcome",
        "Attempts a second. `failure` that rises alone is a client with an old key, or somebody who guesses; `blocked` "
        "were stopped. The eight most frequent of the range.",
        (Query(promql.busiest(8, rate, _AUTH, *by), "{{status}}, {{method}}"),),
        Unit.PER_SECOND,
        "nobody authenticated",
        8,
        decimals=2,
        least=0,
    )
