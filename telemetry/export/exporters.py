"""From settings to pushes: which stock exporters, found by their standard entry points."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from opentelemetry.sdk.metrics.export import MetricExporter, MetricReader

from telemetry.export.push import Collect, Push
from telemetry.settings import ENTRY_POINT_OF_PROTOCOL, OWN_EXPORTER, STOCK_PAGE, Otlp, Settings
from telemetry.variables import show

GROUP = "opentelemetry_metrics_exporter"


def pushes(settings: Settings, collect: Collect, on_delivered: Callable[[], None]) -> list[Push]:
    """Return a push for every OTLP endpoint and every other exporter that pushes, none of them started."""
    made: list[tuple[str, Callable[[], MetricExporter]]] = []
    for name in settings.exporters:
        if name == "otlp":
            made += [(endpoint, partial(_otlp, settings.otlp, endpoint)) for endpoint in settings.otlp.endpoints]
        elif name not in {OWN_EXPORTER, STOCK_PAGE} and issubclass(found := _load(name), MetricExporter):
            made.append((name, found))
    return [
        Push(
            show("OTEL_EXPORTER_OTLP_ENDPOINT", name)[1:-1],
            collect,
            make_exporter,
            interval_seconds=settings.interval_seconds,
            collection_timeout_seconds=settings.collection_timeout_seconds,
            on_delivered=on_delivered,
        )
        for name, make_exporter in made
    ]


def readers(settings: Settings) -> list[MetricReader]:
    """Return the readers among the exporters that are neither OTLP nor a page of ours: they export by themselves."""
    others = [_load(name) for name in settings.exporters if name not in {"otlp", OWN_EXPORTER, STOCK_PAGE}]
    return [found() for found in others if issubclass(found, MetricReader)]


def _load(name: str) -> type[MetricExporter | MetricReader]:
    (point,) = entry_points(group=GROUP, name=name)
    return cast("type[MetricExporter | MetricReader]", point.load())


def _otlp(otlp: Otlp, endpoint: str) -> MetricExporter:
    return _otlp_grpc(otlp, endpoint) if otlp.protocol == "grpc" else _otlp_http(otlp, endpoint)


def _otlp_http(otlp: Otlp, endpoint: str) -> MetricExporter:
    # Imported when it is used: it brings requests, which a process that only serves a page does without.
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

    from telemetry.export.session import OwnAuthoritySession

    return OTLPMetricExporter(
        endpoint=endpoint,
        certificate_file=_path(otlp.certificate),
        client_key_file=_path(otlp.client_key),
        client_certificate_file=_path(otlp.client_certificate),
        headers=otlp.headers,
        timeout=otlp.timeout_seconds,
        compression=Compression(otlp.compression),
        session=OwnAuthoritySession() if otlp.certificate else None,
    )


def _otlp_grpc(otlp: Otlp, endpoint: str) -> MetricExporter:
    # Certificates it reads from the standard variables by itself; of compressions it would take gzip alone from there.
    exporter = cast("Callable[..., MetricExporter]", _load(ENTRY_POINT_OF_PROTOCOL["grpc"]))
    # An extra brings it: imported when it is used.
    from grpc import Compression  # type: ignore[import-untyped]  # it comes without types

    compression = Compression.Gzip if otlp.compression == "gzip" else Compression.NoCompression
    return exporter(
        endpoint=endpoint, headers=dict(otlp.headers), timeout=otlp.timeout_seconds, compression=compression
    )


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)
