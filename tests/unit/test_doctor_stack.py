"""What `doctor` says of Collectors and of Prometheus that answer otherwise than real ones in tests do."""

import json
import re
import threading
import time
from collections.abc import Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.cli.diagnosis import Finding, Level
from telemetry.cli.diagnosis.stack import check_collectors, check_prometheus, where
from telemetry.cli.diagnosis.stack.api import seconds
from telemetry.cli.diagnosis.stack.clocks import check_clock, offset
from telemetry.settings import Settings, SettingsError
from tests.support import ports

SALT = {"TECHSAPO_CLIENT_IP_SALT": "a salt for tests only"}
PUSHING = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SERVICE_NAME": "shop", **SALT}


class Stub:
    """A server that answers queries, or paths, with given JSON or text, and whose clock is off by some seconds."""

    def __init__(self, answers: Mapping[str, object], ahead: float = 0.0) -> None:
        self.asked: list[str] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Answer by the query, else by the path."""
                parts = urlsplit(self.path)
                key = parse_qs(parts.query).get("query", [parts.path])[0]
                stub.asked.append(key)
                known = answers.get(key, {"resultType": "vector", "result": []} if "query" in parts.path else {})
                if key == "time()":
                    known = {"resultType": "scalar", "result": [time.time() + ahead, ""]}
                told = known if isinstance(known, str) else json.dumps({"status": "success", "data": known})
                self.send_response_only(200)
                self.send_header("Date", formatdate(time.time() + ahead, usegmt=True))
                self.end_headers()
                self.wfile.write(told.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((ports.LOOPBACK, 0), Handler)
        self.address = f"http://{ports.LOOPBACK}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5.0)


def prometheus_at(stub: Stub, environ: Mapping[str, str] = PUSHING) -> list[Finding]:
    """Return what is found at a Prometheus."""
    settings = Settings.from_environ({**environ, "TECHSAPO_PROMETHEUS_URL": stub.address})
    return check_prometheus(settings, where(settings, [], None))


def of(found: list[Finding], about: str) -> Finding:
    """Return the first finding about a thing."""
    return next(each for each in found if each.about == about)


@given(st.floats(-1e5, 1e5), st.floats(0, 2), st.floats(0, 2), st.sampled_from([1.0, 1e-3]), st.floats(1.7e9, 1.9e9))
def test_the_true_offset_lies_within_the_uncertainty(
    ahead: float, there: float, back: float, resolution: float, asked: float
) -> None:
    """However long the way there and back is, and wherever the clock rounds down."""
    theirs = (asked + there + ahead) // resolution * resolution
    measured = offset(theirs, resolution, asked, asked + there + back, "test")
    assert abs(measured.seconds - ahead) <= measured.uncertainty + 1e-6
    assert abs(measured.uncertainty - (resolution + there + back) / 2) < 1e-6


@pytest.mark.parametrize(
    ("ahead", "level", "word"),
    [(0.0, Level.OK, "agree"), (-5.0, Level.WARN, "behind"), (5.0, Level.WARN, "ahead"), (60.0, Level.BROKEN, "ahead")],
)
def test_a_clock_that_is_off_is_told_with_its_measure(ahead: float, level: Level, word: str) -> None:
    """A second is within what is tolerated, an interval is not; both ways of measuring see it."""
    page = 'otelcol_process_uptime 5\notelcol_processor_techsapo_policy_info{version="1"} 1\n'
    with Stub({"/metrics": page, "/api/v1/status/buildinfo": {"version": "3.16.0"}}, ahead) as stub:
        settings = Settings.from_environ(PUSHING)
        asked = where(settings, [stub.address], stub.address)
        found = [of(check_collectors(settings, asked), "clock"), of(check_prometheus(settings, asked), "clock")]
    assert [level, level] == [each.level for each in found]
    assert [True, True] == [word in each.sentence for each in found]
    ways = ("by the Date of its answer", "by its query time()")
    assert [True, True] == [way in each.sentence for way, each in zip(ways, found, strict=True)]


def test_a_measure_that_is_too_rough_accuses_nobody() -> None:
    """Where an answer took 40 s, 16 s are no proof."""
    assert Level.OK is check_clock("it", offset(1000.0, 1.0, 964.0, 1004.0, "test")).level


def test_a_prometheus_without_start_times_is_worth_a_look() -> None:
    """The remedy is the option to start it with."""
    flags = {"enable-feature": "native-histograms"}
    with Stub({"/api/v1/status/buildinfo": {"version": "3.16.0"}, "/api/v1/status/flags": flags}) as stub:
        finding = of(prometheus_at(stub), "start times")
    assert (Level.WARN, "Start it with --enable-feature=created-timestamp-zero-ingestion") == (
        finding.level,
        finding.remedy,
    )


def test_the_job_is_namespace_and_name() -> None:
    """As the Collector makes it; quotes in a name do not break the query."""
    environ = {**PUSHING, "OTEL_SERVICE_NAME": 'a"b', "OTEL_RESOURCE_ATTRIBUTES": "service.namespace=ns"}
    with Stub({"/api/v1/status/buildinfo": {"version": "3.16.0"}}) as stub:
        finding = of(prometheus_at(stub, environ), "series")
        assert 'count({job="ns/a\\"b", __name__=~"techsapo_.+|nodejs_.+"})' in stub.asked
    assert (Level.WARN, f'{stub.address} has no series of ns/a"b') == (finding.level, finding.sentence)


def test_other_services_are_named_where_this_one_is_missing() -> None:
    """A name that is written otherwise is seen at once."""
    there = [{"metric": {"job": name}, "value": [0, "1"]} for name in ("shop-2", "cart")]
    answers = {
        "/api/v1/status/buildinfo": {"version": "3.16.0"},
        "group by (job) (techsapo_telemetry_dropped_instruments)": {"result": there},
    }
    with Stub(answers) as stub:
        assert of(prometheus_at(stub), "series").sentence.endswith("no series of shop; there are those of cart, shop-2")


@pytest.mark.parametrize(
    ("health", "level", "says"),
    [
        ("up", Level.OK, "every 60 s, and it is up"),
        ("down", Level.BROKEN, "which is down: connection refused"),
        ("unknown", Level.WARN, "has not scraped"),
    ],
)
def test_the_page_of_a_process_is_looked_for_where_a_prometheus_is_told(health: str, level: Level, says: str) -> None:
    """Without a Collector too; nothing is asked of the service's name, which the scrape's job stands for."""
    target = {
        "scrapeUrl": "http://app:9464/metrics",
        "labels": {"job": "app"},
        "scrapeInterval": "1m",
        "health": health,
        "lastError": "connection refused" if health == "down" else "",
    }
    answers = {
        "/api/v1/status/buildinfo": {"version": "3.16.0"},
        "/api/v1/targets": {"activeTargets": [target]},
    }
    with Stub(answers) as stub:
        found = prometheus_at(stub, {})
    assert (level, True) == (of(found, "scrape").level, says in of(found, "scrape").sentence)
    assert [] == [each for each in found if each.about in {"series", "labels", "age"}]


@pytest.mark.parametrize("answer", ["<html>", "{}", "[]", '{"status": "error", "error": "no"}'])
def test_another_server_is_no_prometheus(answer: str) -> None:
    """Whatever it says, there is one finding and no traceback."""
    with Stub({"/api/v1/status/buildinfo": answer}) as stub:
        (finding,) = prometheus_at(stub)
    assert (Level.BROKEN, True) == (finding.level, finding.sentence.startswith("No Prometheus answers at "))


@pytest.mark.parametrize("page", ["", "hello", "techsapo_errors_total 1\n", "otelcol_x{ 1\n"])
def test_another_page_is_no_collectors(page: str) -> None:
    """Nor is the page that Prometheus scrapes."""
    with Stub({"/metrics": page}) as stub:
        settings = Settings.from_environ(PUSHING)
        (finding,) = check_collectors(settings, where(settings, [stub.address], None))
    assert (Level.BROKEN, f"What answers at {stub.address} is no Collector (200)") == (finding.level, finding.sentence)


def test_a_collector_without_the_policy_is_broken() -> None:
    """A stock Collector lets personal data pass."""
    with Stub({"/metrics": "otelcol_process_uptime_total 5\n"}) as stub:
        settings = Settings.from_environ(PUSHING)
        found = check_collectors(settings, where(settings, [stub.address], None))
    assert Level.BROKEN is of(found, "policy").level


def test_figures_are_read_with_and_without_total() -> None:
    """Collectors differ in whether they append it to their own counters."""
    page = (
        "otelcol_process_uptime_total 5\n"
        'otelcol_processor_techsapo_policy_refused_points_total{reason="broken",pipeline="a"} 2\n'
        'otelcol_processor_techsapo_policy_refused_points_total{reason="broken",pipeline="b"} 1\n'
        'otelcol_processor_techsapo_policy_overflow_points{metric="m"} 0\n'
        "otelcol_receiver_refused_metric_points 7\n"
    )
    with Stub({"/metrics": page}) as stub:
        settings = Settings.from_environ(PUSHING)
        found = check_collectors(settings, where(settings, [stub.address], None))
    assert [
        f"{stub.address} refused 3 points since its start: numbers that are none, or do not add up",
        f"{stub.address} sent 7 points back since its start, as its memory was full",
    ] == [each.sentence for each in found if each.about in {"refused", "overflow"}]


def test_every_reason_of_the_policy_processor_is_explained() -> None:
    """What stands behind the colon is a sentence, not the reason's name."""
    metadata = Path(__file__).parents[2] / "collector" / "policyprocessor" / "metadata.yaml"
    (listed,) = re.findall(r"enum: \[(delta.*)\]", metadata.read_text())
    reasons = listed.split(", ")
    page = "otelcol_process_uptime_total 5\n" + "".join(
        f'otelcol_processor_techsapo_policy_refused_points_total{{reason="{reason}"}} 1\n' for reason in reasons
    )
    with Stub({"/metrics": page}) as stub:
        found = check_collectors(environ_of(), where(environ_of(), [stub.address], None))
    said = [each.sentence.rpartition(": ")[2] for each in found if each.about == "refused"]
    assert (len(said), set(said) & set(reasons)) == (len(reasons), set())


def environ_of(**variables: str) -> Settings:
    """Return the settings of a process that pushes."""
    return Settings.from_environ({**PUSHING, **variables})


def test_only_this_host_is_assumed() -> None:
    """A Collector elsewhere is asked for its figures where it was told only; Prometheus is assumed here."""
    here = where(environ_of(), [], None)
    assert (("http://127.0.0.1:8888",), "http://127.0.0.1:13133") == (here.collectors, here.health)
    assert ("http://127.0.0.1:9090", True) == (here.prometheus, here.prometheus_assumed)
    elsewhere = where(environ_of(OTEL_EXPORTER_OTLP_ENDPOINT="http://collector:4318"), [], None)
    assert ((), None) == (elsewhere.collectors, elsewhere.health)
    assert ((), None) == (
        where(Settings.from_environ({}), [], None).collectors,
        where(Settings.from_environ({}), [], None).prometheus,
    )


def test_what_a_collector_listens_on_everywhere_is_asked_for_here() -> None:
    """The variables are the Collector's own: 0.0.0.0 is no address to ask."""
    everywhere = {"TECHSAPO_COLLECTOR_HEALTH": "0.0.0.0:1", "TECHSAPO_COLLECTOR_TELEMETRY_HOST": "::"}
    asked = where(environ_of(**everywhere), [], None)
    assert (("http://[::1]:8888",), "http://127.0.0.1:1") == (asked.collectors, asked.health)


def test_the_command_line_goes_before_the_variables() -> None:
    """And what is no address there is refused in a line."""
    settings = environ_of(
        TECHSAPO_COLLECTOR_URLS="http://a:8888, http://b:8888/", TECHSAPO_PROMETHEUS_URL="http://p/x/"
    )
    told = where(settings, [], None)
    assert (("http://a:8888", "http://b:8888"), "http://p/x") == (told.collectors, told.prometheus)
    asked = where(settings, ["http://c:8888/"], "https://q")
    assert (("http://c:8888",), "https://q") == (asked.collectors, asked.prometheus)
    with pytest.raises(SettingsError, match=r"--prometheus: got 'p'; accepts http://host:port"):
        where(settings, [], "p")


@pytest.mark.parametrize(("text", "expected"), [("15s", 15.0), ("1m30s", 90.0), ("500ms", 0.5), ("1h", 3600.0)])
def test_durations_of_prometheus_are_read(text: str, expected: float) -> None:
    """Minutes are told from milliseconds."""
    assert expected == seconds(text)
