"""The demo's figures are the same whether they are scraped or pushed, and its screen fits a terminal."""

import asyncio
import io

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import MetricExportResult
from opentelemetry.sdk.resources import Resource
from rich.cells import cell_len
from rich.console import Console

from app_integration.demo.figures import Figures
from app_integration.demo.mariadb_server import query_type
from app_integration.demo.moment import DURATION, REQUESTS, Window
from app_integration.demo.options import Options
from app_integration.demo.receiver import OtlpReceiver
from app_integration.demo.screen import screen
from telemetry.engine import MeterProvider
from telemetry.exposition import text

STATE = "techsapo_circuit_breaker_state"
ADDRESSES = {"app": "http://127.0.0.1:60001", "docs": "http://127.0.0.1:60001/docs"}


def measured() -> MeterProvider:
    """Return an engine that has seen requests, cache look-ups and a pool."""
    provider = MeterProvider(resource=Resource({}), salt=b"the tests' own")
    meter = provider.get_meter("tests")
    duration = meter.create_histogram("http.server.request.duration")
    for route, status, seconds in (("/a", 200, 0.004), ("/a", 200, 0.02), ("/a", 500, 0.3), ("/b", 404, 20.0)):
        known = {"http.request.method": "GET", "http.route": route}
        duration.record(seconds, {**known, "http.response.status_code": status})
    cache = meter.create_counter("techsapo.cache.requests")
    for result in ("hit", "hit", "hit", "miss"):
        cache.add(1, {"cache_type": "redis", "result": result})
    meter.create_up_down_counter("http.server.active_requests").add(2)
    return provider


def scraped(provider: MeterProvider) -> Figures:
    """Return the figures of the provider's page."""
    return Figures.of_page(text.write(provider.snapshot()).decode(), taken=10.0)


def pushed(provider: MeterProvider, times: int = 1) -> Figures:
    """Return the figures that the stock exporter delivers to the demo's receiver."""
    with OtlpReceiver() as receiver:
        exporter = OTLPMetricExporter(f"{receiver.endpoint}/v1/metrics")
        for _ in range(times):
            data = provider.metrics_data()
            assert data is not None
            assert exporter.export(data) is MetricExportResult.SUCCESS
        exporter.shutdown()
        return asyncio.run(receiver.newest())


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_pushed_is_what_is_scraped(times: int) -> None:
    """Both ways lead to the same samples; figures are cumulative, a second push adds nothing."""
    provider = measured()
    page, otlp = scraped(provider), pushed(provider, times)
    names = {name for name in page.samples if not name.endswith("_bucket")}
    assert {REQUESTS, f"{DURATION}_count", f"{DURATION}_sum", "techsapo_cache_hit_ratio"} <= names
    assert {name: page.samples[name] for name in names} == {name: otlp.samples[name] for name in names}
    assert page.size == otlp.size
    assert page.quantile(0.5, DURATION) == otlp.quantile(0.5, DURATION)


def test_the_receiver_takes_metrics_only() -> None:
    """A push of another signal is refused as not found, and the figures stay."""
    with OtlpReceiver() as receiver:
        assert 404 == httpx.post(f"{receiver.endpoint}/v1/traces", content=b"").status_code
        assert 413 == httpx.post(f"{receiver.endpoint}/v1/metrics", content=b"x" * 20_000_000).status_code
        assert 0 == asyncio.run(receiver.newest()).size


@pytest.mark.parametrize(
    ("share", "where", "seconds"),
    [
        # Of three requests to /a one each is in the buckets up to 0.005, 0.025 and 0.5 seconds.
        (1 / 3, {"route": "/a"}, 0.005),
        (0.5, {"route": "/a"}, 0.0175),
        (1.0, {"route": "/a"}, 0.5),
        # Above the last boundary that is all that is known.
        (0.5, {"route": "/b"}, 10.0),
        (0.5, {"route": "/c"}, None),
    ],
)
def test_quantiles_are_those_of_promql(share: float, where: dict[str, str], seconds: float | None) -> None:
    """Within a bucket they are interpolated."""
    assert seconds == pytest.approx(scraped(measured()).quantile(share, DURATION, where))


def test_rates_are_those_of_the_last_seconds() -> None:
    """What happened before the window does not count, nor does a scrape that never was."""
    window = Window()
    counts = [0, 100, 110, 120, 130, 140, 150, 160]
    rates = [
        window.moment(second, Figures.of_samples([(REQUESTS, {}, count)], second), "").rate(REQUESTS)
        for second, count in enumerate(counts, start=1)
    ]
    assert [0, 100, 55, 40, 32.5, 28, 10, 10] == pytest.approx(rates)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("received", ["page of 2 KiB in 1.0 ms", "1.3 s old   Collector took 234567 points, refused 0"])
def test_the_screen_fits_the_terminal(received: str, columns: int) -> None:
    """No line is wider than the terminal, and all of it is seen in 24 lines."""
    console = Console(file=io.StringIO(), width=columns, height=24, force_terminal=True, color_system=None)
    notes = ["redis-server is not installed: cache and rate limits are in memory.", "so is the history"]
    moment = Window().moment(7.4, scraped(measured()), received)
    with console.capture() as captured:
        console.print(screen(moment, Options("embedded", "usual", 20, 50.0), ADDRESSES, notes, 24))
    lines = captured.get().splitlines()
    assert max(cell_len(line.rstrip()) for line in lines) <= min(columns, 100)
    assert len(lines) <= 23
    shown = "\n".join(lines)
    for text_ in (*ADDRESSES.values(), *notes, "7 of 20 s", "GET /a", "GET /b", "75% of look-ups", "http 2", received):
        assert text_ in shown


def test_what_is_told_of_a_store_leaves_its_name_as_it_is() -> None:
    """Where all breakers are open the line loses its end in 80 columns; the header says which trouble it is."""
    open_ = [(STATE, {"service": f"provider-{number}", "state": "open"}, 1.0) for number in range(9)]
    calls = ("techsapo_llm_requests_total", {"provider": "openai"}, 1.0)
    moment = Window().moment(7.4, Figures.of_samples([calls, *open_], 0), "")
    console = Console(file=io.StringIO(), width=80, height=24, force_terminal=True, color_system=None)
    with console.capture() as captured:
        console.print(screen(moment, Options("embedded", "total-outage", None, 50.0), ADDRESSES, [], 24))
    lines = captured.get().splitlines()
    assert "embedded total-outage   7 s   Ctrl-C ends" in lines[0]
    (consensus,) = (line for line in lines if "provider-0" in line)
    assert consensus.startswith("consensus  none yet")


def test_no_figure_is_cut_off_on_a_terminal_of_80_columns() -> None:
    """The longest route, with counts of a long run, stands in a line of its own."""
    stream = {"method": "GET", "route": "/analyses/{analysis_id}/stream"}
    counts = [(REQUESTS, {**stream, "status_code": status}, 98_765) for status in ("200", "404", "500")]
    buckets = [(f"{DURATION}_bucket", {**stream, "le": bound}, 98_765) for bound in ("7.5", "10.0", "+Inf")]
    console = Console(width=80, height=24, force_terminal=True, color_system=None)
    window = Window()
    window.moment(1, Figures.of_samples([], 1), "")
    moment = window.moment(3, Figures.of_samples([*counts, *buckets], 201), "a page")
    with console.capture() as captured:
        console.print(screen(moment, Options("embedded", "usual", None, 50.0), ADDRESSES, [], 24))
    line = "GET /analyses/{analysis_id}/stream 1481.5 98765 98765 98765 3750.0 7125.0"
    assert line in [" ".join(line.split()) for line in captured.get().splitlines()]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *(("select", "select"), ("insert", "insert"), ("replace", "replace"), ("show", "other")),
        *(("commit", "transaction"), ("rollback", "transaction"), ("create", "ddl"), ("truncate", "ddl")),
    ],
)
def test_the_servers_counters_are_told_by_kind(word: str, kind: str) -> None:
    """The kinds are those of the label query_type."""
    assert kind == query_type(word)
