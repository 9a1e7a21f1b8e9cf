"""The Collector as it is built and configured: what comes in by OTLP, what Prometheus gets to see."""

import random
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from telemetry.contract.networks import client_ip_buckets
from telemetry.engine import MeterProvider
from telemetry.exposition import text
from telemetry.privacy import ALL_BUCKETS
from tests.conftest import StartCollector
from tests.support.collector import COLLECTOR, SALT, Collector, counter, samples, sender
from tests.support.engine_pushes import PushingEngines

HITS = "techsapo_rate_limit_hits_total"


def measure(provider: MeterProvider, seed: int) -> None:
    """Record some of everything: counters, histograms, gauges, raw addresses, values past a limit."""
    choose = random.Random(seed)
    meter = provider.get_meter("tests")
    hits = meter.create_counter("techsapo.rate_limit.hits")
    requests = meter.create_histogram("http.server.request.duration")
    analyses = meter.create_counter("techsapo.wallbounce.requests")
    confidence = meter.create_histogram("techsapo.wallbounce.consensus.confidence")
    cache = meter.create_counter("techsapo.cache.requests")
    queue = meter.create_gauge("techsapo.queue.size")
    breaker = meter.create_gauge("techsapo.circuit_breaker.state")
    active = meter.create_up_down_counter("techsapo.connections.active")
    tokens = meter.create_histogram("gen_ai.client.token.usage")
    for number in range(400):
        address = f"{choose.randrange(1, 224)}.{choose.randrange(256)}.{choose.randrange(256)}.9"
        hits.add(choose.randrange(1, 9), {"endpoint": "/analyses", "client_ip": address})
        route = {"http.request.method": "GET", "http.route": f"/r{choose.randrange(5)}"}
        requests.record(choose.random() * 12, {**route, "http.response.status_code": 200})
        analyses.add(1, {"task_type": "basic", "provider": f"p{number % 40}", "status": "success"})
        confidence.record(choose.random())
        cache.add(1, {"cache_type": "redis", "result": choose.choice(["hit", "miss"])})
        queue.set(number, {"queue_name": f"q{number % 40}"})
        active.add(1, {"connection_type": "grpc"})
        tokens.record(number, {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"})
    breaker.set(1, {"service": "openai", "state": "open"})


def test_both_ways_show_the_same_page_in_text(collector: Collector) -> None:
    """Series by series, types and descriptions too: the cost counter, whose name has no _total, included."""
    with PushingEngines(collector) as engines:
        provider = engines.make("one")
        measure(provider, 1)
        assert provider.force_flush()
        embedded = text.write(provider.snapshot(), "1.2.3").decode()
    through = collector.text()
    assert {line for line in embedded.splitlines() if line.startswith("#") and "target_info" not in line} == {
        line for line in through.splitlines() if line.startswith("#") and "target_info" not in line
    }
    who = {("job", "app"), ("instance", "one")}
    assert all(who <= labels for _, labels in samples(through))
    assert len(samples(embedded)) > 300
    assert samples(embedded) == {(name, labels - who): value for (name, labels), value in samples(through).items()}


def test_a_sender_of_raw_addresses_is_masked(collector: Collector) -> None:
    """As a Node.js service sends them: the buckets are Python's, their sum is the number of hits."""
    buckets = client_ip_buckets(SALT.encode())
    addresses = [f"203.{n % 256}.{n // 256}.7" for n in range(3_000)] + ["10.1.2.3", "::1", "no address"]
    raw = [({"endpoint": "/a", "client_ip": address, "user": "zoe"}, 2.0) for address in addresses]
    collector.send(sender([counter(HITS, raw)], service_name="web", process_owner="zoe"))
    expected: dict[str, float] = {}
    for address in addresses:
        expected[buckets.bucket(address)] = expected.get(buckets.bucket(address), 0) + 2
    assert collector.values(HITS, "client_ip") == expected
    assert set(expected) <= set(ALL_BUCKETS)
    assert "zoe" not in collector.text()


@pytest.mark.parametrize(
    "salt",
    [
        "0123456789012345",
        "12345678901234567890e5",
        'a: b c {[x]} # "q" y',
        "'quoted quoted quoted'",
        "[1,2,3,4,5,6,7,8]",
    ],
)
def test_the_salt_is_taken_as_it_is_written(make_collector: StartCollector, salt: str) -> None:
    """Whatever YAML would make of it, the Collector's buckets are the process's."""
    collector = make_collector(env={"TECHSAPO_CLIENT_IP_SALT": salt})
    raw = [({"endpoint": "/a", "client_ip": "203.0.113.9"}, 1.0), ({"endpoint": "/a", "client_ip": "2001:db8::1"}, 1.0)]
    collector.send(sender([counter(HITS, raw)], service_name="web"))
    buckets = client_ip_buckets(salt.encode())
    assert set(collector.values(HITS, "client_ip")) == {buckets.bucket("203.0.113.9"), buckets.bucket("2001:db8::1")}
    assert salt not in collector.output


@pytest.mark.parametrize(
    ("salt", "sentence"),
    [
        ({}, "client_ip_salt: set it, or client_ip_salt_file"),
        ({"TECHSAPO_CLIENT_IP_SALT": "a salt of $ixteen bytes"}, "client_ip_salt: it holds a $"),
        ({"TECHSAPO_CLIENT_IP_SALT": "too short"}, "client_ip_salt: it has 9 bytes; 16 or more are needed"),
    ],
    ids=["none", "one that would be expanded", "a short one"],
)
def test_the_collector_does_not_start_without_a_salt(
    make_collector: StartCollector, salt: Mapping[str, str], sentence: str
) -> None:
    """It says in a line what to set, and not what was set."""
    collector = make_collector(start=False)
    kept = {name: value for name, value in (collector.env or {}).items() if "SALT" not in name}
    ended = subprocess.run(
        collector.command,
        cwd=collector.cwd,
        env={**kept, **salt},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode != 0
    assert sentence in ended.stderr
    assert [value for value in salt.values() if value in ended.stdout + ended.stderr] == []


def test_a_salt_from_a_file_is_taken_whole(make_collector: StartCollector, tmp_path: Path) -> None:
    """Whatever is in it, but for the line's end."""
    salt = "$alt of ${HOME} and $$: 'x'"
    file = tmp_path / "salt"
    file.write_text(f"{salt}\n")
    collector = make_collector(env={"TECHSAPO_CLIENT_IP_SALT": "", "TECHSAPO_CLIENT_IP_SALT_FILE": str(file)})
    collector.send(sender([counter(HITS, [({"endpoint": "/a", "client_ip": "203.0.113.9"}, 1.0)])], service_name="web"))
    assert set(collector.values(HITS, "client_ip")) == {client_ip_buckets(salt.encode()).bucket("203.0.113.9")}


def test_the_binary_is_ours() -> None:
    """It tells its name and version."""
    told = subprocess.run([COLLECTOR, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    assert told.startswith("techsapo-collector version ")
