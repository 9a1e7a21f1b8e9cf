"""Personal data in metrics that reach the Collector: none of it is on a page or in a log line."""

import re
import urllib.request

from telemetry.contract import CONTRACT
from telemetry.privacy import ALL_BUCKETS
from tests.conftest import StartCollector
from tests.support import ports
from tests.support.collector import SALT, Collector
from tests.support.leaks import leaks
from tests.support.personal_data import GENERATORS, samples
from tests.support.personal_metrics import points, senders

EVERYTHING = tuple(datum for kind in GENERATORS for datum in samples(kind))
MANY_SENDERS = """
service: {telemetry: {logs: {level: debug}}}
processors: {techsapo_policy: {max_instances: 20000}}
"""
PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
HASHED = re.compile(r"hashed-[0-9a-f]{32}")


def protobuf_page(collector: Collector) -> str:
    """Return the page as Prometheus asks for it, its texts legible, exemplars included."""
    url = f"http://{ports.LOOPBACK}:{collector.page}/metrics"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": PROTOBUF}), timeout=30) as answer:
        assert answer.headers.get_content_type() == "application/vnd.google.protobuf"
        page: bytes = answer.read()
    return page.decode(errors="replace")


def labels_of(page: str) -> dict[str, set[str]]:
    """Return every value that a label has on a page."""
    found: dict[str, set[str]] = {}
    for line in page.splitlines():
        if not line.startswith("#"):
            for name, value in LABEL.findall(line):
                found.setdefault(name, set()).add(value)
    return found


def test_no_personal_data_in_the_labels_of_metrics(make_collector: StartCollector) -> None:
    """500 data of every kind as value of every label, declared or not: they become what stands for them."""
    collector = make_collector(overlay=MANY_SENDERS)
    for kind in GENERATORS:
        assert collector.post("/v1/metrics", points(samples(kind), kind).SerializeToString()) == 200
    declared = {label.name for metric in CONTRACT.metrics for label in metric.labels}
    found = labels_of(collector.text())
    assert found.pop("instance") == set(GENERATORS)
    assert found.pop("job") == {"tests"}
    assert found.pop("client_ip") - set(ALL_BUCKETS) == set()
    found.pop("le")
    # A state that holds, whatever it is, is told beside those that do not.
    assert found.pop("state") == {"other", "open", "half_open", "closed"}
    assert set().union(*found.values()) == {"other", "unmatched"}
    assert set(found) | {"client_ip", "state"} == declared
    for said in (collector.text(), protobuf_page(collector), collector.output, collector.own_page()):
        assert leaks(EVERYTHING, said) == []
        assert SALT not in said


def test_no_personal_data_in_what_a_sender_tells_of_itself(make_collector: StartCollector) -> None:
    """In resource and scope, description, unit, metadata, exemplars, and in names of metrics: masked or gone."""
    collector = make_collector(overlay=MANY_SENDERS)
    for kind in GENERATORS:
        assert collector.post("/v1/metrics", senders(samples(kind)).SerializeToString()) == 200
    masked = {datum.masked.replace("\\", r"\\").replace('"', r"\"") for datum in EVERYTHING}
    found = labels_of(collector.text())
    assert found["job"] - {f"{each}/{each}" for each in masked} == set()
    assert found["service_version"] - masked == set()
    assert [each for each in found["instance"] if HASHED.fullmatch(each) is None] == []
    # Each sender is told apart, though all that is shown of many is the same.
    assert len(found["instance"]) == len(EVERYTHING)
    for said in (collector.text(), protobuf_page(collector), collector.output, collector.own_page()):
        # Among so many hex digits of hashes a part of an address stands by chance.
        assert leaks(EVERYTHING, HASHED.sub("", said)) == []
        assert SALT not in said
