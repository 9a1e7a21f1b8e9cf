"""Looks at a Collector all the time that something is done to it: is it healthy, how much memory does it take."""

import threading
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support import ports
from tests.support.collector import Collector

PAUSE_SECONDS = 0.1


def memory_mib(pid: int, what: str = "VmRSS") -> float:
    """Return the resident memory of a process in MiB; with "VmHWM" the most that it has been."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == what:
            return int(value.split()[0]) / 1024
    return 0.0


class HealthWatch:
    """Asks the health endpoint ten times a second from its start to its end. `unhealthy` holds the answers but 200."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.asked = 0
        self.unhealthy: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    @property
    def most_mib(self) -> float:
        """The most memory that the Collector has taken since its start, in MiB."""
        return memory_mib(self.collector.pid, "VmHWM")

    def _watch(self) -> None:
        while not self._over.wait(PAUSE_SECONDS):
            self.asked += 1
            try:
                with urllib.request.urlopen(f"http://{ports.LOOPBACK}:{self.collector.health}/", timeout=10):
                    pass
            except OSError as error:
                self.unhealthy.append(str(error))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
