"""The demo reads figures from the answers of Prometheus' HTTP API, and tells what else it gets in a line."""

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from app_integration.demo import prometheus_server
from app_integration.demo.figures import Figures
from app_integration.demo.processes import DemoError
from app_integration.demo.prometheus_receiver import LAST_PUSH, PrometheusReceiver, samples_of
from app_integration.demo.source_tree import programs

REQUESTS = "techsapo_http_requests_total"
COLLECTOR = prometheus_server.COLLECTOR_JOB

Series = tuple[dict[str, str], str]


def vector(*found: Series) -> dict[str, object]:
    """Return an answer with these series, as Prometheus writes it."""
    result = [{"metric": metric, "value": [1435781451.781, value]} for metric, value in found]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def series(name: str, value: float, **labels: str) -> Series:
    """Return a series of the application."""
    return {"__name__": name, "job": "reference-app", "instance": "a", **labels}, str(value)


def receiver(answer: Callable[[str], object]) -> PrometheusReceiver:
    """Return a receiver whose Prometheus gives this answer to a query."""

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v1/query"
        return httpx.Response(200, json=answer(request.url.params["query"]))

    return PrometheusReceiver("http://prometheus", httpx.AsyncClient(transport=httpx.MockTransport(handle)))


def test_an_answer_is_read_series_by_series() -> None:
    """The name is no label, and numbers are those of Prometheus, infinity among them."""
    answer = vector(series(REQUESTS, 3, route="/a"), ({"__name__": "up"}, "+Inf"), ({}, "2.5"))
    assert [
        (REQUESTS, {"job": "reference-app", "instance": "a", "route": "/a"}, 3.0),
        ("up", {}, float("inf")),
        ("", {}, 2.5),
    ] == list(samples_of(answer))


def test_an_answer_without_series_is_no_error() -> None:
    """Nothing was pushed yet."""
    assert [] == list(samples_of(vector()))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": "error", "errorType": "bad_data", "error": "parse error"}, "parse error"),
        ({"status": "success", "data": {"resultType": "matrix", "result": []}}, "its answer is no vector"),
        ({"status": "success"}, "its answer is no vector"),
        ([], "its answer is no vector"),
        (vector(({}, "many")), "could not convert string to float: 'many'"),
        (
            {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}}]}},
            "its answer has a series without a number",
        ),
    ],
)
def test_what_is_no_vector_is_told(answer: object, said: str) -> None:
    """An error of Prometheus is told in its own words."""
    with pytest.raises(ValueError, match=f"^{said}$"):
        list(samples_of(answer))


def test_the_newest_figures_are_the_applications() -> None:
    """The Collector's own are no part of them; the time is that of the last push that they tell of."""
    own = ({"__name__": "otelcol_receiver_accepted_metric_points", "job": COLLECTOR}, "70")
    answer = vector(series(REQUESTS, 3), series(LAST_PUSH, 1_000.5), own)
    figures = asyncio.run(receiver(lambda _: answer).newest())
    assert ({REQUESTS, LAST_PUSH}, 3.0, 1_000.5) == (set(figures.samples), figures.total(REQUESTS), figures.taken)


def test_the_pipeline_is_described_in_a_line() -> None:
    """The age is that of the last push, and refused is what the receiver and the policy have refused together."""
    pushed = time.time() - 2
    own = {
        "otelcol_receiver_accepted_metric_points": 700,
        "otelcol_receiver_refused_metric_points": 1,
        "otelcol_processor_techsapo_policy_refused_points": 3,
    }
    found = [({"__name__": name, "job": COLLECTOR}, str(value)) for name, value in own.items()]
    answers = [vector(), vector(series(LAST_PUSH, pushed), *found)]
    told = receiver(lambda _: answers.pop(0))
    asyncio.run(told.newest())
    assert told.described() == "not pushed yet   Collector took 0 points, refused 0"
    asyncio.run(told.newest())
    age, _, rest = told.described().partition(" s old   ")
    assert float(age) >= 2
    assert rest == "Collector took 700 points, refused 4"


def test_series_that_are_gone_are_no_figures() -> None:
    """After a scrape that failed Prometheus has none: this is not the application's fall to nothing."""
    answers = [vector(), vector(series(LAST_PUSH, 1_000)), vector()]
    told = receiver(lambda _: answers.pop(0))
    assert (0, 1) == tuple(asyncio.run(told.newest()).size for _ in range(2))
    with pytest.raises(DemoError, match="Prometheus has no figures of now: it could not scrape the Collector"):
        asyncio.run(told.newest())


def test_growth_is_asked_for_metric_by_metric() -> None:
    """increase() takes the names away: each answer belongs to the metric that was asked for."""

    def answer(query: str) -> object:
        metric = query.removeprefix("increase(").partition("{")[0]
        assert query.endswith("s] anchored)")
        return vector(({"job": "reference-app", "route": "/a"}, str(len(metric))))

    asked = [REQUESTS, "techsapo_errors_total"]
    grown: Figures = asyncio.run(receiver(answer).growth(asked))
    assert {metric: float(len(metric)) for metric in asked} == {
        metric: grown.total(metric, {"route": "/a"}) for metric in grown.samples
    }


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(503, text="starting"), "HTTP 503, no JSON"),
        (httpx.Response(422, json={"status": "error", "error": "too many samples"}), "too many samples"),
        (httpx.ConnectError("refused"), "refused"),
    ],
)
def test_a_prometheus_that_does_not_answer_is_told(answer: httpx.Response | httpx.ConnectError, said: str) -> None:
    """The demo's error is one line with the reason."""

    def handle(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, httpx.Response):
            return answer
        raise answer

    client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    with pytest.raises(DemoError) as raised:
        asyncio.run(PrometheusReceiver("http://prometheus", client).newest())
    assert re.fullmatch(rf"Prometheus does not tell \{{job=~.*\}}: {said}", str(raised.value))


def test_programs_are_found_in_the_source_tree(tmp_path: Path) -> None:
    """What was built is given in the order in which it was asked for."""
    for file in ("collector/config/collector.yaml", "build/b", "build/a"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert [tmp_path / "build" / "b", tmp_path / "build" / "a"] == programs(("b", "a"), tmp_path)
