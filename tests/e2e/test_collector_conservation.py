"""What comes out of the Collector adds up to what went in, whoever sends it and whatever is restarted."""

import gzip
import ipaddress
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import StartCollector
from tests.support import otlp_grpc, wait
from tests.support import otlp_payloads as otlp
from tests.support.collector import Collector
from tests.support.recording_processes import ENDPOINTS, RecordingProcess, most_addresses, tallies

HITS = "techsapo_rate_limit_hits_total"
REFUSED = "otelcol_processor_techsapo_policy_refused_points_total"
ADDRESSES = 100_000

# The exporter and the processor forget a silent instance after six seconds instead of ninety.
FORGETS_SOON = """
processors: {techsapo_policy: {instance_expiration: 6s}}
exporters: {prometheus: {metric_expiration: 6s}}
"""

Start = Callable[..., RecordingProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start processes that record and push: takes a Collector, a seed, the addresses of a share, and variables."""
    with ExitStack() as started:

        def make(collector: Collector, seed: int, addresses: int, **variables: str) -> RecordingProcess:
            return started.enter_context(RecordingProcess(tmp_path, collector, seed, addresses, **variables))

        yield make


def shows(collector: Collector, *processes: RecordingProcess) -> None:
    """Wait until the page tells exactly what these processes tell of themselves, and of no others."""
    expected = {process.instance: process.tally for process in processes}
    try:
        wait.until(lambda: tallies(collector.series()) == expected, 20)
    except TimeoutError:
        assert tallies(collector.series()) == expected


def raw_hits(seed: int, instance: str) -> tuple[bytes, Counter[str]]:
    """Return a payload of hits from all the addresses, as another language sends it, and the hits by endpoint."""
    choose = random.Random(seed)
    points, sent = [], Counter[str]()
    for number in range(ADDRESSES):
        endpoint, hits = choose.choice(ENDPOINTS), choose.randrange(1, 4)
        address = str(ipaddress.ip_address(choose.getrandbits(32 if number % 2 else 128)))
        points.append(otlp.Number({"endpoint": endpoint, "client_ip": address}, hits if number % 3 else float(hits)))
        sent[endpoint] += hits
    return otlp.body(otlp.instance([otlp.counter(HITS, points)], instance)), sent


def test_processes_add_up_with_their_first_interval(collector: Collector, start: Start) -> None:
    """Counters, histograms and gauges of three processes and 100,000 addresses, at the first push and at later ones."""
    processes = [start(collector, seed, ADDRESSES // 3) for seed in range(3)]
    shows(collector, *processes)
    for process in processes:
        process.record()
    shows(collector, *processes)
    assert most_addresses(collector.series()) <= 515
    assert collector.own(REFUSED) == 0


def test_processes_add_up_after_the_collector_restarts(collector: Collector, start: Start) -> None:
    """A new one knows nothing: what it shows then is what the processes have counted from their start."""
    processes = [start(collector, seed, 1_000) for seed in range(2)]
    shows(collector, *processes)
    collector.kill()
    for process in processes:
        process.record()
    collector.start()
    shows(collector, *processes)


def test_a_process_that_restarts_counts_beside_its_last_figures(make_collector: StartCollector, start: Start) -> None:
    """The new one is another instance; the old one's figures, its last moment included, stay until they expire."""
    collector = make_collector(overlay=FORGETS_SOON)
    old, stays = start(collector, 1, 1_000), start(collector, 2, 1_000)
    old.record()
    old.stop()
    new = start(collector, 3, 1_000)
    assert len({old.instance, new.instance, stays.instance}) == 3
    shows(collector, old, new, stays)
    shows(collector, new, stays)


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
@pytest.mark.parametrize("compression", [{"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}, {}], ids=["gzip", "plain"])
def test_processes_add_up_over_every_transport(
    collector: Collector, start: Start, protocol: str, compression: Mapping[str, str]
) -> None:
    """OTLP over HTTP and gRPC, compressed and plain."""
    endpoint = f"http://127.0.0.1:{collector.grpc}" if protocol == "grpc" else collector.endpoint
    process = start(
        collector,
        7,
        1_000,
        OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
        **compression,
    )
    shows(collector, process)


def test_raw_senders_add_up_over_every_transport(collector: Collector) -> None:
    """100,000 addresses in one payload of each: at most 515 buckets come out, and every hit."""
    sent = {}
    for number, transport in enumerate(("http", "http gzip", "grpc", "grpc gzip")):
        body, sent[transport] = raw_hits(number, transport)
        if transport.startswith("grpc"):
            assert otlp_grpc.export(collector.grpc, body, compressed=transport.endswith("gzip")) == "OK"
        elif transport.endswith("gzip"):
            assert collector.post("/v1/metrics", gzip.compress(body, 1), {"Content-Encoding": "gzip"}) == 200
        else:
            assert collector.post("/v1/metrics", body) == 200
    found = tallies(collector.series())
    assert found == {who: {f"hits {path}": hits for path, hits in each.items()} for who, each in sent.items()}
    assert 512 <= most_addresses(collector.series()) <= 515
    assert collector.own(REFUSED) == 0
