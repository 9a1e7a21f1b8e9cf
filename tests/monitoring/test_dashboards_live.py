"""Every query of every panel, on a live Prometheus under the demo's traffic."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.monitoring import panels
from tests.monitoring.conftest import NO_ALERTMANAGER, TELLS_NOBODY
from tests.monitoring.panels import Asked
from tests.support import ports, wait
from tests.support.alertmanager import ALERTMANAGER, Alertmanager
from tests.support.prometheus import PROMETHEUS, Prometheus, Sample
from tests.support.ruled_prometheus import PACE, Pages, RuledPrometheus

# Of a dashboard that shows the last hour: four times the interval of scrapes, as Grafana makes it, at the pace.
MACROS = {"__rate_interval": PACE.time("60s"), "__interval": PACE.time("15s"), "__range": PACE.time("1h")}
FIRING = "Firing now"
SECONDS = 60


def answer(prometheus: Prometheus, expr: str, **chosen: tuple[str, ...]) -> list[Sample]:
    """Return what a query finds that is a number."""
    found = prometheus.query(panels.sent(expr, MACROS, **chosen))
    return [sample for sample in found if not math.isnan(sample.value)]


def query_of(panel: str, legend: str) -> str:
    """Return a query of a panel of Grafana's."""
    return next(query.expr for query in panels.asked(PACE) if (query.panel, query.legend) == (panel, legend))


@pytest.mark.parametrize("query", [each for each in panels.asked(PACE) if each.panel != FIRING], ids=str)
def test_a_query_has_an_answer_under_traffic(query: Asked, live: Prometheus) -> None:
    """No panel of Grafana's is empty where all is as it should be."""
    wait.until(lambda: answer(live, query.expr), SECONDS, f"an answer to {query.expr}")


@pytest.mark.parametrize("query", list(panels.drawn(PACE)), ids=str)
def test_a_chart_of_victoriametrics_has_lines_under_traffic(query: Asked, live: Prometheus) -> None:
    """Nor is one of VictoriaMetrics' UI; the watchdog fires always."""
    wait.until(lambda: answer(live, query.expr), SECONDS, f"an answer to {query.expr}")


def test_variables_select(live: Prometheus) -> None:
    """Two providers of four, by names that a regular expression would take for others; and a route with braces."""
    calls, chosen = query_of("Providers", "calls"), ("openai", "gcp.gemini")
    found = wait.until(lambda: answer(live, calls, provider=chosen), SECONDS, "calls of two providers")
    assert set(chosen) == {sample.labels["provider"] for sample in found}
    assert len(chosen) < len(answer(live, calls))
    requests, route = query_of("Endpoints", "requests"), "/analyses/{analysis_id}"
    found = wait.until(lambda: answer(live, requests, route=(route,)), SECONDS, "requests of a route")
    assert {route} == {sample.labels["route"] for sample in found}


def test_columns_of_a_table_are_of_the_same_rows(live: Prometheus) -> None:
    """Else Grafana would join them to rows with holes."""

    def rows(legend: str) -> set[tuple[tuple[str, str], ...]]:
        return {tuple(sorted(sample.labels.items())) for sample in answer(live, query_of("Endpoints", legend))}

    wait.until(lambda: set() != rows("requests") == rows("mean") == rows("p95"), SECONDS, "the same rows")


def test_lanes_are_not_added_up(live: Prometheus) -> None:
    """Two Collectors tell of the same requests."""
    of_a_lane = f'sum(rate(techsapo_http_requests_total{{lane="a"}}[{MACROS["__rate_interval"]}]))'

    def told() -> tuple[float, float]:
        return (live.value(of_a_lane) or 0, sum(each.value for each in answer(live, query_of("Requests", "requests"))))

    one, shown = wait.until(lambda: all(told()) and told(), SECONDS, "requests") or (0, 0)
    assert one / 1.5 < shown < one * 1.5


@pytest.fixture(scope="module")
def alarmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus whose targets are all down."""
    if not PROMETHEUS.exists() or not ALERTMANAGER.exists():
        pytest.skip(NO_ALERTMANAGER)
    directory: Path = tmp_path_factory.mktemp("alarmed")
    nobody = f"{ports.LOOPBACK}:{ports.free_port()}"
    with (
        Alertmanager(directory / "alertmanager", TELLS_NOBODY) as alertmanager,
        RuledPrometheus(directory, {"a": Pages(nobody, nobody)}, f"{ports.LOOPBACK}:{alertmanager.port}") as prometheus,
    ):
        wait.until(lambda: prometheus.query('ALERTS{alertname="TargetDown",alertstate="firing"}'), SECONDS, "an alert")
        yield prometheus


def test_what_fires_is_listed_with_its_age(alarmed: Prometheus) -> None:
    """By priority and name, which leads to its runbook; the watchdog is no news."""
    listed = wait.until(lambda: answer(alarmed, query_of(FIRING, "held for")), SECONDS, "a row")
    assert {("P1", "TargetDown")} == {(each.labels["priority"], each.labels["alertname"]) for each in listed}
    assert all(0 < each.value < SECONDS * 2 for each in listed)


def test_what_fires_is_counted(alarmed: Prometheus) -> None:
    """By priority; 0 only because rules are evaluated, as the watchdog tells."""
    asked = {priority: query_of("Alerts firing", priority) for priority in ("P0", "P1", "P2")}

    def counted() -> dict[str, float]:
        return {name: sum(each.value for each in answer(alarmed, expr)) for name, expr in asked.items()}

    wait.until(lambda: counted() == {"P0": 0, "P1": 2, "P2": 0}, SECONDS, "two targets down, and nothing else")
    (silent,) = alarmed.query(f"count({panels.sent(query_of('Targets down', 'targets down'), MACROS)})")
    assert 1 == silent.value


def test_nothing_is_said_where_rules_are_not_evaluated(tmp_path: Path) -> None:
    """No alerts are no news there, good or bad."""
    if not PROMETHEUS.exists():
        pytest.skip(NO_ALERTMANAGER)
    with Prometheus(tmp_path, []) as prometheus:
        assert [] == answer(prometheus, query_of("Alerts firing", "P0"))
