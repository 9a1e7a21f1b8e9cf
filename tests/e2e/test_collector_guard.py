"""What a request would take is bounded before it is decoded, and the Collector's memory with it.

Each bomb is 20 MiB, 20 KiB compressed, and took 1.1 to 1.8 GB of the Collector without the guard: one alone.
"""

import gzip
import http.client
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # it comes without types

from tests.conftest import StartCollector
from tests.support import otlp_floods as floods
from tests.support import otlp_grpc, ports, wait
from tests.support import otlp_payloads as otlp
from tests.support.collector import Collector
from tests.support.collector_pages import figures
from tests.support.health_watch import HealthWatch
from tests.support.otlp_bombs import BOMBS, METHODS, Bomb

HITS = "techsapo_rate_limit_hits_total"
REFUSED = "otelcol_extension_techsapo_otlp_guard_refused_requests_total"
AT_A_TIME = 10
MIB = 2**20

# What is refused is held as it came: idle 50 MiB, and of 20 MiB each four bodies that are read over HTTP (1.4 times)
# and four messages over gRPC (twice, compressed ones less). 146 MiB were measured.
MOST_REFUSED_MIB = 50 + 4 * 20 * 1.4 + 4 * 20 * 2
# What is not refused takes decoded_limit_mib besides, and as much again before it is collected: no more than the
# container may have. 443 MiB were measured.
MOST_MIB = 512
DECODED_LIMIT = 128 * MIB
# Of small bodies 16 are decoded at a time, 5 MiB each, and three times as much before it is collected.
SMALL_AT_A_TIME = 200
MOST_SMALL_MIB = 50 + 16 * 5 * 4

GOOD = otlp.body(
    otlp.instance([otlp.counter(HITS, [otlp.Number({"endpoint": "/a", "client_ip": "v4-00"}, 5)])], "good")
)
JSON, GZIP = {"Content-Type": "application/json"}, {"Content-Encoding": "gzip"}


def at_once(sends: Sequence[Callable[[], object]]) -> Counter[object]:
    """Send side by side and return how often each answer came."""
    with ThreadPoolExecutor(len(sends)) as pool:
        return Counter(pool.map(lambda send: send(), sends))


def over_grpc(collector: Collector, path: str, body: bytes, *, compressed: bool = False) -> str:
    """Send a message to a signal's method."""
    return otlp_grpc.export(collector.grpc, body, method=METHODS[path], compressed=compressed)


def push_good(collector: Collector, over: threading.Event) -> int:
    """Push something small again and again until it is over, and return how often it was not taken."""
    failed = 0
    while not over.is_set():
        failed += collector.post("/v1/metrics", GOOD) != 200
    return failed


def hits(collector: Collector, sender: str) -> float:
    """Return how many hits of a sender are on the page."""
    return sum(figure.value for figure in figures(collector, sender).values())


@pytest.mark.parametrize("case", BOMBS)
def test_bombs_are_refused_ten_at_a_time(collector: Collector, case: str) -> None:
    """In every signal, plain and compressed, over HTTP and gRPC; healthy, in bounds, and small pushes go on."""
    bomb = BOMBS[case]
    body, json = bomb.body(), bomb.json_body()
    packed, over = gzip.compress(body), threading.Event()
    assert len(packed) < len(body) / 500
    with HealthWatch(collector) as watch, ThreadPoolExecutor(1) as pool:
        pushes = pool.submit(push_good, collector, over)
        found = [
            at_once([lambda: collector.post(bomb.path, body)] * AT_A_TIME),
            at_once([lambda: collector.post(bomb.path, packed, GZIP)] * AT_A_TIME),
            at_once([lambda: collector.post(bomb.path, json, JSON)] * AT_A_TIME),
            at_once([lambda: over_grpc(collector, bomb.path, body)] * AT_A_TIME),
            at_once([lambda: over_grpc(collector, bomb.path, body, compressed=True)] * AT_A_TIME),
        ]
        over.set()
        assert pushes.result() == 0
    assert found == [{413: AT_A_TIME}] * 3 + [{"RESOURCE_EXHAUSTED": AT_A_TIME}] * 2
    assert collector.own(REFUSED, reason="too_large") == 5 * AT_A_TIME
    assert (watch.unhealthy, watch.asked > 0, hits(collector, "good")) == ([], True, 5.0)
    assert watch.most_mib < MOST_REFUSED_MIB


def just_below(bomb: Bomb) -> bytes:
    """Return a bomb that takes 97 % of what all may together: what is made of its messages, and its bytes twice."""
    return bomb.body(2 * int(DECODED_LIMIT * 0.97 / (bomb.decoded + 4)))


@pytest.mark.parametrize("case", BOMBS)
def test_what_is_just_not_refused_takes_turns(collector: Collector, case: str) -> None:
    """Ten at a time over each protocol, of which one alone fills the bound: taken, or to be sent again, never lost."""
    bomb = BOMBS[case]
    body = just_below(bomb)
    with HealthWatch(collector) as watch:
        over_http = [lambda: collector.post(bomb.path, body)] * AT_A_TIME
        found = at_once([*over_http, *[lambda: over_grpc(collector, bomb.path, body)] * AT_A_TIME])
    again = {503, "UNAVAILABLE", "CANCELLED"}
    assert set(found) <= {200, "OK"} | again
    assert found[200] > 0
    assert (watch.unhealthy, watch.asked > 0) == ([], True)
    assert watch.most_mib < MOST_MIB
    wait.until(lambda: collector.post("/v1/metrics", GOOD) == 200, 30, "a payload that is taken")


def test_a_hundred_thousand_points_are_taken(collector: Collector) -> None:
    """With two attributes each, over both protocols, compressed and not: 7 MB that take 50."""
    point = otlp.Number({"endpoint": "/login", "client_ip": floods.MARK}, 2)
    marks = [floods.address(number) for number in range(100_000)]
    plain, packed, called, packed_call = (floods.points(point, HITS, marks, f"sender {each}") for each in range(4))
    assert collector.post("/v1/metrics", plain) == 200
    assert collector.post("/v1/metrics", gzip.compress(packed, 1), GZIP) == 200
    assert over_grpc(collector, "/v1/metrics", called) == "OK"
    assert over_grpc(collector, "/v1/metrics", packed_call, compressed=True) == "OK"
    assert [hits(collector, f"sender {number}") for number in range(4)] == [200_000.0] * 4


def test_a_refusal_is_told_as_otlp_has_it(collector: Collector) -> None:
    """As a google.rpc.Status in the encoding of the request, with nothing of the request in it."""
    bomb = BOMBS["spans"]
    connection = http.client.HTTPConnection(ports.LOOPBACK, collector.http, timeout=30)
    try:
        connection.request("POST", bomb.path, bomb.body(), {"Content-Type": "application/x-protobuf"})
        answer = connection.getresponse()
        told = Status.FromString(answer.read())
    finally:
        connection.close()
    assert (answer.status, answer.headers["Content-Type"]) == (413, "application/x-protobuf")
    assert (told.code, told.message) == (8, "the request would take too much memory: send it in smaller ones")


class Unfinished:
    """A large body over HTTP that has begun to come: it takes one of `max_concurrent` places until it is closed."""

    def __init__(self, collector: Collector) -> None:
        self.connection = http.client.HTTPConnection(ports.LOOPBACK, collector.http, timeout=30)
        self.connection.putrequest("POST", "/v1/logs")
        self.connection.putheader("Content-Type", "application/x-protobuf")
        self.connection.putheader("Content-Length", str(2 * MIB))
        self.connection.endheaders(floods.field(1, floods.field(3, bytes(2 * MIB - 8)))[:MIB])

    def status(self) -> int:
        """Return the status of the answer."""
        return self.connection.getresponse().status


def test_small_bombs_from_many_senders_take_turns(make_collector: StartCollector) -> None:
    """Each is too small to be looked at, and becomes 5 MiB: 200 senders at once took 1.2 GB when nobody waited."""
    own = make_collector()
    bomb = BOMBS["spans"]
    small = bomb.body(64_000)
    with HealthWatch(own) as watch:
        for _ in range(4):
            told = at_once([lambda: own.post(bomb.path, small)] * SMALL_AT_A_TIME)
            assert set(told) <= {200, 503}
            assert told[200] > 0
    assert watch.unhealthy == []
    assert watch.most_mib < MOST_SMALL_MIB
    assert own.post("/v1/metrics", GOOD) == 200


def test_a_body_that_does_not_come_keeps_others_out_for_a_while_only(make_collector: StartCollector) -> None:
    """They are told to try again, and when; small pushes do not notice; what does not come is given up."""
    own = make_collector(
        overlay="extensions: {techsapo_otlp_guard: {max_concurrent: 1, max_wait: 1s, read_timeout: 15s}}"
    )
    large = floods.field(1, floods.field(3, bytes(MIB)))
    unfinished = Unfinished(own)
    try:
        wait.until(lambda: own.post("/v1/logs", large) == 503, 15, "a body that has to wait")
        connection = http.client.HTTPConnection(ports.LOOPBACK, own.http, timeout=30)
        connection.request("POST", "/v1/logs", large, {"Content-Type": "application/x-protobuf"})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Retry-After"], own.post("/v1/metrics", GOOD)) == (503, "5", 200)
        connection.close()
        assert unfinished.status() == 503
    finally:
        unfinished.connection.close()
    wait.until(lambda: own.post("/v1/logs", large) == 200, 10, "a body that is taken")
    assert own.own(REFUSED, reason="slow") == 1
    assert own.own(REFUSED, reason="busy") >= 2
