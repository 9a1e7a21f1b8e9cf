"""pint, by itself and beside a live Prometheus: what the rules ask for is there, under these names and labels."""

import json
import re
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from monitoring.render import ROOT, RULES
from telemetry.contract import CONTRACT
from tests.conftest import StartCollector
from tests.support import ports
from tests.support.collector import Collector, counter, sender
from tests.support.prometheus import BUILD, Prometheus

PINT = BUILD / "pint"
CONFIG = ROOT / "monitoring" / "pint.hcl"

# Failures come at once: nothing is tried again, and one request fills the queue.
AT_ONCE = """
exporters:
  otlp_http:
    retry_on_failure: {enabled: false}
    sending_queue: {queue_size: 1, num_consumers: 1, sizer: requests}
"""
# More than what the guard passes on unseen, and no OTLP.
NO_OTLP = b"\xff" * 100_000


@dataclass(frozen=True)
class Finding:
    """What pint says of a rule."""

    check: str
    severity: str
    # For who reads why a test failed.
    details: str = field(default="", compare=False)


def linted(directory: Path, rules: Path, prometheus: Prometheus | None = None) -> list[Finding]:
    """Return what pint finds from a warning on."""
    if not PINT.exists():
        pytest.skip("build/pint is not there: make tools")
    asked = f'\nprometheus "live" {{\n  uri = "{prometheus.url}"\n  required = true\n}}\n' if prometheus else ""
    config, report = directory / "pint.hcl", directory / "pint.json"
    config.write_text(CONFIG.read_text() + asked)
    command: list[str | Path] = [
        PINT,
        "--no-color",
        "--config",
        config,
        "lint",
        "--min-severity=warning",
        "--json",
        report,
        rules,
    ]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert report.exists(), run.stderr
    found = json.loads(report.read_text())
    return [
        Finding(each["reporter"], each["severity"], f"{each['problem']}: {each['path']} {each['lines']}")
        for each in found
        if each["severity"] != "Information"
    ]


def changed(directory: Path, file: str, old: str, new: str) -> Path:
    """Return a folder that has one file of rules, with something else in it."""
    text = (ROOT / RULES / file).read_text()
    assert old in text
    rules = directory / "rules"
    rules.mkdir()
    (rules / file).write_text(text.replace(old, new))
    return rules


def left_out() -> list[str]:
    """Return the metrics that need not be there."""
    (listed,) = re.findall(r"ignoreMetrics = \[(.*?)\]", CONFIG.read_text(), re.DOTALL)
    return re.findall(r'^ *"([^"]+)",$', listed, re.MULTILINE)


def test_pint_has_nothing_against_the_rules(tmp_path: Path) -> None:
    """What is left out of its checks has its reason in the configuration."""
    assert [] == linted(tmp_path, RULES)


@pytest.mark.parametrize(
    ("file", "old", "new", "check"),
    [
        ("techsapo-alerts-p0.yaml", 'priority: "P0"', 'priority: "PO"', "rule/label"),
        ("techsapo-alerts-p0.yaml", "runbook_url:", "runbook:", "alerts/annotation"),
        ("techsapo-alerts-p1.yaml", "service:", "team:", "rule/label"),
        ("techsapo-alerts-p1.yaml", " > 10", "", "alerts/comparison"),
        ("techsapo-first-layer.yaml", "sum without (instance)", "sum without (route)", "promql/aggregate"),
    ],
)
def test_pint_finds_what_is_wrong_with_a_rule(file: str, old: str, new: str, check: str, tmp_path: Path) -> None:
    """What the configuration asks for is looked at."""
    assert check in {found.check for found in linted(tmp_path, changed(tmp_path, file, old, new))}


def test_pint_finds_every_name_and_label_in_a_live_prometheus(live: Prometheus, tmp_path: Path) -> None:
    """But for the listed ones, which are told as warnings."""
    found = linted(tmp_path, RULES, live)
    assert {Finding("promql/series", "Warning")} == set(found)


@pytest.mark.parametrize(
    ("file", "old", "new", "check"),
    [
        ("techsapo-alerts-p0.yaml", "techsapo_memory_usage_bytes", "techsapo_memory_used_bytes", "promql/series"),
        ("techsapo-alerts-p0.yaml", "without (lane) (techsapo", "by (job) (techsapo", "alerts/template"),
        ("techsapo-first-layer.yaml", r"state=\"open\"", r"status=\"open\"", "promql/series"),
        (
            "techsapo-first-layer.yaml",
            "rate(techsapo_http_requests_total[2m])",
            "techsapo_http_requests_total",
            "promql/counter",
        ),
    ],
)
def test_pint_finds_what_a_live_prometheus_has_not(
    file: str, old: str, new: str, check: str, live: Prometheus, tmp_path: Path
) -> None:
    """A name, a label, a type that are other than the rule thinks."""
    found = linted(tmp_path, changed(tmp_path, file, old, new), live)
    assert check in {each.check for each in found}


def test_what_need_not_be_there_is_asked_for_by_a_rule() -> None:
    """A name that nothing asks for any more is not listed."""
    rules = "".join(path.read_text() for path in (ROOT / RULES).glob("*.yaml"))
    assert [] == [name for name in left_out() if name not in rules]


def test_what_need_not_be_there_comes_with_a_failure(make_collector: StartCollector) -> None:
    """The contract has it, or the Collector once it has refused and lost something."""
    nobody = f"http://{ports.LOOPBACK}:{ports.free_port()}"
    collector = make_collector(forward=nobody, overlay=AT_ONCE)
    delta = counter("techsapo_auth_attempts_total", [({"status": "success"}, 1)])
    delta.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    collector.send(sender([delta], service_name="app"))
    crowded = [({"method": "GET", "route": f"/{number}", "status_code": "200"}, 1) for number in range(300)]
    collector.send(sender([counter("techsapo_http_requests_total", crowded)], service_name="app"))
    assert 400 == collector.post("/v1/metrics", NO_OTLP)
    _crowd(collector)
    there = set(re.findall(r"^# TYPE (\w+)", collector.own_page(), re.MULTILINE))
    assert set() == set(left_out()) - there - set(CONTRACT.by_name)


def _crowd(collector: Collector) -> None:
    """Send more traces and logs at once than the queue takes; what it takes goes nowhere."""
    traces, logs = ExportTraceServiceRequest(), ExportLogsServiceRequest()
    traces.resource_spans.add().scope_spans.add().spans.add(name="x", trace_id=b"t" * 16, span_id=b"s" * 8)
    logs.resource_logs.add().scope_logs.add().log_records.add(severity_text="INFO")
    bodies = {"/v1/traces": traces.SerializeToString(), "/v1/logs": logs.SerializeToString()}
    failed = ("spans", "log_records")
    for _ in range(50):
        crowd = [threading.Thread(target=collector.post, args=each) for each in bodies.items() for _ in range(8)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        if all(
            collector.own(f"otelcol_exporter_{how}_failed_{what}_total")
            for how in ("send", "enqueue")
            for what in failed
        ):
            return
