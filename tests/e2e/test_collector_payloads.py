"""One payload, however a sender has split it: the points that tell of one series become one."""

import itertools
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, ResourceMetrics

from telemetry.contract import CONTRACT
from tests.support import otlp_payloads as otlp
from tests.support.collector import Collector, Labels
from tests.support.collector_pages import Figure, by_instance, figures

LOGINS = "techsapo_auth_attempts_total"
COST = "techsapo_wallbounce_cost_usd"
CONFIDENCE = "techsapo_wallbounce_consensus_confidence"
CONNECTIONS = "techsapo_active_connections"
QUEUE = "techsapo_queue_size"
BREAKER = "techsapo_circuit_breaker_state"
LOOKUPS = "techsapo_cache_requests_total"
RATIO = "techsapo_cache_hit_ratio"

BORN = 1_790_000_000_000_000_000
STATES = CONTRACT.by_name[BREAKER].labels[1].domain.values  # type: ignore[union-attr]  # an enum: the worst comes first
numbers = itertools.count()

# What earlier examples have sent is forgotten soon: the page stays small.
OVERLAY = (
    "{processors: {techsapo_policy: {instance_expiration: 10s}}, exporters: {prometheus: {metric_expiration: 10s}}}"
)


@dataclass(frozen=True)
class Piece:
    """A point and where in the payload it stands: the number of its resource, scope and Metric object."""

    metric: str
    labels: tuple[tuple[str, str], ...]
    value: float
    start_ns: int
    place: tuple[int, int, int]


PLACES = st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 1))
STARTS = st.integers(0, 60).map(lambda seconds: BORN + seconds * 1_000_000_000)
WHOLE = st.integers(0, 2**40)
AMOUNTS = WHOLE | WHOLE.map(lambda whole: whole / 8)


def pieces(metric: str, **labels: list[str]) -> st.SearchStrategy[Piece]:
    """Return points of a metric with any of these label values, its amount an integer or a double."""
    values = [tuple((name, value) for value in values) for name, values in labels.items()]
    return st.builds(Piece, st.just(metric), st.sampled_from(list(itertools.product(*values))), AMOUNTS, STARTS, PLACES)


PIECES = st.lists(
    st.one_of(
        pieces(LOGINS, status=["success", "failure"], method=["jwt", "a method of no list"]),
        pieces(COST, provider=["openai", "p1"]),
        pieces(CONFIDENCE),
        pieces(CONNECTIONS, connection_type=["http", "grpc"]),
        pieces(QUEUE, queue_name=["q1", "q2"]),
        pieces(LOOKUPS, cache_type=["redis"], result=["hit", "miss"]),
        pieces(BREAKER, service=["openai"], state=list(STATES)).map(
            lambda piece: Piece(piece.metric, piece.labels, int(piece.value) % 2, piece.start_ns, piece.place)
        ),
    ),
    min_size=1,
    max_size=25,
)


def payload(found: list[Piece], instance: str) -> bytes:
    """Put the pieces together: resources that differ in what does not count, scopes and Metric objects."""
    objects: dict[tuple[int, int, int], dict[str, list[Piece]]] = defaultdict(lambda: defaultdict(list))
    for piece in found:
        objects[piece.place][piece.metric].append(piece)
    resources: dict[int, ResourceMetrics] = {}
    for (resource, scope, _), metrics in sorted(objects.items()):
        known = resources.setdefault(resource, otlp.instance([], instance, host_name=f"host-{resource}"))
        inside = known.scope_metrics.add(metrics=[metric_of(name, each) for name, each in metrics.items()])
        inside.scope.name = f"scope {scope}"
    return otlp.body(*resources.values())


def metric_of(name: str, found: list[Piece]) -> Metric:
    """Return one Metric object with these points. A histogram has `value % 7` measurements in its first bucket."""
    if name == CONFIDENCE:
        spread = [[int(piece.value) % 7, *[1] * 9] for piece in found]
        return otlp.histogram(
            name,
            [
                otlp.distribution(name, {}, counts, piece.value, piece.start_ns)
                for piece, counts in zip(found, spread, strict=True)
            ],
        )
    make: Callable[[str, list[otlp.Number]], Metric] = (
        otlp.gauge if name in {CONNECTIONS, QUEUE, BREAKER} else otlp.counter
    )
    return make(name, [otlp.Number(attributes_of(piece), piece.value, piece.start_ns) for piece in found])


def attributes_of(piece: Piece) -> dict[str, str]:
    """Return the labels of a piece in either order, some between attributes that nothing asks for."""
    labels = dict(reversed(piece.labels) if int(piece.value) % 2 else piece.labels)
    return {"a": "zoe", **labels, "user": "zoe"} if int(piece.value) % 3 else labels


def expected(found: list[Piece]) -> dict[tuple[str, Labels], Figure]:
    """Add the pieces up by the contract's rules, as a reader of it would."""
    pieces_of: dict[tuple[str, Labels], list[Piece]] = defaultdict(list)
    for piece in found:
        labels = {name: "other" if " " in value else value for name, value in piece.labels}
        if piece.metric == COST:
            labels["task_type"] = "other"
        pieces_of[piece.metric, frozenset(labels.items())].append(piece)
    page = {(name, labels): added(name, told) for (name, labels), told in pieces_of.items()}
    holding = [state for state in STATES if (BREAKER, breaker(state)) in page and page[BREAKER, breaker(state)].value]
    for state in STATES if holding else ():
        page[BREAKER, breaker(state)] = Figure("gauge", float(state == holding[0]))
    looked_up = {result: page.get((LOOKUPS, lookup(result)), Figure("counter", 0)).value for result in ("hit", "miss")}
    if any(looked_up.values()):
        page[RATIO, frozenset({("cache_type", "redis")})] = Figure("gauge", looked_up["hit"] / sum(looked_up.values()))
    return page


def added(name: str, told: list[Piece]) -> Figure:
    """Return what becomes of the points of one series."""
    values, start = [piece.value for piece in told], min(piece.start_ns for piece in told)
    if name in {QUEUE, BREAKER}:
        return Figure("gauge", max(values))
    if name == CONNECTIONS:
        return Figure("gauge", sum(values))
    if name == CONFIDENCE:
        first = sum(int(value) % 7 for value in values)
        boundaries = [*CONTRACT.by_name[CONFIDENCE].boundaries, float("inf")]
        counts = tuple((boundary, first + at * len(told)) for at, boundary in enumerate(boundaries))
        return Figure("histogram", sum(values), start, counts)
    return Figure("counter", sum(values), start)


def breaker(state: str) -> Labels:
    """Return the labels of the breaker's state."""
    return frozenset({("service", "openai"), ("state", state)})


def lookup(result: str) -> Labels:
    """Return the labels of the cache's look-ups."""
    return frozenset({("cache_type", "redis"), ("result", result)})


@settings(max_examples=100, deadline=None)
@given(PIECES)
def test_however_a_payload_is_split_its_series_add_up(module_collector: Collector, found: list[Piece]) -> None:
    """Counters and histograms by their sum, gauges by their rule, each from its earliest start; one state holds."""
    instance = f"split-{next(numbers)}"
    assert module_collector.post("/v1/metrics", payload(found, instance)) == 200
    assert figures(module_collector, instance) == expected(found)


@settings(max_examples=25, deadline=None)
@given(st.lists(PIECES, min_size=8, max_size=8))
def test_payloads_side_by_side_do_not_mix(module_collector: Collector, found: list[list[Piece]]) -> None:
    """Eight instances send three times each, all at once: each has its own figures afterwards."""
    sent = {f"beside-{next(numbers)}": pieces for pieces in found}
    bodies = [payload(pieces, instance) for _ in range(3) for instance, pieces in sent.items()]
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda body: module_collector.post("/v1/metrics", body), bodies)) == {200}
    shown = by_instance(module_collector)
    assert {instance: shown[instance] for instance in sent} == {
        instance: expected(pieces) for instance, pieces in sent.items()
    }
