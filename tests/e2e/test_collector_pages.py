"""The embedded page and the Collector's tell the same of the same measurements, series by series."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.context import Context
from opentelemetry.metrics import Meter

from telemetry.contract import CONTRACT, Metric, MetricType, Take, View
from telemetry.engine import MeterProvider
from telemetry.exposition import protobuf
from tests.support import otlp_payloads as otlp
from tests.support.collector import Collector
from tests.support.collector_pages import figures, parsed
from tests.support.engine_pushes import PushingEngines

HITS = "techsapo_rate_limit_hits_total"

numbers = itertools.count()

# What earlier examples have sent is forgotten soon: the page stays small.
OVERLAY = (
    "{processors: {techsapo_policy: {instance_expiration: 10s}}, exporters: {prometheus: {metric_expiration: 10s}}}"
)

READ = sorted(
    {
        name
        for metric in CONTRACT.metrics
        for view in metric.views
        for name in [*view.where, *(name for source in view.labels.values() for name in getattr(source, "names", ()))]
    }
)
# What every attribute may hold: values of all domains, too many for some limits, and what fits none.
VALUES: list[str | int | float | bool] = [
    *(
        "openai",
        "gcp.gemini",
        "gpt-5",
        "redis",
        "mysql",
        "used",
        "idle",
        "success",
        "error",
        "open",
        "closed",
        "half_open",
    ),
    *("GET", "SELECT", "get", "critical", "basic", "hit", "miss", "input", "output", "true", "TimeoutError", "xss"),
    *("/users/{id}", "/users/1234567", "two words", "", "é", "b:a", "zoe@example.com", "203.0.113.9", "2001:db8::1"),
    *(200, 404, 999, 1.5, True),
    *(f"p{number}" for number in range(24)),
]


def kind_of(metric: Metric, view: View) -> str:
    """Return the kind of instrument that a view takes a metric from."""
    if view.take in {Take.DISTRIBUTION, Take.COUNT} or view.weight:
        return "histogram"
    if metric.type is MetricType.COUNTER:
        return "counter"
    return "gauge" if view.take is Take.LAST else "up_down_counter"


INSTRUMENTS = sorted(
    {(name, kind_of(metric, view)) for metric in CONTRACT.metrics for view in metric.views for name in view.instruments}
)


@dataclass(frozen=True)
class Measurement:
    """One call of an application's."""

    instrument: tuple[str, str]
    amount: float
    attributes: dict[str, str | int | float | bool]
    task_type: str


MEASUREMENTS = st.lists(
    st.builds(
        Measurement,
        st.sampled_from(INSTRUMENTS),
        st.integers(0, 2**50) | st.floats(0, 1e12) | st.sampled_from([0.1, 0.5, 1, 2.5, 100]),
        st.dictionaries(st.sampled_from(READ), st.sampled_from(VALUES), max_size=6),
        st.sampled_from(["basic", "premium", "nonsense"]),
    ),
    max_size=60,
)


@pytest.fixture(scope="module")
def engines(module_collector: Collector) -> Iterator[PushingEngines]:
    """Engines that push to the module's Collector."""
    with PushingEngines(module_collector) as made:
        yield made


def record(meter: Meter, measurement: Measurement) -> None:
    """Make one measurement."""
    name, kind = measurement.instrument
    context = Context({"techsapo.task_type": measurement.task_type})
    amount, attributes = measurement.amount, measurement.attributes
    match kind:
        case "counter":
            meter.create_counter(name).add(amount, attributes, context)
        case "histogram":
            meter.create_histogram(name).record(amount, attributes, context)
        case "gauge":
            meter.create_gauge(name).set(amount, attributes, context)
        case "up_down_counter":
            meter.create_up_down_counter(name).add(amount, attributes, context)


def compare(collector: Collector, provider: MeterProvider, instance: str) -> None:
    """Compare both pages of an instance: names, types, labels, values, buckets and start timestamps."""
    assert provider.force_flush()
    embedded = parsed(protobuf.write(provider.snapshot()))
    assert figures(collector, instance, "app") == embedded


@settings(max_examples=150, deadline=None)
@given(MEASUREMENTS)
def test_both_pages_are_equal(engines: PushingEngines, measurements: Sequence[Measurement]) -> None:
    """Whatever is measured by whatever instrument, with whatever attributes, start timestamps included."""
    instance = f"random-{next(numbers)}"
    provider = engines.make(instance)
    meter = provider.get_meter("tests")
    for measurement in measurements:
        record(meter, measurement)
    compare(engines.collector, provider, instance)
    provider.shutdown()


def record_past_limits(collector: Collector, provider: MeterProvider) -> None:
    """Record twice as many label sets as the limits let in, comparing the pages after each round."""
    meter = provider.get_meter("tests")
    counters = [meter.create_counter(name) for name in ("techsapo.errors", "techsapo.wallbounce.requests")]
    hits = meter.create_counter("techsapo.rate_limit.hits")
    requests = meter.create_histogram("http.server.request.duration")
    breaker = meter.create_gauge("techsapo.circuit_breaker.state")
    for _ in range(2):
        for number in range(6_000):
            told = {
                "error_type": f"Error{number % 71}",
                "severity": ("critical", "info")[number % 2],
                "service": f"s{number % 37}",
                "provider": f"p{number % 23}",
                "task_type": "basic",
                "status": ("success", "error", "timeout")[number % 3],
            }
            for counter in counters:
                counter.add(number % 5, told)
            hits.add(1, {"endpoint": f"/{number % 211}", "client_ip": f"203.0.{number % 256}.{number % 251}"})
            route = {"http.request.method": "GET", "http.route": f"/r/{number % 223}"}
            requests.record(number / 500, {**route, "http.response.status_code": 200 + number % 300})
            breaker.set(1, {"service": f"s{number % 40}", "state": ("open", "half_open", "closed")[number % 3]})
        compare(collector, provider, "many")


def test_both_pages_are_equal_past_every_limit(collector: Collector) -> None:
    """With thousands of label sets, and again when all of them have grown."""
    with PushingEngines(collector) as engines:
        provider = engines.make("many")
        record_past_limits(collector, provider)


ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}"),
    st.ip_addresses(v=4).map(lambda address: f"{address}:8080"),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]:443"),
    st.ip_addresses(v=6).map(lambda address: f" {address.exploded.upper()}%eth0"),
    st.ip_addresses(network="10.0.0.0/8").map(str),
    st.ip_addresses(network="fe80::/10").map(str),
    st.sampled_from(["v4-0f", "v6-ff", "private", "loopback", "invalid", "v4-0F", "", "unknown", "::1", "127.0.0.1"]),
    st.text(max_size=20),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ADDRESSES, min_size=1, max_size=50))
def test_raw_and_masked_senders_give_the_same_buckets(engines: PushingEngines, addresses: Sequence[str]) -> None:
    """Addresses that our engine masks and those that reach the Collector as they are, in every notation."""
    number = next(numbers)
    provider = engines.make(f"masked-{number}")
    hits = provider.get_meter("tests").create_counter("techsapo.rate_limit.hits")
    for address in addresses:
        hits.add(1, {"endpoint": "/login", "client_ip": address})
    raw = [otlp.Number({"endpoint": "/login", "client_ip": address}, 1) for address in addresses]
    engines.collector.send(otlp.instance([otlp.counter(HITS, raw)], f"raw-{number}"))
    assert provider.force_flush()
    masked = figures(engines.collector, f"masked-{number}", "app")
    unmasked = figures(engines.collector, f"raw-{number}")
    provider.shutdown()
    assert {key: figure.value for key, figure in unmasked.items()} == {
        key: figure.value for key, figure in masked.items() if key[0] == HITS
    }
    assert sum(figure.value for figure in unmasked.values()) == len(addresses)
