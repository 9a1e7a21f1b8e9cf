"""Which format and coding a client is given."""

import gzip

import pytest

from telemetry.exposition import Page, openmetrics, protobuf, text
from telemetry.exposition.negotiation import accepts_gzip, choose
from tests.support.snapshots import Fixed, every_metric, take

TEXT, OPENMETRICS, PROTOBUF = text.CONTENT_TYPE, openmetrics.CONTENT_TYPE, protobuf.CONTENT_TYPE

# What Prometheus 3.16 sends, with start timestamps on and off, and what Prometheus 2 sent.
ASKED = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7"
STRICT = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5"
)
LOOSE = "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
WITH_STARTS = f"{ASKED},{STRICT},{LOOSE}"
WITHOUT_STARTS = f"{STRICT},{LOOSE}"
PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        (BROWSER, TEXT),
        ("image/png", TEXT),
        ("text/plain", TEXT),
        ("text/*", TEXT),
        ("text/plain;version=1.0.0", TEXT),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", OPENMETRICS),
        ('Application/OpenMetrics-Text; Version="1.0.0"', OPENMETRICS),
        ("application/openmetrics-text;version=2.0.0", TEXT),
        ("application/*", OPENMETRICS),
        ("application/vnd.google.protobuf", PROTOBUF),
        ("application/vnd.google.protobuf;proto=other.Message;encoding=delimited", TEXT),
        ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", TEXT),
        (WITH_STARTS, PROTOBUF),
        (WITHOUT_STARTS, OPENMETRICS),
        (PROMETHEUS_2, OPENMETRICS),
        ("application/openmetrics-text;q=0.4, text/plain;q=0.5", TEXT),
        ("application/openmetrics-text;q=0.5, text/plain;q=0.4", OPENMETRICS),
        ("application/openmetrics-text, text/plain", OPENMETRICS),
        ("text/plain;q=0, */*", OPENMETRICS),
        ("text/plain;q=0.1, */*;q=0.9", OPENMETRICS),
        ("application/openmetrics-text;q=0, */*;q=0.1", TEXT),
        ("application/openmetrics-text;q=0", TEXT),
        ("application/openmetrics-text;q=much, text/plain;q=0.1", TEXT),
        ("application/openmetrics-text;q=7, text/plain;q=0.1", TEXT),
        (";;,,=;q", TEXT),
        ("," * 100_000, TEXT),
    ],
)
def test_the_format_is_what_the_client_wants_most(accept: str, content_type: str) -> None:
    """Weights count, the most specific range counts first, and a client that wants none of ours gets the text."""
    assert content_type == choose(accept).content_type


@pytest.mark.parametrize(
    ("accept", "created"),
    [
        ("application/openmetrics-text", True),
        ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.7,*/*;q=0.6", True),
        (WITH_STARTS, True),
        (WITHOUT_STARTS, False),
        (PROMETHEUS_2, False),
    ],
)
def test_created_lines_are_kept_from_a_prometheus_that_would_store_them(accept: str, created: bool) -> None:
    """Without its feature for start timestamps Prometheus takes each `_created` for a series."""
    assert created == choose(accept).created
    page = Page(Fixed(every_metric())).answer("application/openmetrics-text" if created else WITHOUT_STARTS)
    assert created == (b"_created" in page.body)


@pytest.mark.parametrize(
    ("accept_encoding", "taken"),
    [
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("zstd,gzip", True),
        ("deflate, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*", True),
        ("x-gzip", True),
        ("identity", False),
        ("br", False),
    ],
)
def test_gzip_is_taken_where_the_client_says_so(accept_encoding: str, taken: bool) -> None:
    """An explicit refusal outweighs the wildcard."""
    assert taken == accepts_gzip(accept_encoding)


def test_a_large_page_is_compressed_and_a_small_one_is_not() -> None:
    """A page that fits a packet gains nothing."""
    large = Page(Fixed(every_metric())).answer("", "gzip")
    assert ("Content-Encoding", "gzip") in large.headers
    assert gzip.decompress(large.body) == Page(Fixed(every_metric())).answer().body
    small = Page(Fixed([take("nodejs_heap_size_used_bytes", {(): 1})])).answer("", "gzip")
    assert "Content-Encoding" not in dict(small.headers)
    assert b"nodejs_heap_size_used_bytes 1\n" in small.body


def test_the_headers_tell_what_the_page_depends_on() -> None:
    """A cache in between must not hand one client's format to another."""
    assert ("Vary", "Accept, Accept-Encoding") in Page(Fixed([])).answer().headers
