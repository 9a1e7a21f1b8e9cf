"""OTLP metrics over gRPC, without an SDK between."""

from collections.abc import Mapping

import grpc  # type: ignore[import-untyped]  # it comes without types
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from tests.support import ports

METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"


def export(
    port: int,
    body: bytes,
    *,
    method: str = METRICS,
    metadata: Mapping[str, str] | None = None,
    compressed: bool = False,
) -> str:
    """Send an encoded payload over a connection of its own and return the status of the answer: "OK"."""
    with grpc.insecure_channel(f"{ports.LOOPBACK}:{port}") as channel:
        call = channel.unary_unary(
            method, request_serializer=None, response_deserializer=ExportMetricsServiceResponse.FromString
        )
        compression = grpc.Compression.Gzip if compressed else grpc.Compression.NoCompression
        try:
            call(body, timeout=30, metadata=tuple((metadata or {}).items()), compression=compression)
        except grpc.RpcError as error:
            return str(error.code().name)
    return "OK"
