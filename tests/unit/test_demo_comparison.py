"""The demo compares what was sent with what was counted, and is not easily pleased."""

import io
import json

import pytest
from rich.console import Console

from app_integration.demo.comparison import Claim, Row, compare, equal, subtotals
from app_integration.demo.figures import Figures
from app_integration.demo.outcome import Outcome
from app_integration.demo.tally import Tally

REQUESTS = "techsapo_http_requests_total"
BY = ("method", "route", "status_code")


def figures(*samples: tuple[str, dict[str, str], float]) -> Figures:
    """Return figures of the given samples."""
    return Figures.of_samples(samples, taken=1.0)


def requests(route: str, status: str, count: float) -> tuple[str, dict[str, str], float]:
    """Return a sample of the requests' counter."""
    return REQUESTS, {"method": "GET", "route": route, "status_code": status}, count


def claim(**sent: float) -> Claim:
    """Claim requests by status code."""
    by_status = {name.removeprefix("s"): count for name, count in sent.items()}
    return Claim("the test", REQUESTS, ("status_code",), by_status)


def test_the_same_figures_are_equal() -> None:
    """What was counted as it was sent is equal, series by series."""
    rows = compare([claim(s200=3, s404=1)], figures(requests("/a", "200", 3), requests("/b", "404", 1)))
    assert [("200", 3, 3), ("404", 1, 1)] == [(row.labels, row.sent, row.counted) for row in rows]
    assert equal(rows)


@pytest.mark.parametrize(("counted", "differs"), [(2.0, True), (3.0, False), (4.0, True)])
def test_one_more_and_one_less_differ(counted: float, differs: bool) -> None:
    """A request that was lost shows as much as one that was counted twice."""
    assert differs is not equal(compare([claim(s200=3)], figures(requests("/a", "200", counted))))


def test_what_was_counted_in_the_wrong_series_differs() -> None:
    """Equal sums don't hide it."""
    rows = compare([claim(s200=3, s404=1)], figures(requests("/a", "200", 2), requests("/a", "404", 2)))
    (subtotal,) = subtotals(rows)
    assert subtotal.sent == subtotal.counted
    assert not subtotal.equal
    assert not equal(rows)


def test_a_series_that_nobody_sent_differs() -> None:
    """Something that was counted and never happened is a row of its own."""
    rows = compare([claim(s200=1)], figures(requests("/a", "200", 1), requests("/a", "500", 1)))
    assert [Row("the test", REQUESTS, "500", 0, 1)] == [row for row in rows if not row.equal]


def test_a_metric_that_never_came_differs() -> None:
    """Claims don't come true by there being no figures."""
    assert not equal(compare([claim(s200=1)], Figures()))


def test_nothing_sent_and_nothing_counted_is_no_success() -> None:
    """A demo in which nothing happened has shown nothing."""
    assert not equal([])
    assert not equal(compare([claim(s200=0)], Figures()))


def test_labels_that_a_source_cannot_tell_are_summed() -> None:
    """A claim by route takes all statuses together, and only the series that it means."""
    sums = figures(requests("/a", "200", 3), requests("/a", "404", 1), requests("/b", "200", 9))
    (row,) = compare([Claim("the test", REQUESTS, ("method",), {"GET": 4}, {"route": "/a"})], sums)
    assert row.equal


@pytest.mark.parametrize(("grown", "equals"), [(3.0, True), (2.0, False), (0.0, False)])
def test_growth_is_compared_too(grown: float, equals: bool) -> None:
    """A counter whose first interval is lost is stored as it should be, and has grown by too little."""
    stored = figures(requests("/a", "200", 3))
    growth = figures(requests("/a", "200", grown)) if grown else figures()
    (row,) = compare([claim(s200=3)], stored, growth)
    assert (3, 3, grown, equals) == (row.sent, row.counted, row.increase, row.equal)


def test_growth_that_nobody_sent_differs() -> None:
    """Also where Prometheus has no such series now."""
    rows = compare([claim(s200=1)], figures(requests("/a", "200", 1)), figures(requests("/a", "500", 1)))
    assert [("200", 1, 0), ("500", 0, 1)] == [(row.labels, row.counted, row.increase) for row in rows]
    assert not any(row.equal for row in rows)


@pytest.mark.parametrize(
    ("sample", "only_grows"),
    [
        (REQUESTS, True),
        ("techsapo_wallbounce_cost_usd", True),
        ("techsapo_http_request_duration_seconds_count", True),
        ("techsapo_http_request_size_bytes_sum", True),
        ("techsapo_active_connections", False),
        ("techsapo_redis_connection_pool_size", False),
        ("nodejs_heap_size_total_bytes", False),
        ("something_count", False),
    ],
)
def test_what_only_grows_is_known_from_the_contract(sample: str, only_grows: bool) -> None:
    """A gauge has no increase to be compared with."""
    growth = figures((sample, {}, 1.0))
    (row,) = compare([Claim("the test", sample, (), {"": 1})], figures((sample, {}, 1.0)), growth)
    assert (1.0 if only_grows else None) == row.increase


def test_a_tally_claims_what_was_told_to_it() -> None:
    """Each exchange counts under everything that it must have moved."""
    tally = Tally(lambda address: f"bucket of {address}", "redis")
    tally.request("POST", "/analyses", 201, body_size=20)
    tally.request("POST", "/analyses", 429, body_size=30)
    tally.look_up(hit=False)
    tally.rate_limited("/analyses", "203.0.113.1")
    tally.error("FaultError", "error", "api")
    tally.recognised({"X-API-Key": "a key"})
    tally.recognised({"Authorization": "Bearer"})
    tally.attempt("blocked", "jwt")
    tally.found("pii", blocked=False)
    tally.open_websockets = 2
    claims = {(each.metric, *each.where.values()): each.sent for each in tally.claims()}
    assert {
        (REQUESTS,): {"POST /analyses 201": 1, "POST /analyses 429": 1},
        ("techsapo_http_request_duration_seconds_count",): {"POST /analyses": 2},
        ("techsapo_http_request_size_bytes_count",): {"": 2},
        ("techsapo_http_request_size_bytes_sum",): {"": 50},
        ("techsapo_http_response_size_bytes_count",): {"": 2},
        ("techsapo_cache_requests_total",): {"redis miss": 1},
        ("techsapo_cache_hit_ratio",): {"redis": 0},
        ("techsapo_rate_limit_hits_total",): {"/analyses bucket of 203.0.113.1": 1},
        ("techsapo_auth_attempts_total",): {"success api_key": 1, "success jwt": 1, "blocked jwt": 1},
        ("techsapo_input_sanitization_total",): {"pii false": 1},
        ("techsapo_errors_total", "api"): {"FaultError error": 1},
        ("techsapo_errors_total", "analyzer"): {},
        ("techsapo_errors_total", "archive"): {},
        ("techsapo_errors_total", "budget"): {},
        ("techsapo_errors_total", "history"): {},
        ("techsapo_queue_size",): {"archive": 0},
        ("techsapo_active_connections", "http"): {"http": 0},
        ("techsapo_active_connections", "websocket"): {"websocket": 2},
    } == claims


def outcome(*rows: Row, unmoved: tuple[str, ...] = ()) -> Outcome:
    """Return an outcome with these rows."""
    return Outcome(
        "embedded",
        "usual",
        6.0,
        300,
        rows,
        notes=("no Redis",),
        excused={},
        unmoved=unmoved,
        unwitnessed=(),
        unknown=(),
    )


def test_the_outcome_says_in_a_sentence_whether_figures_differ() -> None:
    """People read the last line."""
    right, wrong = Row("x", REQUESTS, "200", 3, 3), Row("x", REQUESTS, "404", 3, 2)
    assert "300 requests in 6 s: all that was sent was counted, once (1 series compared)." == outcome(right).verdict()
    assert "300 requests in 6 s: 1 of 2 series differ." == outcome(right, wrong).verdict()
    more = outcome(right, Row("x", REQUESTS, "GET /docs 200", 0, 1)).verdict()
    assert more.endswith("differ. More than was sent: GET /docs 200; what somebody else sends is counted, too.")
    assert "300 requests in 6 s: there is nothing to compare." == outcome().verdict()
    still = outcome(right, unmoved=("techsapo_queue_size",))
    assert ("300 requests in 6 s: 1 metrics did not move.", False) == (still.verdict(), still.equal)


@pytest.mark.parametrize(("counted", "equals"), [(1.0 + 1e-12, True), (1.05, False), (1.0, True)])
def test_sums_of_fractions_may_differ_in_the_last_digits(counted: float, equals: bool) -> None:
    """Their order is another one here and there."""
    assert equals is Row("x", "techsapo_wallbounce_cost_usd", "", 1.0, counted).equal


def test_what_moves_while_it_is_looked_at_may_differ_a_little() -> None:
    """By the share that its witness allows for, and no more."""
    assert Row("x", "nodejs_heap_size_total_bytes", "", 100, 109, tolerance=0.1).equal
    assert not Row("x", "nodejs_heap_size_total_bytes", "", 100, 120, tolerance=0.1).equal


def test_the_outcome_is_an_object_for_programs() -> None:
    """It carries the comparison whole, and what was left out."""
    told = json.loads(outcome(Row("x", REQUESTS, "404", 3, 2)).json())
    row = {"source": "x", "metric": REQUESTS, "series": "404", "sent": 3, "counted": 2, "increase": None}
    assert [{**row, "equal": False}] == told["comparison"]
    assert (False, ["no Redis"]) == (told["equal"], told["notes"])


@pytest.mark.parametrize("increase", [None, 654_321.0, 654_320.0])
def test_the_table_fits_80_columns(increase: float | None) -> None:
    """Six digits have room, with increases too; where they differ, a long name loses its end instead."""
    metric = "techsapo_http_request_duration_seconds_count"
    row = Row("the traffic", metric, "GET /analyses/{analysis_id}/stream 200", 654_321, 654_321, increase)
    gauge = Row("the traffic", "techsapo_active_connections", "http", 3, 3)
    console = Console(file=io.StringIO(), width=80, color_system=None)
    with console.capture() as captured:
        console.print(outcome(row, gauge).table(verbose=False))
    lines = [line.rstrip() for line in captured.get().splitlines()]
    told = [line.split() for line in lines]
    numbers = ["1", "654321", "654321", *([] if increase is None else [f"{increase:.0f}"])]
    verdict = "differs" if increase == 654_320 else "ok"
    assert [*numbers, verdict] == told[2][1:]
    assert metric.startswith(told[2][0].rstrip("…"))
    assert (["increase"] if increase else []) == told[0][4:]
    assert ["techsapo_active_connections", "1", "3", "3", "ok"] == told[-1]
    assert max(map(len, lines)) <= 80
