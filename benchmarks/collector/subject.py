"""What is measured: the Collector as it is configured, and the same binary without the policy."""

import http.client
import os
import re
import time
from pathlib import Path

from benchmarks.collector.load import Load
from benchmarks.collector.sink import Sink
from tests.support import ports
from tests.support.collector import ROOT, Collector

CONFIGURATION = ROOT / "collector" / "config" / "collector.yaml"
_SIGNALS = 3
# Payloads that may be under way: a sender that runs ahead would measure the exporter's queue.
_AHEAD = 4
_HEADERS = {"Content-Type": "application/x-protobuf"}
_KIB_A_PAGE = os.sysconf("SC_PAGE_SIZE") // 1024


class Subject(Collector):
    """A Collector under load; a `plain` one has no policy. Traces and logs go on to `sink`, where there is one."""

    def __init__(self, directory: Path, *, plain: bool = False, sink: Sink | None = None) -> None:
        directory.mkdir()
        super().__init__(directory, forward=sink.endpoint if sink else None)
        self.sink = sink
        self._connection: http.client.HTTPConnection | None = None
        if plain:
            written = directory / "plain.yaml"
            written.write_text(without_policy(CONFIGURATION.read_text()))
            self.command[2] = str(written)

    def take(self, load: Load, passes: int = 1) -> int:
        """Send a load so many times over, one payload after the other, and return how many records that were.

        What goes on to the sink has arrived there when this returns.
        """
        if self._connection is None:
            self._connection = http.client.HTTPConnection(ports.LOOPBACK, self.http, timeout=60)
        arrived = self.sink.requests if self.sink else 0
        for sent, body in enumerate((body for _ in range(passes) for body in load.sent_now()), 1):
            self._connection.request("POST", load.path, body, _HEADERS)
            answer = self._connection.getresponse()
            told = answer.read()
            if answer.status != http.client.OK:
                raise RuntimeError(f"{load.what}: refused with {answer.status}, {told[:200]!r}")
            if self.sink and load.path != "/v1/metrics":
                ahead = _AHEAD if sent < passes * len(load.bodies) else 0
                self.sink.wait_for(arrived + sent - ahead)
        return passes * load.records

    def cpu_seconds(self) -> float:
        """Return the CPU that the process has spent, user and system: that of /proc/PID/stat, not in ticks."""
        # The clock that clock_getcpuclockid(3) returns on Linux, which Python has not.
        return time.clock_gettime((~self.pid << 3) | 2)

    def resident_mib(self) -> float:
        """Return the process's resident memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]) * _KIB_A_PAGE / 1024

    def series_count(self) -> int:
        """Return how many series its page has, a histogram's taken for one."""
        names = (line.partition("{")[0] for line in self.text().splitlines() if not line.startswith("#"))
        return sum(not name.endswith(("_bucket", "_sum")) for name in names)

    def idle_load(self, seconds: float) -> float:
        """Return the CPU seconds that a second without work takes, over so many seconds."""
        before = self.cpu_seconds()
        time.sleep(seconds)
        return (self.cpu_seconds() - before) / seconds


def without_policy(configuration: str) -> str:
    """Return a configuration whose pipelines leave the policy out, all else as it was.

    Raises ValueError where one of the three has none: then it is not the configuration that this was written for.
    """
    plain, removed = re.subn(r"(processors: \[.*), techsapo_policy\]", r"\1]", configuration)
    if removed != _SIGNALS:
        raise ValueError(f"techsapo_policy stands last in {removed} pipelines, not in {_SIGNALS}")
    return plain
