"""`techsapo-telemetry doctor` beside real Collectors and a real Prometheus."""

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric, ResourceMetrics

from tests.conftest import StartCollector, StartPrometheus
from tests.support import ports, wait
from tests.support.collector import ROOT, SALT, Collector, counter, sender
from tests.support.doctor import Told, run_doctor
from tests.support.instrumented import BIN, environment, under_instrument
from tests.support.processes import Server
from tests.support.prometheus import Prometheus

TOKEN = "-".join(["a", "token", "of", "the", "tests"])


def beside(collector: Collector, prometheus: Prometheus | None = None, **variables: str) -> dict[str, str]:
    """Return the environment of the service shop, which pushes to a Collector."""
    told = {
        "OTEL_SERVICE_NAME": "shop",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "TECHSAPO_CLIENT_IP_SALT": SALT,
        "TECHSAPO_COLLECTOR_HEALTH": f"{ports.LOOPBACK}:{collector.health}",
        "TECHSAPO_COLLECTOR_TELEMETRY_PORT": str(collector.telemetry),
        "TECHSAPO_COLLECTOR_PROMETHEUS": f"{ports.LOOPBACK}:{collector.page}",
        "TECHSAPO_PROMETHEUS_URL": prometheus.url if prometheus else f"http://{ports.LOOPBACK}:{ports.free_port()}",
    }
    return environment(**{**told, **variables})


def ask(env: Mapping[str, str], *arguments: str) -> Told:
    """Return what the doctor finds."""
    return run_doctor(["--json", *arguments], env)


def shop(*metrics: Metric, pushed_ago: float = 0.0) -> ResourceMetrics:
    """Return metrics of the service shop, whose last push arrived so many seconds ago."""
    push = Metric(name="techsapo_telemetry_last_push_timestamp_seconds")
    push.gauge.data_points.add(as_double=time.time() - pushed_ago, time_unix_nano=time.time_ns())
    return sender([push, *metrics], service_name="shop")


def scraped(prometheus: Prometheus, selector: str) -> None:
    """Wait until Prometheus has a series."""
    wait.until(lambda: prometheus.value(f"count({selector})"), what=f"a series {selector}")


def remedy(told: Told, about: str) -> str | None:
    """Return the remedy of the one finding about a thing that is not as it should be."""
    (found,) = [each["remedy"] for each in told.findings if each["about"] == about and each["level"] != "ok"]
    return found


def test_all_is_well_from_the_application_to_prometheus(
    collector: Collector, start_prometheus: StartPrometheus, tmp_path: Path
) -> None:
    """A real application pushes, a real Prometheus scrapes: every finding is ok, and the status 0."""
    prometheus = start_prometheus([f"{ports.LOOPBACK}:{collector.page}"])
    port, env = ports.free_port(), beside(collector, prometheus)
    command = under_instrument(BIN / "uvicorn", "tests.support.apps.counting:app", "--port", str(port))
    often = {**env, "OTEL_METRIC_EXPORT_INTERVAL": "500"}
    with Server(command, output=tmp_path / "server.txt", ready=lambda: ports.is_listening(port), env=often):
        scraped(prometheus, 'techsapo_telemetry_last_push_timestamp_seconds{job="shop"}')
        told = ask(env)
    assert [] == [each for each in told.findings if each["level"] != "ok"]
    assert 0 == told.status
    assert {"otlp", "collector", "policy", "clock", "prometheus", "start times", "scrape", "series", "age"} <= {
        each["about"] for each in told.findings
    }
    ((_, series),) = told.of("series")
    assert series.endswith(" series of shop, of 1 instance")


@pytest.mark.parametrize(
    ("header", "level", "why"),
    [
        ("", "broken", "it wants a token, and none is set"),
        ("another-token-than-the-one", "broken", "the credentials that are set are not right"),
        (TOKEN, "ok", "takes metrics"),
    ],
    ids=["none", "wrong", "right"],
)
def test_a_token_that_the_collector_wants_is_told_as_such(
    make_collector: StartCollector, header: str, level: str, why: str
) -> None:
    """None, a wrong one and the right one; whichever it is, it is shown nowhere."""
    collector = make_collector(env={"TECHSAPO_COLLECTOR_OTLP_TOKEN": TOKEN})
    told = ask(beside(collector, OTEL_EXPORTER_OTLP_HEADERS=f"authorization=Bearer%20{header}" if header else ""))
    ((found, sentence),) = told.of("otlp")
    assert (level, True) == (found, sentence.endswith(why))
    assert [] == [secret for secret in (header, TOKEN, SALT) if secret and secret in told.output]


def test_a_collector_of_another_contract_is_broken(make_collector: StartCollector, tmp_path: Path) -> None:
    """What the application records would be dropped there, or bounded otherwise."""
    policy = json.loads((ROOT / "collector/config/policy.json").read_text())
    other = tmp_path / "policy.json"
    other.write_text(json.dumps({**policy, "version": "0123456789abcdef"}))
    told = ask(beside(make_collector(overlay=f"processors: {{techsapo_policy: {{policy_file: {other}}}}}")))
    ((level, sentence),) = told.of("policy")
    assert (1, "broken") == (told.status, level)
    assert f"another contract (0123456789abcdef) than is installed here ({policy['version']})" in sentence


def test_what_the_collector_refuses_is_told_with_the_reason(collector: Collector) -> None:
    """Points by their reason, metrics that the contract does not know, limits that were met; each with its remedy."""
    delta, gauge = counter("techsapo_errors_total", [({}, 1)]), Metric(name="techsapo_errors_total")
    delta.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    gauge.gauge.data_points.add(as_double=1.0, time_unix_nano=time.time_ns())
    unknown = [counter(f"unknown_{number}", [({}, 1)]) for number in range(3)]
    types = [({"error_type": f"E{number}"}, 1.0) for number in range(70)]
    collector.send(shop(delta, gauge, *unknown)).send(shop(counter("techsapo_errors_total", types)))
    told = ask(beside(collector))
    address = f"http://{ports.LOOPBACK}:{collector.telemetry}"
    refused = {sentence.removeprefix(f"{address} ") for _, sentence in told.of("refused")}
    assert {
        "refused 1 point since its start: deltas, where all is cumulative",
        "refused 1 point since its start: another type than the contract's",
        "dropped 3 metrics since its start, as the contract does not know them",
    } == refused
    ((level, overflow),) = told.of("overflow")
    assert ("warn", True) == (level, overflow.endswith("a limit: techsapo_errors_total (6)"))
    assert [] == [each for each in told.findings if each["level"] == "warn" and not each["remedy"]]


def test_a_prometheus_that_renames_the_services_is_broken(
    collector: Collector, start_prometheus: StartPrometheus
) -> None:
    """Without honor_labels every service is the scrape's job."""
    prometheus = start_prometheus([f"{ports.LOOPBACK}:{collector.page}"], honor_labels=False)
    collector.send(shop(counter("techsapo_errors_total", [({}, 1)])))
    scraped(prometheus, 'techsapo_errors_total{exported_job="shop"}')
    told = ask(beside(collector, prometheus))
    assert [("broken", f"{prometheus.url} hides the services' names: shop is job=app")] == told.of("labels")
    assert "Set honor_labels: true in the scrape config of app" == remedy(told, "labels")
    assert [] == told.of("series")


def test_a_prometheus_that_scrapes_something_else_is_broken(
    collector: Collector, start_prometheus: StartPrometheus
) -> None:
    """The remedy names the address to add."""
    prometheus = start_prometheus([f"{ports.LOOPBACK}:{collector.telemetry}"])
    wait.until(prometheus.targets_up, what="a scrape")
    told = ask(beside(collector, prometheus))
    assert (1, True) == (told.status, "scrape" in told.broken)
    page = f"{ports.LOOPBACK}:{collector.page}"
    assert f"Add {page} to its scrape_configs, with honor_labels: true" == remedy(told, "scrape")
    assert [("warn", f"{prometheus.url} has no series of shop")] == told.of("series")


def test_a_collector_is_found_among_the_targets_by_what_it_shows(
    collector: Collector, start_prometheus: StartPrometheus
) -> None:
    """Prometheus may reach it at another port than the one that it listens on."""
    prometheus = start_prometheus([f"{ports.LOOPBACK}:{collector.page}"])
    collector.send(shop())
    scraped(prometheus, '{job="shop"}')
    told = ask(beside(collector, prometheus, TECHSAPO_COLLECTOR_PROMETHEUS=f"{ports.LOOPBACK}:{ports.free_port()}"))
    ((level, sentence),) = told.of("scrape")
    assert ("ok", True) == (level, f":{collector.page}/metrics every 1 s" in sentence)


def test_figures_that_grow_old_are_broken(collector: Collector, start_prometheus: StartPrometheus) -> None:
    """The Collector still shows them, and they are older than three intervals and a scrape."""
    prometheus = start_prometheus([f"{ports.LOOPBACK}:{collector.page}"])
    collector.send(shop(pushed_ago=80.0))
    scraped(prometheus, 'techsapo_telemetry_last_push_timestamp_seconds{job="shop"}')
    told = ask(beside(collector, prometheus))
    ((level, sentence),) = told.of("age")
    assert (1, "broken") == (told.status, level)
    assert re.fullmatch(r"The figures of shop are \d+ s old, and 46 s is usual: its pushes do not arrive", sentence)
    ((level, _),) = ask(beside(collector, prometheus, OTEL_METRIC_EXPORT_INTERVAL="60000")).of("age")
    assert "ok" == level


def test_a_service_that_fell_silent_is_broken(collector: Collector, start_prometheus: StartPrometheus) -> None:
    """It was there within the hour: another thing than a service that was never there."""
    prometheus = start_prometheus([f"{ports.LOOPBACK}:{collector.page}"])
    collector.send(shop())
    scraped(prometheus, '{job="shop"}')
    collector.kill()
    wait.until(lambda: prometheus.query('{job="shop"}') == [], what="the end of the series")
    told = ask(beside(collector, prometheus))
    assert {"otlp", "scrape", "series"} == set(told.broken)
    ((_, down),) = told.of("scrape")
    ((_, silent),) = told.of("series")
    assert f":{collector.page}/metrics, which is down: " in down
    assert silent.startswith("shop fell silent: its last push arrived ")


def test_each_of_two_collectors_is_looked_at(make_collector: StartCollector, start_prometheus: StartPrometheus) -> None:
    """One that is named and down does not hide the other; Prometheus has to scrape both."""
    one, other = make_collector(), make_collector()
    prometheus = start_prometheus([f"{ports.LOOPBACK}:{one.page}"])
    one.send(shop())
    scraped(prometheus, '{job="shop"}')
    both = f"http://{ports.LOOPBACK}:{one.telemetry},http://{ports.LOOPBACK}:{other.telemetry}"
    env = beside(
        one, prometheus, TECHSAPO_OTLP_ENDPOINTS=f"{one.endpoint},{other.endpoint}", TECHSAPO_COLLECTOR_URLS=both
    )
    told = ask(env)
    assert ["ok", "ok"] == [level for level, _ in told.of("collector")]
    assert ["ok", "ok"] == [level for level, _ in told.of("policy")]
    assert ("warn", f"{prometheus.url} scrapes 1 fewer Collectors than this process pushes to") in told.of("scrape")
    other.kill()
    assert {"otlp", "collector"} == set(ask(env).broken)


def test_what_was_not_looked_at_is_said(make_collector: StartCollector) -> None:
    """Of two Collectors on this host the default is one; how to name the other is told."""
    one, other = make_collector(), make_collector()
    told = ask(beside(one, TECHSAPO_OTLP_ENDPOINTS=f"{one.endpoint},{other.endpoint}"))
    assert ("ok", "The own figures of 1 of 2 Collectors were looked at") in told.of("collector")


def test_a_prometheus_that_is_named_and_not_there_is_broken(collector: Collector) -> None:
    """An address on the command line goes before the variable; one that is none is refused in a line."""
    address = f"http://{ports.LOOPBACK}:{ports.free_port()}"
    told = ask(beside(collector), "--prometheus", address)
    assert [("broken", f"No Prometheus answers at {address} (Connection refused)")] == told.of("prometheus")
