"""The queries of runbooks: PromQL over what there is, tried on a live Prometheus with two lanes."""

import functools
import json
import re
import subprocess
from pathlib import Path

import pytest

from monitoring.model import Recording
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from telemetry.contract import CONTRACT
from tests.conftest import StartCollector
from tests.monitoring.runbooks import ALERTS, Query, runbook
from tests.monitoring.test_pint import left_out
from tests.support import ports, wait
from tests.support.collector import counter, sender
from tests.support.prometheus import Prometheus

RECORDED = {rule.record for group in groups(Thresholds.load()) for rule in group.rules if isinstance(rule, Recording)}
# What other programs tell, by the beginning of their names; and Prometheus of each scrape, and of alerts.
OTHERS = ("otelcol_", "prometheus_", "alertmanager_")
ALWAYS = {"up", "scrape_duration_seconds", "ALERTS", "target_info"}
PART = re.compile(r"_(?:bucket|sum|count)$")

# Beside those of the contract: of every series, of histograms, of alerts, and of what other programs tell.
LABELS = {"job", "instance", "lane", "le", "service_version", "slo", "alertname", "alertstate", "__name__"}
LABELS_OF_OTHERS = {
    "alertmanager",
    "exporter",
    "integration",
    "metric",
    "otel_signal",
    "processor",
    "reason",
    "rule_group",
}

SELECTOR = re.compile(r"(?<![\"\w:])((?:techsapo|nodejs|otelcol)_\w+|target_info)(\{|(?=[^\w{]|$))|\{(?=__name__)")


def of_one_lane(query: str) -> str:
    """Return a query of what one lane tells."""
    return SELECTOR.sub(lambda found: f'{found[1] or ""}{{lane="a"{"}" if found[2] == "" else ","}', query)


def asked(prometheus: Prometheus, query: str, at: float) -> list[tuple[dict[str, str], float]]:
    """Return labels and values of what a query finds at a time."""
    answer = prometheus.get("/api/v1/query", query=query, time=f"{at:.3f}")
    assert isinstance(answer, dict)
    return [(found["metric"], float(found["value"][1])) for found in answer["result"]]


def counts_once(prometheus: Prometheus, query: str) -> bool:
    """Tell whether two lanes come to no more than one does; where lanes are told apart each counts for itself."""
    (now,) = prometheus.query("vector(1)")
    both, one = (asked(prometheus, each, now.time) for each in (query, of_one_lane(query)))
    if any("lane" in labels for labels, _ in both):
        return True
    return sum(abs(value) for _, value in both) <= 1.5 * sum(abs(value) for _, value in one)


@pytest.mark.parametrize("alert", ALERTS)
def test_queries_are_promql(alert: str, promtool: Path, tmp_path: Path) -> None:
    """As promtool reads it."""
    rules = [{"record": f"query{number}", "expr": query.text} for number, query in enumerate(runbook(alert).queries)]
    file = tmp_path / "queries.yaml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    run = subprocess.run([promtool, "check", "rules", file], capture_output=True, text=True, timeout=60, check=False)
    assert 0 == run.returncode, run.stdout + run.stderr


@pytest.mark.parametrize("alert", ALERTS)
def test_queries_name_what_there_is(alert: str) -> None:
    """Metrics of the contract with their labels, recordings, and what other programs tell."""
    for query in runbook(alert).queries:
        named = {name if name in CONTRACT.by_name else PART.sub("", name) for name in query.names - ALWAYS - RECORDED}
        others = {name for name in named if name.startswith(OTHERS)}
        assert set() == named - set(CONTRACT.by_name) - others, query.text
        known = LABELS | (LABELS_OF_OTHERS if others else set())
        # A recording, and what has any name, may have the labels of any metric.
        metrics = named - others if named else set(CONTRACT.by_name)
        known |= {label for name in metrics for label in CONTRACT.by_name[name].label_names}
        assert set() == query.labels - known, query.text


@pytest.mark.parametrize("alert", ALERTS)
def test_what_does_not_grow_now_may_have_grown_before(alert: str) -> None:
    """A rate above 0 is of its window: that it finds nothing does not mean that there never was anything."""
    queries = runbook(alert).queries
    assert [] == [query.text for query in queries if query.text.endswith("> 0") and "ever." in query.about.split()]


@pytest.mark.parametrize("alert", ALERTS)
def test_queries_run(alert: str, live: Prometheus) -> None:
    """Each finds something while all is well, or the words before it say what it means that it does not."""
    for query in runbook(alert).queries:
        if "Empty" in query.about:
            live.query(query.text)
        else:
            wait.until(functools.partial(live.query, query.text), 30, query.text)


@pytest.mark.parametrize("alert", ALERTS)
def test_queries_count_once_what_two_lanes_tell(alert: str, live: Prometheus) -> None:
    """Or tell the lanes apart. A gauge may change between the scrapes of two lanes, so it is looked at again."""
    for query in runbook(alert).queries:
        wait.until(functools.partial(counts_once, live, query.text), 10, query.text)


def test_a_query_that_counts_twice_is_found(live: Prometheus) -> None:
    """What tries the queries is tried itself."""
    assert not counts_once(live, 'sum(rate(techsapo_http_requests_total{job="reference-app"}[1m]))')
    assert not counts_once(live, "sum(techsapo_memory_limit_bytes)")


def test_what_other_programs_tell_is_there(live: Prometheus, make_collector: StartCollector) -> None:
    """Of a live Prometheus, of a Collector that forwards and has met a limit, or of one that has refused something."""
    collector = make_collector(forward=f"http://{ports.LOOPBACK}:{ports.free_port()}")
    many = [({"provider": "openai", "model": f"model-{number}"}, 1) for number in range(100)]
    collector.send(sender([counter("techsapo_llm_unpriced_calls_total", many)], service_name="app"))
    own_page = set(re.findall(r"^# TYPE (\w+)", collector.own_page(), re.MULTILINE))
    names = live.get("/api/v1/label/__name__/values")
    assert isinstance(names, list)
    asked_for = {name for alert in ALERTS for query in runbook(alert).queries for name in query.names}
    others = {name for name in asked_for if name.startswith(OTHERS)}
    assert set() == others - set(names) - own_page - set(left_out())


def test_one_lane_of_each_series_is_selected() -> None:
    """With labels or without, in a rate or bare."""
    assert 'rate(nodejs_x{lane="a",job="j"}[5m])' == of_one_lane('rate(nodejs_x{job="j"}[5m])')
    assert 'max(techsapo_x{lane="a"})' == of_one_lane("max(techsapo_x)")
    assert '{lane="a",__name__=~"techsapo_.+"}' == of_one_lane('{__name__=~"techsapo_.+"}')
    assert "job:http_requests:rate5m" == of_one_lane("job:http_requests:rate5m")


def test_names_and_labels_of_a_query_are_read() -> None:
    """What tells names from functions and labels is tried itself."""
    query = Query('sum by (a, le) (rate(x_y{b="c",d=~"e{f}"}[5m] offset 1h)) / on (g) group_left () (h:i:j > 0)', "")
    assert {"x_y", "h:i:j"} == query.names
    assert {"a", "le", "b", "d", "g"} == query.labels
