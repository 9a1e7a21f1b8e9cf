"""The Prometheus that other tests scrape with."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.conftest import StartPrometheus
from tests.support import wait
from tests.support.ports import LOOPBACK

PAGE = b"""\
# HELP support_hits_total Hits.
# TYPE support_hits_total counter
support_hits_total{route="/a"} 3
support_hits_total{route="/b"} 4
"""


class _Page(BaseHTTPRequestHandler):
    """Answers every scrape with `PAGE`."""

    def do_GET(self) -> None:
        """Answer in the text format."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
        """Say nothing."""


@pytest.fixture
def page() -> Iterator[str]:
    """A metrics page; the value is its address without a scheme."""
    server = ThreadingHTTPServer((LOOPBACK, 0), _Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"{LOOPBACK}:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_prometheus_scrapes_what_it_is_given(page: str, start_prometheus: StartPrometheus) -> None:
    """A real Prometheus finds the series of a target, with their type and its own two labels."""
    prometheus = start_prometheus([page])
    assert wait.until(lambda: prometheus.value("support_hits_total"), 20, "the first scrape") == 7
    assert prometheus.targets_up() == 1
    assert prometheus.metric_type("support_hits_total") == "counter"
    assert prometheus.metric_type("support_misses_total") is None
    assert prometheus.query('support_hits_total{route="/a"}')[0].labels == {
        "__name__": "support_hits_total",
        "route": "/a",
        "job": "app",
        "instance": page,
    }
    assert len(prometheus.series("support_hits_total")) == 2


def test_prometheus_reports_a_target_that_is_gone(start_prometheus: StartPrometheus) -> None:
    """A target that nobody serves is down, and `value` tells nothing from zero."""
    prometheus = start_prometheus([f"{LOOPBACK}:1"])
    wait.until(lambda: prometheus.value("up") == 0, 20, "the failed scrape")
    assert prometheus.targets_up() == 0
    assert prometheus.value("support_hits_total") is None
