"""The Collector masks as the process does: both engines, Go and Python, give one text for one text."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from telemetry.privacy import mask
from tests.conftest import StartCollector
from tests.support import wait
from tests.support.otlp_sink import OtlpSink
from tests.support.personal_texts import composed


def test_both_engines_mask_alike(make_collector: StartCollector, otlp_sink: OtlpSink) -> None:
    """Tens of thousands of texts come out of the Collector as the process would mask them."""
    wanted = composed(25_000)
    collector = make_collector(forward=otlp_sink.endpoint)
    logs = ExportLogsServiceRequest()
    records = logs.resource_logs.add().scope_logs.add().log_records
    for body in wanted:
        records.add(body=AnyValue(string_value=body))
    assert collector.post("/v1/logs", logs.SerializeToString()) == 200
    wait.until(lambda: otlp_sink.requests, 30, "what is forwarded")
    forwarded = ExportLogsServiceRequest.FromString(otlp_sink.requests[0].body)
    received = [record.body.string_value for record in forwarded.resource_logs[0].scope_logs[0].log_records]
    masked = [mask(text) for text in wanted]
    assert [each for each in zip(wanted, received, masked, strict=True) if each[1] != each[2]] == []
    assert sum(text != left for text, left in zip(wanted, masked, strict=True)) > 10_000
