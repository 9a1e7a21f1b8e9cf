"""The stock Prometheus exporter, fed by our provider: `OTEL_METRICS_EXPORTER=prometheus`.

It appends `_total` to the cost counter's name, and takes 80 us and more a series. Its scope labels and its target_info
are left out: nothing but the contract's labels reaches Prometheus.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from opentelemetry.sdk.metrics.export import MetricReader

from telemetry.settings import Page

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer


class StockPage:
    """A page at `page`, over a registry of its own; `attach` connects the reader to the provider."""

    def __init__(self, page: Page, attach: Callable[[MetricReader], None]) -> None:
        self._page = page
        self._attach = attach
        self._serving: tuple[WSGIServer, threading.Thread] | None = None

    def start(self) -> None:
        """Listen and serve in a thread. Raises OSError where the port cannot be had."""
        # Imported when it is used: prometheus_client is no part of our own page.
        from opentelemetry.exporter.prometheus import PrometheusMetricReader
        from prometheus_client import CollectorRegistry, start_http_server

        registry = CollectorRegistry()
        reader = PrometheusMetricReader(disable_target_info=True, scope_info_enabled=False, registry=registry)
        page = self._page
        self._serving = start_http_server(
            page.port,
            page.host,
            registry,
            certfile=None if page.certificate is None else str(page.certificate),
            keyfile=None if page.key is None else str(page.key),
            client_cafile=None if page.client_ca is None else str(page.client_ca),
            client_auth_required=page.client_ca is not None,
        )
        try:
            self._attach(reader)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Close the port."""
        if self._serving is not None:
            server, thread = self._serving
            server.shutdown()
            server.server_close()
            thread.join(1.0)
            self._serving = None

    def close_in_child(self) -> None:
        """Close this process' copy of the socket in the child of a fork, where no thread serves it."""
        if self._serving is not None:
            self._serving[0].socket.close()
            self._serving = None
