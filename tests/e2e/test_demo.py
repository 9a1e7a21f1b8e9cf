"""`techsapo-telemetry demo` as it is run: real traffic, exact figures, and nothing left behind."""

import json
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import NO_COLLECTOR, NO_MARIADB, NO_PROMETHEUS, NO_REDIS
from tests.support import mariadb_server, redis_server, wait
from tests.support.collector import COLLECTOR, ROOT
from tests.support.prometheus import PROMETHEUS
from tests.support.running_demo import Demo

SOURCES = {"the traffic", "the answers", "the providers", "the system", "Redis", "MariaDB"}
SIGN = "collector/config/collector.yaml"
# What a user's shell has set for other programs.
OTHER_PROGRAMS = {
    **dict.fromkeys(("HTTP_PROXY", "http_proxy", "OTEL_EXPORTER_OTLP_ENDPOINT"), "http://127.0.0.1:9"),
    "OTEL_SERVICE_NAME": "another",
    "TECHSAPO_COLLECTOR_OTLP_HTTP": "127.0.0.1:9",
    "OTEL_SDK_DISABLED": "true",
}
GAUGES = {
    "nodejs_heap_size_total_bytes",
    "techsapo_active_connections",
    "techsapo_budget_daily_limit_usd",
    "techsapo_budget_spent_today_usd",
    "techsapo_cache_hit_ratio",
    "techsapo_circuit_breaker_state",
    "techsapo_memory_usage_bytes",
    "techsapo_queue_size",
    "techsapo_redis_connection_pool_size",
}
# What moves for a reason of its own, and what is compared by nobody: the system does not tell it.
SELDOM = {
    "techsapo_llm_unpriced_calls_total",
    "techsapo_redis_connection_failures_total",
    "techsapo_telemetry_overflow_total",
    "techsapo_telemetry_last_push_timestamp_seconds",
}

# Of fewer requests one kind may not have come, or nobody have been too greedy: what did not move ends the demo with 1.
MANY = r"\b([4-9]\d\d|\d{4,}) requests"

pytestmark = [
    pytest.mark.skipif(not redis_server.installed(), reason=NO_REDIS),
    pytest.mark.skipif(mariadb_server.missing() is not None, reason=NO_MARIADB),
]

with_the_collector = [
    pytest.mark.skipif(not COLLECTOR.exists(), reason=NO_COLLECTOR),
    pytest.mark.skipif(not PROMETHEUS.exists(), reason=NO_PROMETHEUS),
]
EMBEDDED = pytest.param("embedded", id="embedded")
OTLP = pytest.param("otlp", id="otlp")
THROUGH_THE_COLLECTOR = pytest.param("collector", id="collector", marks=with_the_collector)


@pytest.fixture
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short path: a server's socket must fit into the 108 bytes of its address."""
    return tmp_path_factory.mktemp("d")


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    """Demos that are ended with the test, whatever becomes of it."""
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.kill()


@pytest.mark.parametrize("mode", [EMBEDDED, OTLP, THROUGH_THE_COLLECTOR])
def test_what_is_counted_is_what_was_sent(mode: str, directory: Path, demos: list[Demo]) -> None:
    """Client, Redis and MariaDB each confirm the figures, whether scraped, pushed, or read back from Prometheus."""
    demos.append(demo := Demo(directory, "--seconds", "6", "--mode", mode, "--json", environment=OTHER_PROGRAMS))
    demo.until("traffic begins")
    status = demo.end()
    told = json.loads(demo.output)
    assert ([], []) == ([row for row in told["comparison"] if not row["equal"]], told["unknown"])
    assert (0, True, mode, []) == (status, told["equal"], told["mode"], told["notes"])
    assert SOURCES == {row["source"] for row in told["comparison"]}
    # By growth too, where Prometheus has it; a gauge has none.
    gauges = {row["metric"] for row in told["comparison"] if row["increase"] is None}
    assert GAUGES == gauges if mode == "collector" else GAUGES < gauges
    assert told["requests"] > 100
    assert ([], True) == (told["unmoved"], set(told["unmoved_for_a_reason"]) <= SELDOM)
    # Each of these kinds of exchange was among them: a comparison of nothing shows nothing.
    happened = {row["series"] for row in told["comparison"] if row["counted"] > 0}
    expected = {
        *("POST /analyses 201", "POST /analyses 409", "POST /analyses 429", "POST /analyses 422"),
        *("GET /analyses/{analysis_id} 200", "GET /analyses/{analysis_id} 404", "GET /fault 500"),
        *("GET /analyses/{analysis_id}/stream 200", "GET unmatched 404", "DELETE /history 405", "websocket"),
        *("redis hit", "redis miss", "FaultError error", "DuplicateAnalysisError warning"),
        *("success api_key", "success jwt", "failure api_key", "openai gpt-5 success", "gcp.gemini input"),
        *("POST /analyses 400", "GET /history 401", "basic openai success", "anthropic:openai"),
        *("GET success", "SET success", "EXPIRE success", "select", "insert", "transaction", "ddl"),
    }
    assert set() == expected - happened
    assert happened & {f"/analyses v{family}-{bucket:02x}" for family in (4, 6) for bucket in range(256)}


# What must be seen in the figures of each scenario: a metric, and the series that tell.
SEEN = {
    "provider-outage": ("techsapo_llm_requests_total", r"openai gpt-5 error|anthropic \S+ rate_limited"),
    "total-outage": ("techsapo_http_requests_total", r"POST /analyses 502"),
    "slow-history": ("techsapo_mysql_queries_total", r"select"),
    "low-consensus": ("techsapo_wallbounce_requests_total", r"premium \S+ success"),
    "budget": ("techsapo_http_requests_total", r"POST /analyses 402"),
    "redis-down": ("techsapo_http_requests_total", r"POST /analyses 201"),
    "cache-cold": ("techsapo_cache_requests_total", r"redis miss"),
    "attack": ("techsapo_auth_attempts_total", r"blocked (api_key|jwt)"),
}


@pytest.mark.parametrize("scenario", SEEN)
def test_trouble_is_counted_as_exactly(scenario: str, directory: Path, demos: list[Demo]) -> None:
    """Each kind of it is among the figures, which are what was sent, served and answered all the same."""
    # Of what waits for the database there is less in the same time.
    seconds = "12" if scenario == "slow-history" else "10"
    demos.append(demo := Demo(directory, "--seconds", seconds, "--scenario", scenario, "--json"))
    status = demo.end()
    told = json.loads(demo.output)
    assert [] == [row for row in told["comparison"] if not row["equal"]]
    assert (0, scenario, [], []) == (status, told["scenario"], told["unmoved"], told["unknown"])
    metric, series = SEEN[scenario]
    assert any(
        row["metric"] == metric and row["counted"] and re.fullmatch(series, row["series"]) for row in told["comparison"]
    )
    # Down for half of the time, Redis itself has forgotten its counts.
    assert ("Redis" in {row["source"] for row in told["comparison"]}) == (scenario != "redis-down")
    assert ("techsapo_redis_connection_failures_total" in told["unmoved_for_a_reason"]) == (scenario != "redis-down")


@pytest.mark.parametrize("mode", [EMBEDDED, THROUGH_THE_COLLECTOR])
def test_a_request_that_the_traffic_did_not_send_is_found(mode: str, directory: Path, demos: list[Demo]) -> None:
    """One request among hundreds makes the demo fail, and the table shows where."""
    demos.append(demo := Demo(directory, "--seconds", "5", "--mode", mode))
    address = demo.until(r"app +(http://\S+)").group(1)
    assert 401 == httpx.get(f"{address}/history").status_code
    assert 1 == demo.end()
    sent, *counted = map(int, re.findall(r"GET /history 401((?: +\d+)+) +differs", demo.output)[0].split())
    assert {sent + 1} == set(counted)
    told = " ".join(demo.output.split())
    assert re.search(r"\d+ of \d+ series differ\. More than was sent: GET /history 401; what somebody", told)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("mode", [EMBEDDED, THROUGH_THE_COLLECTOR])
def test_a_signal_ends_the_demo_with_its_summary(
    mode: str, number: signal.Signals, directory: Path, demos: list[Demo]
) -> None:
    """Ctrl-C, and whoever stops it otherwise, gets the comparison of what was sent until then."""
    demos.append(demo := Demo(directory, "--mode", mode))
    demo.until(MANY)
    demo.process.send_signal(number)
    assert 0 == demo.end()
    assert "all that was sent was counted, once" in demo.output
    assert "" == demo.errors


@pytest.mark.parametrize(
    ("mode", "step"),
    [
        pytest.param("embedded", "MariaDB", id="MariaDB"),
        pytest.param("collector", "starting Prometheus", id="Prometheus", marks=with_the_collector),
    ],
)
def test_a_signal_during_the_set_up_leaves_nothing_behind(
    mode: str, step: str, directory: Path, demos: list[Demo]
) -> None:
    """Before the traffic there is nothing to compare."""
    demos.append(demo := Demo(directory, "--mode", mode))
    demo.until(step)
    demo.process.send_signal(signal.SIGINT)
    assert 130 == demo.end()
    assert "stopped before the traffic began" in demo.output


def test_without_servers_it_runs_in_memory_and_says_so(directory: Path, demos: list[Demo]) -> None:
    """Nothing but Python is needed; what would install the rest is told."""
    nothing = {"PATH": str(directory)}
    demos.append(demo := Demo(directory, "--seconds", "3", environment=nothing))
    assert (0, "") == (demo.end(), demo.errors)
    unwrapped = " ".join(demo.output.split())
    for package, kept in (("redis-server", "cache and rate limits are"), ("mariadb-server", "the history is")):
        # Before the traffic and with the summary.
        assert 2 == unwrapped.count(f"(apt-get install {package}): {kept} in memory.")
    assert "as Redis counts it" not in demo.output
    assert "techsapo_cache_requests_total" in demo.output


def test_trouble_that_cannot_be_made_is_told(directory: Path, demos: list[Demo]) -> None:
    """A Redis that is not there cannot be gone for a while."""
    nothing = {"PATH": str(directory)}
    demos.append(demo := Demo(directory, "--seconds", "3", "--scenario", "redis-down", environment=nothing))
    assert 2 == demo.end()
    assert "no Redis to make the trouble of redis-down with: redis-server is not installed" in demo.errors


@pytest.mark.parametrize(
    ("mode", "program", "name"),
    [
        pytest.param("embedded", "python", "the reference app", id="application"),
        pytest.param("collector", COLLECTOR.name, "the Collector", id="collector", marks=with_the_collector),
        pytest.param("collector", PROMETHEUS.name, "Prometheus", id="prometheus", marks=with_the_collector),
    ],
)
def test_a_part_that_dies_ends_the_demo(mode: str, program: str, name: str, directory: Path, demos: list[Demo]) -> None:
    """It says in one line what happened, and does not wait for the time that was asked for."""
    demos.append(demo := Demo(directory, "--seconds", "60", "--mode", mode))
    demo.until(r"[1-9]\d* requests")
    demo.child(program).kill()
    assert 2 == demo.end()
    assert re.fullmatch(rf"techsapo-telemetry: demo: {name} ended with status -9; it said: .*\n", demo.errors)


@pytest.mark.parametrize("mode", [THROUGH_THE_COLLECTOR])
def test_prometheus_can_be_looked_at_while_the_demo_runs(mode: str, directory: Path, demos: list[Demo]) -> None:
    """Its page is a template that it fills with figures of now, and answers of its HTTP API are a click away."""
    demos.append(demo := Demo(directory, "--seconds", "90", "--mode", mode))
    address = demo.until(r"prometheus +(http://\S+)").group(1)
    wait.until(lambda: "<code>POST /analyses</code>" in httpx.get(address).text, 60, "the requests on the page")
    wait.until(lambda: "<code>gcp.gemini</code>" in httpx.get(address).text, 60, "the providers on the page")
    page = httpx.get(address).raise_for_status().text
    link = re.findall(r'<a href="([^"]+)">techsapo_http_requests_total</a>', page)[0]
    answer = httpx.get(httpx.URL(address).join(link)).json()
    assert {"reference-app"} == {series["metric"]["job"] for series in answer["data"]["result"]}
    endpoint = demo.child(COLLECTOR.name).environ()["TECHSAPO_COLLECTOR_OTLP_HTTP"]
    assert 401 == httpx.post(f"http://{endpoint}/v1/metrics", content=b"").status_code
    demo.until(MANY)
    demo.process.send_signal(signal.SIGINT)
    assert 0 == demo.end()


@pytest.mark.parametrize("mode", [THROUGH_THE_COLLECTOR])
def test_a_collector_that_stands_still_costs_no_count(mode: str, directory: Path, demos: list[Demo]) -> None:
    """The demo says that there are no figures of now, and what was sent meanwhile is counted afterwards."""
    demos.append(demo := Demo(directory, "--mode", mode))
    # Figures of before it can only be missed once Prometheus has some.
    demo.until(r"[1-9]\d* requests .* s old")
    demo.child(COLLECTOR.name).suspend()
    demo.until("it could not scrape the Collector")
    demo.child(COLLECTOR.name).resume()
    demo.until(MANY)
    demo.process.send_signal(signal.SIGINT)
    assert (0, "") == (demo.end(), demo.errors)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((), r"the Collector's files are not beside the installed package \(.*\): use a clone of the repository"),
        ((SIGN,), r"build/techsapo-collector and build/prometheus are not there: make tools"),
        ((SIGN, "build/prometheus"), r"build/techsapo-collector is not there: make tools"),
    ],
)
def test_what_the_collector_needs_and_is_not_there_is_told(
    files: tuple[str, ...], said: str, directory: Path, demos: list[Demo]
) -> None:
    """Before anything is started, in a line that says what to do; the other modes need none of it."""
    shutil.copytree(ROOT / "app_integration", directory / "app_integration")
    for file in files:
        (directory / file).parent.mkdir(parents=True)
        (directory / file).touch()
    elsewhere = {"PYTHONPATH": str(directory)}
    demos.append(demo := Demo(directory, "--mode", "collector", environment=elsewhere))
    assert 2 == demo.end()
    assert re.fullmatch(rf"techsapo-telemetry: demo: {said}\n", demo.errors)
    assert ("", set()) == (demo.output, demo.children)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--mode", "both"), "demo: there is no mode 'both'; there are embedded, otlp, collector and stack"),
        (("--seconds", "0"), "'0' is not a number above 0"),
        (("--pace", "0.5"), "'0.5' is not a number from 1 to 15"),
        (("--rate", "5000"), "at most 1000 requests a second"),
        (
            ("--scenario", "flood"),
            (
                "there are usual, provider-outage, total-outage, low-consensus, budget, redis-down, slow-history, "
                "memory, cache-cold and attack"
            ),
        ),
    ],
)
def test_a_wrong_argument_is_told_in_a_sentence(arguments: tuple[str, str], said: str, directory: Path) -> None:
    """The exit status is 2, nothing is started, and the sentence says what would be right."""
    demo = Demo(directory, *arguments)
    assert 2 == demo.end()
    assert demo.errors.splitlines()[-1].endswith(said)
    assert ("", set()) == (demo.output, demo.children)
