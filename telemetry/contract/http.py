"""HTTP server. Source: OpenTelemetry semantic conventions for HTTP metrics."""

from types import MappingProxyType

from telemetry.contract.domains import Bounded, Enum
from telemetry.contract.model import Combine, Label, Metric, MetricType, Take, View
from telemetry.contract.shared_labels import FROM_ROUTE, ROUTE
from telemetry.contract.sources import Constant, attribute

# RFC 9110 section 9, RFC 5789 (PATCH) and the QUERY method, as the conventions list them.
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "QUERY")
_STATUS_CODES = tuple(str(code) for code in range(100, 600))
_SIZES = (256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0)

# Their middleware keeps the size of a response on itself: requests side by side get each other's.
_WRONG_SIZES = (
    "opentelemetry.instrumentation.asgi",
    "opentelemetry.instrumentation.fastapi",
    "opentelemetry.instrumentation.starlette",
)

METHOD = Label("method", Enum(_METHODS))

METRICS = (
    Metric(
        name="techsapo_http_requests_total",
        type=MetricType.COUNTER,
        description="HTTP requests served.",
        meaning=(
            "All requests, by the route's template and the status. 5xx are ours; 429 is the rate limiter's work, 401 "
            "and 403 that of authentication. `unmatched` that grows is somebody who tries paths. A status of `other` "
            "is a request that ended without an answer."
        ),
        unit="{request}",
        labels=(METHOD, Label("route", ROUTE), Label("status_code", Enum(_STATUS_CODES))),
        series_limit=5_000,
        views=(
            View(
                ("http.server.request.duration",),
                Take.COUNT,
                MappingProxyType(
                    {
                        "method": attribute("http.request.method"),
                        "route": FROM_ROUTE,
                        "status_code": attribute("http.response.status_code"),
                    }
                ),
            ),
        ),
    ),
    Metric(
        name="techsapo_http_request_duration_seconds",
        type=MetricType.HISTOGRAM,
        description="Duration of HTTP requests, until the last byte of the response is sent.",
        meaning=(
            "How long the service takes, route by route, until the last byte is sent: streams and analyses are long "
            "by nature, so look at routes and not at the sum of all."
        ),
        unit="s",
        labels=(METHOD, Label("route", ROUTE)),
        boundaries=(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
        views=(
            View(
                ("http.server.request.duration",),
                Take.DISTRIBUTION,
                MappingProxyType({"method": attribute("http.request.method"), "route": FROM_ROUTE}),
            ),
        ),
    ),
    Metric(
        name="techsapo_http_request_size_bytes",
        type=MetricType.HISTOGRAM,
        description="Size of HTTP request bodies.",
        meaning="What clients send. A tail that grows is larger questions, or somebody who tests what is let in.",
        unit="By",
        boundaries=_SIZES,
        views=(View(("http.server.request.body.size",), Take.DISTRIBUTION, ignore_scopes=_WRONG_SIZES),),
    ),
    Metric(
        name="techsapo_http_response_size_bytes",
        type=MetricType.HISTOGRAM,
        description="Size of HTTP response bodies.",
        meaning="What is sent back. It explains traffic, and durations of slow clients.",
        unit="By",
        boundaries=_SIZES,
        views=(View(("http.server.response.body.size",), Take.DISTRIBUTION, ignore_scopes=_WRONG_SIZES),),
    ),
    Metric(
        name="techsapo_active_connections",
        type=MetricType.GAUGE,
        description="Work under way: HTTP requests, open WebSockets, connections of pools that are in use.",
        meaning=(
            "What is under way now. `http` that rises while requests do not: something behind has become slow. "
            "`websocket` that only rises: connections that nobody closes. `redis` and `mysql` at the size of their "
            "pools: callers wait for one."
        ),
        unit="{connection}",
        labels=(Label("connection_type", Bounded(16, known=("http", "websocket", "redis", "mysql"))),),
        combine=Combine.SUM,
        views=(
            View(
                ("http.server.active_requests",),
                Take.SUM,
                MappingProxyType({"connection_type": Constant("http")}),
            ),
            View(
                ("db.client.connection.count",),
                Take.SUM,
                MappingProxyType({"connection_type": attribute("db.system.name")}),
                where=MappingProxyType({"db.client.connection.state": ("used",)}),
            ),
            View(
                ("techsapo.connections.active",),
                Take.SUM,
                MappingProxyType({"connection_type": attribute("connection_type")}),
            ),
        ),
    ),
)
