"""Processes that record with our library, push to a Collector, and tell by themselves what that should show."""

import json
import signal
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from tests.support import wait
from tests.support.apps.recording import ENDPOINTS, STATES
from tests.support.collector import SALT, Collector, Labels
from tests.support.instrumented import environment
from tests.support.processes import Server

Tally = dict[str, float]
Series = Mapping[tuple[str, Labels], float]


class RecordingProcess(Server):
    """A process of tests/support/apps/recording.py that pushes every 250 ms; `variables` are added to its environment.

    It has recorded its first share when it has started, and `record` has it record another one.
    """

    def __init__(self, directory: Path, collector: Collector, seed: int, addresses: int, **variables: str) -> None:
        told = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "OTEL_METRIC_EXPORT_INTERVAL": "250",
            "OTEL_SERVICE_NAME": "recording",
            "TECHSAPO_CLIENT_IP_SALT": SALT,
        }
        super().__init__(
            [sys.executable, "-m", "tests.support.apps.recording", str(seed), str(addresses)],
            output=directory / f"recording-{seed}.log",
            ready=self._told,
            deadline=60.0,
            env=environment(**{**told, **variables}),
        )

    @property
    def instance(self) -> str:
        """Its `service.instance.id`."""
        return str(json.loads(self._told()[-1])["instance"])

    @property
    def tally(self) -> Tally:
        """What it has recorded so far."""
        return {name: value for name, value in json.loads(self._told()[-1]).items() if name != "instance"}

    def record(self) -> None:
        """Have it record another share."""
        before = len(self._told())
        self.signal(signal.SIGUSR1)
        wait.until(lambda: len(self._told()) > before, 30, "another share")

    def _told(self) -> list[str]:
        return [line for line in self.output.splitlines() if line.startswith("{") and line.endswith("}")]


def tallies(page: Series) -> dict[str, Tally]:
    """Return what a page tells of each instance, in the terms of the processes' own tally."""
    found: dict[str, Tally] = defaultdict(lambda: defaultdict(float))
    for (name, label_set), value in page.items():
        labels = dict(label_set)
        key = _key(name, labels)
        if key == "state" and value:
            found[labels["instance"]][key] = STATES.index(labels["state"])
        elif key == "eighths":
            found[labels["instance"]][f"eighths {labels['route']}"] += value * 8
        elif key and key != "state":
            found[labels["instance"]][key] += value
    return {instance: dict(tally) for instance, tally in found.items()}


def _key(name: str, labels: Mapping[str, str]) -> str | None:
    match name:
        case "techsapo_rate_limit_hits_total":
            return f"hits {labels['endpoint']}"
        case "techsapo_http_request_duration_seconds_count":
            return f"count {labels['route']}"
        case "techsapo_http_request_duration_seconds_sum":
            return "eighths"
        case "techsapo_cache_requests_total":
            return f"cache {labels['result']}"
        case "techsapo_active_connections":
            return "connections" if labels["connection_type"] == "grpc" else None
        case "techsapo_queue_size":
            return "queue"
        case "techsapo_circuit_breaker_state":
            return "state"
    return None


def most_addresses(page: Series) -> int:
    """Return the most values of client_ip that an endpoint of an instance has on a page."""
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, label_set in page:
        if name == "techsapo_rate_limit_hits_total":
            labels = dict(label_set)
            seen[labels["instance"], labels["endpoint"]].add(labels["client_ip"])
    return max(map(len, seen.values()))


__all__ = ["ENDPOINTS", "RecordingProcess", "Tally", "most_addresses", "tallies"]
