"""One endpoint's push: a thread that collects and exports at an interval, and a flush that keeps its deadline.

Not the SDK's `PeriodicExportingMetricReader`: in the child of a fork that one starts again by itself with the parent's
exporter, and at a shutdown it waits for a request under way before it exports what is newest. Figures are cumulative,
so a push that failed needs no queue: the next one carries everything.
"""

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricsData

Collect = Callable[[float], MetricsData | None]

_logger = logging.getLogger(__name__)


class Push:
    """Collects and exports to one endpoint every `interval_seconds`, once it is started.

    `name` is the endpoint as a message may carry it. `collect` takes a timeout in milliseconds. `make_exporter` gives
    a new stock exporter with a connection of its own. `on_delivered` is called after each push at the interval that
    arrived.
    """

    def __init__(
        self,
        name: str,
        collect: Collect,
        make_exporter: Callable[[], MetricExporter],
        *,
        interval_seconds: float,
        collection_timeout_seconds: float = 30.0,
        on_delivered: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._collect = collect
        self._make_exporter = make_exporter
        self._interval_seconds = interval_seconds
        self._collection_timeout_millis = collection_timeout_seconds * 1e3
        self._on_delivered = on_delivered
        self._exporter = make_exporter()
        # Held over collection and export: whoever holds it knows that neither is under way.
        self._exporting = threading.Lock()
        self._wake = threading.Event()
        self._held = False
        self._asked: deque[Flush] = deque()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread. While the interpreter shuts down none can be: flushes work without it."""
        thread = threading.Thread(target=self._run, name="telemetry-push", daemon=True)
        with contextlib.suppress(RuntimeError):
            thread.start()
            self._thread = thread

    def flush(self) -> "Flush":
        """Have everything that was recorded until now pushed, and return at once what to wait for.

        A request that is under way holds nothing up: a second one goes beside it, over a connection of its own.
        """
        asked = Flush(self.name)
        if self._exporting.locked():
            aside = threading.Thread(target=self._push_aside, args=(asked,), name="telemetry-flush", daemon=True)
            with contextlib.suppress(RuntimeError):
                aside.start()
                return asked
        self._asked.append(asked)
        self._wake.set()
        if self._thread is None:
            self._push()
        return asked

    def stop(self) -> None:
        """End the thread and give up what is under way; nothing is pushed any more."""
        self._stopped = True
        self._wake.set()
        _shut_down(self._exporter)

    def hold(self, seconds: float) -> None:
        """Before a fork: wait until nothing is under way, `seconds` at most, and keep it so."""
        self._held = self._exporting.acquire(timeout=seconds)

    def release(self) -> None:
        """After the fork, in the parent: go on."""
        if self._held:
            self._held = False
            self._exporting.release()

    def abandon(self) -> None:
        """After the fork, in the child: send nothing, and close this process' copy of the parent's connection.

        Where an export was under way its locks are taken for ever in the child: then nothing of it is touched.
        """
        self._stopped = True
        if self._held:
            _shut_down(self._exporter)

    def _run(self) -> None:
        due = time.monotonic() + self._interval_seconds
        while True:
            self._wake.wait(max(0.0, due - time.monotonic()))
            self._wake.clear()
            if self._stopped:
                return
            now = time.monotonic()
            if now >= due:
                due = now + self._interval_seconds
            elif not self._asked:
                continue
            self._push()

    def _push(self) -> None:
        # Taken one by one: what is asked for meanwhile stays for the next push.
        asked = [self._asked.popleft() for _ in range(len(self._asked))]
        with self._exporting:
            delivered = self._export(self._exporter)
        if delivered and not self._stopped and not asked:
            self._on_delivered()
        for flush_asked in asked:
            flush_asked.end(delivered)

    def _push_aside(self, asked: "Flush") -> None:
        exporter = self._make_exporter()
        asked.end(self._export(exporter))
        _shut_down(exporter)

    def _export(self, exporter: MetricExporter) -> bool:
        try:
            data = self._collect(self._collection_timeout_millis)
            if data is None:
                return True
            with suppress_instrumentation():
                return exporter.export(data) is MetricExportResult.SUCCESS
        except Exception:  # an exporter may raise anything; the application must not see it
            _logger.exception("Pushing metrics to %s failed", self.name)
            return False


class Flush:
    """A flush of one push that was asked for: ended when it has been delivered or has failed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._ended = threading.Event()
        self._delivered = False

    def end(self, delivered: bool) -> None:
        """Tell how it went."""
        self._delivered = delivered
        self._ended.set()

    def wait(self, seconds: float) -> bool:
        """Return whether the figures were delivered within so many seconds."""
        return self._ended.wait(max(0.0, seconds)) and self._delivered


def flush(pushes: Sequence[Push], deadline: float) -> list[str]:
    """Flush all side by side until `deadline` (of `time.monotonic`); return the names of those that did not arrive."""
    asked = [push.flush() for push in pushes]
    return [one.name for one in asked if not one.wait(deadline - time.monotonic())]


def _shut_down(exporter: MetricExporter) -> None:
    try:
        exporter.shutdown()
    except Exception:  # as above
        _logger.exception("Shutting an exporter down failed")
