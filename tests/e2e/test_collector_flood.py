"""A flood of well-formed metrics: a million addresses, 100,000 names, values and attributes, 10,000 instances.

Bounded: 24 payloads of 10 MB at most, two at a time, half a minute on two cores. Memory stays below what memory_limiter
lets the heap have (400 MiB; 220 MiB were measured): a series is kept as what it is admitted as, and nothing is kept of
what is refused or unknown.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from telemetry.privacy import ALL_BUCKETS
from tests.support import otlp_floods as floods
from tests.support import otlp_payloads as otlp
from tests.support import wait
from tests.support.collector import Collector
from tests.support.collector_pages import figures
from tests.support.health_watch import HealthWatch

HITS = "techsapo_rate_limit_hits_total"
LOGINS = "techsapo_auth_attempts_total"
WALLBOUNCE = "techsapo_wallbounce_requests_total"
POLICY = "otelcol_processor_techsapo_policy_"
MOST_MIB = 400

# On a slow machine nothing may have expired before it is looked at.
OVERLAY = (
    "{processors: {techsapo_policy: {instance_expiration: 10m}}, exporters: {prometheus: {metric_expiration: 10m}}}"
)

SENDERS, ADDRESSES, MANY, INSTANCES = 10, 100_000, 100_000, 10_000
LOGIN = {"status": "success", "method": "jwt"}


def addresses() -> Iterator[bytes]:
    """Yield hits of a million addresses, no two alike."""
    hit = otlp.Number({"endpoint": "/login", "client_ip": floods.MARK}, 2)
    for sender in range(SENDERS):
        own = range(sender * ADDRESSES, (sender + 1) * ADDRESSES)
        yield floods.points(hit, HITS, map(floods.address, own), f"addresses {sender}")


def unknown() -> Iterator[bytes]:
    """Yield what the contract does not know: names, values of labels, attributes, and last senders of one point."""
    numbers = range(MANY)
    name = otlp.counter(f"name.{floods.MARK}", [otlp.Number(LOGIN, 3)])
    yield floods.metrics(name, map(floods.fixed, numbers), "names")
    providers = otlp.Number({"task_type": "basic", "status": "success", "provider": floods.MARK}, 3)
    yield floods.points(providers, WALLBOUNCE, map(floods.fixed, numbers), "values")
    texts = otlp.Number({"status": floods.MARK, "method": "jwt"}, 3)
    yield floods.points(texts, LOGINS, map(floods.fixed, numbers), "texts")
    attributes = otlp.Number({**LOGIN, floods.MARK: "x"}, 3)
    yield floods.points(attributes, LOGINS, map(floods.fixed, numbers), "attributes")
    sender_of_one = otlp.instance([otlp.counter(LOGINS, [otlp.Number(LOGIN, 3)])], floods.MARK)
    for first in range(0, INSTANCES, 1_000):
        yield floods.senders(sender_of_one, map(floods.fixed, range(first, first + 1_000)))


@pytest.fixture(scope="module")
def flooded(module_collector: Collector) -> Collector:
    """The module's Collector after the flood. Each payload was accepted, and it was healthy all the time."""

    def deliver(payload: bytes) -> None:
        # A sender repeats what is answered 503: memory_limiter's answer while garbage is still about.
        wait.until(lambda: module_collector.post("/v1/metrics", payload) == 200, 60, "an accepted payload")

    with HealthWatch(module_collector) as watch, ThreadPoolExecutor(2) as pool:
        list(pool.map(deliver, addresses()))
        for payload in unknown():
            deliver(payload)
    assert (watch.unhealthy, watch.asked > 0) == ([], True)
    assert watch.most_mib < MOST_MIB
    return module_collector


def by_label(collector: Collector, metric: str, instance: str, label: str) -> dict[str, float]:
    """Return the sum of a metric of one instance by the value of a label."""
    found: dict[str, float] = {}
    for (name, labels), figure in figures(collector, instance).items():
        if name == metric:
            found[dict(labels)[label]] = found.get(dict(labels)[label], 0) + figure.value
    return found


def test_every_hit_of_a_million_addresses_is_counted(flooded: Collector) -> None:
    """Sender by sender, in no more buckets than there are."""
    for sender in range(SENDERS):
        buckets = by_label(flooded, HITS, f"addresses {sender}", "client_ip")
        assert sum(buckets.values()) == 2 * ADDRESSES
        assert set(buckets) <= set(ALL_BUCKETS)


def test_unknown_names_leave_nothing_but_a_count(flooded: Collector) -> None:
    """Neither on the page nor, past the first hundred, in the log."""
    assert flooded.own(f"{POLICY}unknown_metrics_total") == MANY
    assert figures(flooded, "names") == {}
    assert len(flooded.output) < 100_000


def test_unknown_values_are_other_with_their_sum(flooded: Collector) -> None:
    """A bounded label takes sixteen, an enum none."""
    providers = by_label(flooded, WALLBOUNCE, "values", "provider")
    assert len(providers) == 16 + 1
    assert (sum(providers.values()), providers["other"]) == (3 * MANY, 3 * (MANY - 16))
    assert by_label(flooded, LOGINS, "texts", "status") == {"other": 3 * MANY}


def test_unknown_attributes_leave_the_sum(flooded: Collector) -> None:
    """All points have the same labels without them: one series."""
    assert [figure.value for figure in figures(flooded, "attributes").values()] == [3 * MANY]


def test_a_thousand_instances_are_known_and_the_rest_is_counted(flooded: Collector) -> None:
    """Those that came first; each point of the others is refused with its reason. Unknown names alone take no place."""
    assert flooded.own(f"{POLICY}instances") == 1_000
    before = SENDERS + len(("values", "texts", "attributes"))
    shown = [value for name, value in flooded.values(LOGINS, "instance").items() if name.startswith("x")]
    assert shown == [3.0] * (1_000 - before)
    assert flooded.own(f"{POLICY}refused_points_total", reason="too_many_instances") == INSTANCES - (1_000 - before)


def test_it_goes_on_afterwards(flooded: Collector) -> None:
    """A sender that is known tells new figures, and they are shown."""
    flooded.send(otlp.instance([otlp.counter(LOGINS, [otlp.Number(LOGIN, 4 * MANY)])], "attributes"))
    assert by_label(flooded, LOGINS, "attributes", "status") == {"success": 4 * MANY}
