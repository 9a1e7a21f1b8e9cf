"""Records a share of measurements at the start and at each SIGUSR1, and tells after each what it recorded so far.

Arguments: a seed, how many client addresses a share has. All amounts are whole, or eighths: their sums are exact.
"""

import ipaddress
import json
import random
import signal
import sys
from collections import Counter

import telemetry
from telemetry.engine import MeterProvider

ENDPOINTS = ("/analyses", "/login", "/history")
STATES = ("open", "half_open", "closed")


class Shares:
    """Records shares and keeps count of them by itself, apart from the engine."""

    def __init__(self, provider: MeterProvider, seed: int) -> None:
        meter = provider.get_meter("tests.recording")
        self.hits = meter.create_counter("techsapo.rate_limit.hits")
        self.durations = meter.create_histogram("http.server.request.duration", unit="s")
        self.connections = meter.create_up_down_counter("techsapo.connections.active")
        self.queue = meter.create_gauge("techsapo.queue.size")
        self.breaker = meter.create_gauge("techsapo.circuit_breaker.state")
        self.cache = meter.create_counter("techsapo.cache.requests")
        self.choose = random.Random(seed)
        self.tally: Counter[str] = Counter()

    def record(self, addresses: int) -> None:
        """Record one share."""
        choose, tally = self.choose, self.tally
        for number in range(addresses):
            endpoint, amount = choose.choice(ENDPOINTS), choose.randrange(1, 4)
            address = ipaddress.IPv4Address(choose.getrandbits(32))
            self.hits.add(amount, {"endpoint": endpoint, "client_ip": str(address)})
            tally[f"hits {endpoint}"] += amount
            if number % 10 == 0:
                seconds = choose.randrange(100) / 8
                self.durations.record(seconds, {"http.request.method": "GET", "http.route": endpoint})
                tally[f"count {endpoint}"] += 1
                tally[f"eighths {endpoint}"] += round(seconds * 8)
                result = choose.choice(("hit", "miss"))
                self.cache.add(1, {"cache_type": "redis", "result": result})
                tally[f"cache {result}"] += 1
        opened = choose.randrange(1, 9)
        self.connections.add(opened, {"connection_type": "grpc"})
        tally["connections"] += opened
        tally["queue"] = choose.randrange(1, 99)
        self.queue.set(tally["queue"], {"queue_name": "analyses"})
        tally["state"] = choose.randrange(len(STATES))
        self.breaker.set(1, {"service": "openai", "state": STATES[tally["state"]]})


def main() -> None:
    """Record until a SIGTERM comes."""
    awaited = {signal.SIGUSR1, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)  # before any thread starts: they inherit it
    seed, addresses = map(int, sys.argv[1:])
    provider = telemetry.start()
    assert isinstance(provider, MeterProvider)
    shares = Shares(provider, seed)
    instance = provider.resource.attributes["service.instance.id"]
    while True:
        shares.record(addresses)
        print(json.dumps({"instance": instance, **shares.tally}), flush=True)
        if signal.sigwait(awaited) == signal.SIGTERM:
            return


if __name__ == "__main__":
    main()
