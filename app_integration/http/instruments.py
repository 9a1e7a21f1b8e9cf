"""Instruments of the HTTP server, and the attributes that go with each measurement.

Source: OpenTelemetry semantic conventions for HTTP metrics (stable duration, sizes and active requests).
"""

from collections.abc import Mapping
from types import MappingProxyType

from opentelemetry.metrics import MeterProvider, get_meter

from telemetry.contract import CONTRACT

SCOPE_NAME = "techsapo.http"

# RFC 9110 section 9, RFC 5789 (PATCH) and the QUERY method; the conventions call the rest `_OTHER`.
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "QUERY"))
_OTHER_METHOD = "_OTHER"

_DURATION_BOUNDARIES = CONTRACT.by_name["techsapo_http_request_duration_seconds"].boundaries
_SIZE_BOUNDARIES = CONTRACT.by_name["techsapo_http_request_size_bytes"].boundaries

WEBSOCKET = MappingProxyType({"connection_type": "websocket"})


def _request_attributes(method: str, scheme: str) -> Mapping[str, str]:
    known = method if method in _METHODS else _OTHER_METHOD
    return MappingProxyType({"http.request.method": known, "url.scheme": scheme})


# Made once: a request of a known method over http or https allocates no attributes.
_REQUEST_ATTRIBUTES = {
    (method, scheme): _request_attributes(method, scheme)
    for method in (*_METHODS, _OTHER_METHOD)
    for scheme in ("http", "https")
}


def request_attributes(method: str, scheme: str) -> Mapping[str, str]:
    """Return what is known of a request before it is served: its method and scheme."""
    return _REQUEST_ATTRIBUTES.get((method, scheme)) or _request_attributes(method, scheme)


class HttpInstruments:
    """What a server records. `provider` is the global meter provider where none is given."""

    def __init__(self, provider: MeterProvider | None = None) -> None:
        self.provider = provider
        meter = get_meter(SCOPE_NAME, meter_provider=provider)
        self.duration = meter.create_histogram(
            "http.server.request.duration",
            unit="s",
            description="Duration of HTTP server requests.",
            explicit_bucket_boundaries_advisory=_DURATION_BOUNDARIES,
        )
        self.active_requests = meter.create_up_down_counter(
            "http.server.active_requests", unit="{request}", description="Number of active HTTP server requests."
        )
        self.request_size = meter.create_histogram(
            "http.server.request.body.size",
            unit="By",
            description="Size of HTTP server request bodies.",
            explicit_bucket_boundaries_advisory=_SIZE_BOUNDARIES,
        )
        self.response_size = meter.create_histogram(
            "http.server.response.body.size",
            unit="By",
            description="Size of HTTP server response bodies.",
            explicit_bucket_boundaries_advisory=_SIZE_BOUNDARIES,
        )
        self.connections = meter.create_up_down_counter(
            "techsapo.connections.active", unit="{connection}", description="Connections that are open."
        )
