"""Traces and logs: the stock SDK's, set up as the standard variables say; its threads begin when metrics' do."""

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import cast

from opentelemetry import _logs, trace
from opentelemetry.context import Context
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor, ReadWriteLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from telemetry.settings import Settings

_logger = logging.getLogger(__name__)


class TracesAndLogs:
    """The tracer and logger providers that the settings ask for, none where they ask for none."""

    def __init__(self, settings: Settings, resource: Resource) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._begun = False
        self._flushers: list[_Flusher] | None = None
        self._tracers: TracerProvider | None = None
        self._loggers: LoggerProvider | None = None
        if settings.traces_exporters:
            self._tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
            self._tracers.add_span_processor(_BeginsAtSpan(self.begin))
        if settings.logs_exporters:
            self._loggers = LoggerProvider(resource=resource, shutdown_on_exit=False)
            self._loggers.add_log_record_processor(_BeginsAtLogRecord(self.begin))

    def install(self) -> None:
        """Make them the global providers."""
        if self._tracers is not None:
            trace.set_tracer_provider(self._tracers)
        if self._loggers is not None:
            _logs.set_logger_provider(self._loggers)

    def begin(self) -> list[BatchLogRecordProcessor]:
        """Start the exporters and their threads, where that has not happened yet; return what was added for logs."""
        added: list[BatchLogRecordProcessor] = []
        if self._flushers is not None:  # without the lock: every span comes by
            return added
        with self._lock:
            if not self._begun:
                self._begun = True
                try:
                    added = self._add_exporters()
                except Exception:  # an exporter may raise anything; who starts a span must not see it
                    _logger.exception("Traces or logs have no exporter")
            if self._flushers is None:
                self._flushers = [_Flusher(found.force_flush) for found in (self._tracers, self._loggers) if found]
        return added

    def _add_exporters(self) -> list[BatchLogRecordProcessor]:
        added: list[BatchLogRecordProcessor] = []
        if self._tracers is not None:
            for name in self._settings.traces_exporters:
                spans = cast("SpanExporter", _make("opentelemetry_traces_exporter", name))
                self._tracers.add_span_processor(BatchSpanProcessor(spans))
        if self._loggers is not None:
            for name in self._settings.logs_exporters:
                records = cast("LogRecordExporter", _make("opentelemetry_logs_exporter", name))
                added.append(BatchLogRecordProcessor(records))
                self._loggers.add_log_record_processor(added[-1])
        return added

    def flush(self, deadline: float) -> list[threading.Event]:
        """Have what is queued exported side by side, and return at once the events to wait for."""
        return [flusher.flush(deadline) for flusher in self._flushers or ()]

    def after_fork_in_child(self) -> None:
        """Threads and locks are new at the next `begin`; the stock processors see to themselves."""
        self._lock = threading.RLock()
        self._flushers = None


class _Flusher:
    """A thread that flushes a provider when it is asked to.

    The stock processors may take much longer than they are told: nobody waits for more than the time there is. The
    thread is there from the beginning, because Python 3.12 starts none at an exit.
    """

    def __init__(self, force_flush: Callable[[int], bool]) -> None:
        self._force_flush = force_flush
        self._asked: queue.SimpleQueue[tuple[float, threading.Event]] = queue.SimpleQueue()
        with contextlib.suppress(RuntimeError):
            threading.Thread(target=self._work, name="telemetry-flush", daemon=True).start()

    def flush(self, deadline: float) -> threading.Event:
        """Ask for a flush until `deadline` (of `time.monotonic`); the event tells its end."""
        ended = threading.Event()
        self._asked.put((deadline, ended))
        return ended

    def _work(self) -> None:
        while True:
            deadline, ended = self._asked.get()
            try:
                if (left := deadline - time.monotonic()) > 0:
                    self._force_flush(int(left * 1e3))
            except Exception:  # an exporter may raise anything; the thread goes on
                _logger.exception("Flushing traces or logs failed")
            ended.set()


class _BeginsAtSpan(SpanProcessor):
    """Starts the exporters with the first span, where no server and no measurement has done so."""

    def __init__(self, begin: Callable[[], object]) -> None:
        self._begin = begin

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002  # the SDK's signature
        """Begin: the processors that are added see the span's end."""
        self._begin()


class _BeginsAtLogRecord(LogRecordProcessor):
    """The same with the first log record, which itself is handed on."""

    def __init__(self, begin: Callable[[], list[BatchLogRecordProcessor]]) -> None:
        self._begin = begin

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        """Begin, and hand this record to the processors that came too late for it."""
        for processor in self._begin():
            processor.on_emit(log_record)

    def shutdown(self) -> None:
        """Nothing is held here."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002  # the SDK's signature
        """Nothing is held here."""
        return True


def _make(group: str, name: str) -> object:
    (point,) = entry_points(group=group, name=name)
    return cast("Callable[[], object]", point.load())()
