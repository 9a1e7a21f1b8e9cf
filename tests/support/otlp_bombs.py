"""OTLP requests that are small on the wire and would be large once decoded: millions of messages with nothing in them.

Field numbers are those of opentelemetry-proto 1.x.
"""

from dataclasses import dataclass

from tests.support import otlp_grpc
from tests.support.otlp_floods import field

# As much as the Collector's receivers take.
LARGEST = 20 * 2**20

METHODS = {"/v1/metrics": otlp_grpc.METRICS, "/v1/traces": otlp_grpc.TRACES, "/v1/logs": otlp_grpc.LOGS}


@dataclass(frozen=True)
class Bomb:
    """Messages that `number` has in a list, `around` which are those of a path; `decoded` bytes are made of each.

    `json` is the same in JSON, to be filled with objects.
    """

    path: str
    around: tuple[int, ...]
    number: int
    decoded: int
    json: str

    def body(self, size: int = LARGEST - 100) -> bytes:
        """Return a request of about a size."""
        content = bytes([self.number << 3 | 2, 0]) * (size // 2)
        for number in reversed(self.around):
            content = field(number, content)
        return content

    def json_body(self, size: int = LARGEST - 1_000) -> bytes:
        """Return the same in JSON."""
        return (self.json % ("{}," * (size // 3) + "{}")).encode()


BOMBS = {
    "resources": Bomb("/v1/metrics", (), 1, 146, '{"resourceMetrics":[%s]}'),
    "metrics": Bomb("/v1/metrics", (1, 2), 2, 114, '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[%s]}]}]}'),
    "points of a histogram": Bomb(
        "/v1/metrics",
        (1, 2, 2, 9),
        1,
        178,
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[%s]}}]}]}]}',
    ),
    "points of an exponential histogram": Bomb(
        "/v1/metrics",
        (1, 2, 2, 10),
        1,
        226,
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"exponentialHistogram":{"dataPoints":[%s]}}]}]}]}',
    ),
    "spans": Bomb("/v1/traces", (1, 2), 2, 242, '{"resourceSpans":[{"scopeSpans":[{"spans":[%s]}]}]}'),
    "links": Bomb("/v1/traces", (1, 2, 2), 13, 98, '{"resourceSpans":[{"scopeSpans":[{"spans":[{"links":[%s]}]}]}]}'),
    "log records": Bomb("/v1/logs", (1, 2), 2, 146, '{"resourceLogs":[{"scopeLogs":[{"logRecords":[%s]}]}]}'),
    "attributes": Bomb(
        "/v1/logs", (1, 2, 2), 6, 90, '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[%s]}]}]}]}'
    ),
}
