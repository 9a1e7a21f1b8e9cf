"""The loads of the Collector's benchmark: as real as they say, so that neither Collector is let off."""

import re
import time

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.collector import logs, metrics, spans
from benchmarks.collector.load import WRITTEN_NS, Load
from benchmarks.collector.subject import CONFIGURATION, without_policy
from telemetry.contract import CONTRACT
from telemetry.privacy import ALL_BUCKETS, mask

LOADS = {
    "masked": metrics.masked(2),
    "stock": metrics.stock(2),
    "personal": metrics.personal(2),
    "addresses": metrics.addresses(3_000),
    "spans": spans.ordinary(2),
    "personal spans": spans.personal(2),
    "logs": logs.ordinary(2),
    "personal logs": logs.personal(2),
}


def pushes(load: Load) -> list[ExportMetricsServiceRequest]:
    """Return what a load of metrics sends."""
    return [ExportMetricsServiceRequest.FromString(body) for body in load.bodies]


def series(load: Load) -> list[tuple[str, str, frozenset[tuple[str, str]]]]:
    """Return every point's instance, metric and attributes but the e-mail address."""
    return [
        (
            resource.resource.attributes[1].value.string_value,
            metric.name,
            frozenset(
                (each.key, each.value.string_value or str(each.value.int_value))
                for each in point.attributes
                if each.key != "enduser.email"
            ),
        )
        for push in pushes(load)
        for resource in push.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for points in (metric.sum.data_points, metric.gauge.data_points, metric.histogram.data_points)
        for point in points
    ]


def holds_personal_data(text: str) -> bool:
    """Tell whether masking changes a text."""
    return mask(text) != text


@pytest.mark.parametrize("name", ["masked", "stock", "personal", "addresses"])
def test_a_load_of_metrics_counts_its_points(name: str) -> None:
    """CPU a data point is of points that are really sent, each of a series of its own."""
    assert LOADS[name].records == len(series(LOADS[name])) == len(set(series(LOADS[name])))


def test_metrics_of_this_library_are_the_contracts() -> None:
    """Some hundred points a push, over a good part of the contract, addresses as buckets."""
    sent = series(LOADS["masked"])
    assert 200 <= LOADS["masked"].records // 2 <= 1_000
    assert {name for _, name, _ in sent} <= set(CONTRACT.by_name)
    assert len({name for _, name, _ in sent}) >= 12
    addresses = {value for _, _, labels in sent for key, value in labels if key == "client_ip"}
    assert addresses <= set(ALL_BUCKETS)


def test_metrics_of_the_stock_sdk_are_raw() -> None:
    """None has a name of the contract, and the clients' addresses are told."""
    sent = series(LOADS["stock"])
    assert set() == {name for _, name, _ in sent} & set(CONTRACT.by_name)
    assert any(key == "client.address" and holds_personal_data(value) for _, _, labels in sent for key, value in labels)


def test_hard_metrics_have_an_address_of_its_own_for_each_bucket() -> None:
    """The policy merges none of them, so that both Collectors keep equally many series."""
    masked, personal = series(LOADS["masked"]), series(LOADS["personal"])
    assert len(masked) == len(personal)
    addresses = {value for _, _, labels in personal for key, value in labels if key == "client_ip"}
    assert len(addresses) == len({value for _, _, labels in masked for key, value in labels if key == "client_ip"})
    assert all(holds_personal_data(address) for address in addresses)


def test_every_hard_data_point_holds_personal_data() -> None:
    """An e-mail address."""
    found = [
        point.attributes[-1].value.string_value for push in pushes(LOADS["personal"]) for point in metrics.points(push)
    ]
    assert [] == [value for value in found if not holds_personal_data(value)]


def test_the_flood_has_as_many_addresses_as_it_says() -> None:
    """In pushes of bounded size."""
    sent = {value for _, _, labels in series(LOADS["addresses"]) for key, value in labels if key == "client_ip"}
    assert 3_000 == len(sent)
    assert 2 == len(LOADS["addresses"].bodies)


def test_spans_are_a_web_servers() -> None:
    """About ten attributes, an address in every fourth, and some events; the hard ones hold a datum each."""
    ordinary, hard = (
        ExportTraceServiceRequest.FromString(LOADS[name].bodies[1]).resource_spans[0].scope_spans[0].spans
        for name in ("spans", "personal spans")
    )
    assert len(ordinary) * 2 == LOADS["spans"].records
    with_address = [span for span in ordinary if any(each.key == "client.address" for each in span.attributes)]
    assert len(ordinary) == 4 * len(with_address) == 8 * sum(len(span.events) for span in ordinary)
    assert {10, 11} == {len(span.attributes) for span in ordinary}
    hard = (
        ExportTraceServiceRequest.FromString(LOADS["personal spans"].bodies[1]).resource_spans[0].scope_spans[0].spans
    )
    for span in hard:
        told = [each.value.string_value for each in (*span.attributes, *span.events[0].attributes)]
        assert 3 <= sum(holds_personal_data(value) for value in told)


def test_log_records_are_an_apps() -> None:
    """Five attributes, a datum in every eighth; the hard ones hold one each."""
    ordinary, hard = (
        ExportLogsServiceRequest.FromString(LOADS[name].bodies[1]).resource_logs[0].scope_logs[0].log_records
        for name in ("logs", "personal logs")
    )
    assert len(ordinary) * 2 == LOADS["logs"].records
    assert {5} == {len(record.attributes) for record in ordinary}
    assert len(ordinary) == 8 * sum(holds_personal_data(record.body.string_value) for record in ordinary)
    hard = (
        ExportLogsServiceRequest.FromString(LOADS["personal logs"].bodies[1]).resource_logs[0].scope_logs[0].log_records
    )
    assert [] == [record for record in hard if not holds_personal_data(record.body.string_value)]


@pytest.mark.parametrize("name", sorted(set(LOADS) - {"addresses"}))
def test_a_body_is_sent_with_the_time_of_now(name: str) -> None:
    """An exporter that keeps the newest point has to take each; the length stays, and nothing else changes."""
    old, before = WRITTEN_NS.to_bytes(8, "little"), time.time_ns()
    for written, sent in zip(LOADS[name].bodies, LOADS[name].sent_now(), strict=True):
        at = written.index(old)
        now = sent[at : at + 8]
        assert before <= int.from_bytes(now, "little") <= time.time_ns()
        assert written.replace(old, now) == sent


def test_the_plain_pipeline_is_ours_without_the_policy() -> None:
    """Nothing else of the configuration differs: a setting that is added to it is in both."""
    configuration = CONFIGURATION.read_text()
    plain = without_policy(configuration)
    assert 3 == len(re.findall(r"processors: \[.*\btechsapo_policy\b", configuration))
    assert [] == re.findall(r"processors: \[.*\btechsapo_policy\b", plain)
    assert configuration.replace(", techsapo_policy]", "]") == plain


def test_another_configuration_is_not_taken_for_a_plain_one() -> None:
    """Where a pipeline has no policy to take out, the comparison would be of something else."""
    with pytest.raises(ValueError, match="in 2 pipelines, not in 3"):
        without_policy(CONFIGURATION.read_text().replace(", techsapo_policy]", "]", 1))
