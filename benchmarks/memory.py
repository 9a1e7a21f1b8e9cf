"""Memory, each figure from a process of its own: what series take, and what a flood of client addresses adds."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from opentelemetry.sdk.metrics import MeterProvider as StockMeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry, Histogram

from benchmarks import peers
from benchmarks.table import OURS, Row
from benchmarks.timing import Timed
from telemetry.engine import MeterProvider

SERIES = 2_000
WARM_ADDRESSES = 100_000
ADDRESSES = 1_000_000
_PAGE_KIB = 4


def resident_kib() -> int:
    """Resident memory of this process in KiB (Linux: /proc/self/statm, pages of 4 KiB)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_KIB


def _grown(work: Callable[[], object]) -> int:
    before = resident_kib()
    kept = work()
    grown = resident_kib() - before
    del kept
    return grown


def _routes() -> list[dict[str, str]]:
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "QUERY")
    return [
        {"http.request.method": method, "http.route": f"/route-{number}/{{id}}"}
        for number in range(SERIES // len(methods))
        for method in methods
    ]


def engine_series() -> int:
    """KiB that 2,000 histogram series take in this engine."""

    def work() -> object:
        provider = MeterProvider(resource=Resource({}), salt=b"not a secret: benchmarks only")
        histogram = provider.get_meter("bench").create_histogram("http.server.request.duration")
        for attributes in _routes():
            histogram.record(0.3, attributes)
        return provider

    return _grown(work)


def sdk_series() -> int:
    """KiB that they take in opentelemetry-sdk."""

    def work() -> object:
        provider = StockMeterProvider(metric_readers=[InMemoryMetricReader()], shutdown_on_exit=False)
        histogram = provider.get_meter("bench").create_histogram("http.server.request.duration")
        for attributes in _routes():
            histogram.record(0.3, attributes)
        return provider

    return _grown(work)


def client_series() -> int:
    """KiB that they take in prometheus_client."""

    def work() -> object:
        registry = CollectorRegistry()
        histogram = Histogram("duration", "Duration.", ("method", "route"), registry=registry)
        for attributes in _routes():
            histogram.labels(*attributes.values()).observe(0.3)
        return registry

    return _grown(work)


def address_flood() -> int:
    """KiB that a million distinct client addresses add after the first hundred thousand."""
    provider = MeterProvider(resource=Resource({}), salt=b"not a secret: benchmarks only")
    hits = provider.get_meter("bench").create_counter("techsapo.rate_limit.hits")

    def send(first: int, last: int) -> None:
        for number in range(first, last):
            address = f"{11 + (number >> 16) % 89}.{number >> 8 & 255}.{number & 255}.{number % 251}"
            hits.add(1, {"http.route": "/analyses", "client.address": address})

    send(0, WARM_ADDRESSES)
    return _grown(lambda: send(WARM_ADDRESSES, ADDRESSES))


MEASURES = {measure.__name__: measure for measure in (engine_series, sdk_series, client_series, address_flood)}


def rows() -> list[Row]:
    """Measure all of it."""
    series = {OURS: "engine_series", peers.SDK: "sdk_series", peers.CLIENT: "client_series"}
    return [
        Row(f"memory of {SERIES:,} series", "KiB", {peer: _measured(name) for peer, name in series.items()}, {}),
        Row(f"memory that {ADDRESSES:,} addresses add", "KiB", {OURS: _measured("address_flood")}, {}),
    ]


def _measured(name: str) -> Timed:
    return Timed((float(measure(name)),))


def measure(name: str) -> int:
    """Run one measure in a fresh process; KiB."""
    printed = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", name], check=True, capture_output=True, text=True
    ).stdout
    return int(printed)


def main() -> None:
    """Print one measure, in KiB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measure", choices=sorted(MEASURES))
    print(MEASURES[parser.parse_args().measure]())


if __name__ == "__main__":
    main()
