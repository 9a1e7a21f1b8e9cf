"""The metrics pipeline of a process: the provider, and once it has begun what takes its figures out."""

import enum
import logging
import secrets
import threading
import time

from telemetry.engine import MeterProvider
from telemetry.export import Push, exporters, flush
from telemetry.lifecycle import pages
from telemetry.lifecycle.aside import aside
from telemetry.lifecycle.resource import full_resource, metrics_resource, new_instance_id
from telemetry.lifecycle.traces_and_logs import TracesAndLogs
from telemetry.lifecycle.weights import weights
from telemetry.runtime import RuntimeFigures
from telemetry.settings import Settings, SettingsError

# A stop takes 5 s at most; one is left to what else happens at an exit.
SHUTDOWN_SECONDS = 4.0
# A server's stop, its signal and the exit follow each other within this time: they share one deadline.
SAME_STOP_SECONDS = 5.0
# What an endpoint that answers needs, where another one has used the time up.
LEAST_SECONDS = 0.25
# A fork waits so long for an export under way. One that hangs in the network longer does not disturb a fork.
FORK_SECONDS = 0.25
BEGINNING_SECONDS = 5.0

_logger = logging.getLogger(__name__)


class Occasion(enum.Enum):
    """Why the pipeline begins."""

    START = "telemetry.start() was called"
    SERVER = "a server starts"
    RECORD = "something was measured"


class Pipeline:
    """Ports, threads and exporters come with the first `begin`: never at an import, in a supervisor or in a tracker."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        instance_id = new_instance_id(settings.resource_attributes)
        self.provider = MeterProvider(
            resource=metrics_resource(settings.resource_attributes, instance_id),
            salt=settings.salt or secrets.token_bytes(32),
            weights=weights(settings),
        )
        self._runtime = RuntimeFigures(self.provider) if settings.runtime_metrics else None
        self.traces_and_logs = TracesAndLogs(settings, full_resource(settings.resource_attributes, instance_id))
        self.supervises = False
        self.replaces_worker = False
        self._last_push = self.provider.get_meter("techsapo.telemetry").create_gauge(
            "techsapo.telemetry.last_push", unit="s"
        )
        self._page_is_elsewhere = False
        self._over = False
        self._rest()

    def _rest(self) -> None:
        self._lock = threading.Lock()
        self._holds_lock = False
        self._pending = False
        self._begun = False
        self._pushes: list[Push] = []
        self._page: pages.Served | None = None
        self._page_ended = threading.Event()
        self._close_by: float | None = None
        self._undelivered: set[str] = set()
        self.provider.on_first_record = self._on_first_record

    def begin(self, occasion: Occasion) -> None:
        """Open the page and start the pushes, where that has not happened yet.

        Raises:
            SettingsError: the page's port cannot be had, unless the occasion is a measurement: the application has
                started then, and it is said in the log.
        """
        with self._lock:
            if occasion is Occasion.RECORD and self._over:
                return
            self._over = False
            if occasion is not Occasion.RECORD:
                self._close_by = None
            tried = self._begun and occasion is Occasion.RECORD
            if self.settings.serves_page and self._page is None and not tried:
                self._open_page(occasion)
            if not self._begun:
                self._pushes = exporters.pushes(self.settings, self.provider.metrics_data, self._delivered)
                for reader in exporters.readers(self.settings):
                    self.provider.add_metric_reader(reader)
                for push in self._pushes:
                    push.start()
                if self._runtime is not None and not self.supervises:
                    self._runtime.start()
                self._begun = True
            self._pending = False
        self.traces_and_logs.begin()

    def supervise(self) -> None:
        """Take this process for a supervisor: it serves nobody, and has neither a page nor figures of its runtime."""
        self.supervises = True
        if self._runtime is not None:
            self._runtime.stop()

    def force_flush(self, timeout_seconds: float = 5.0) -> bool:
        """Push what was recorded until now, to all endpoints side by side; tell whether all took it in time."""
        return not self._flush(time.monotonic() + timeout_seconds)

    def flush_at_stop(self) -> None:
        """Push what was recorded until now before the process may end, and say what could not be delivered."""
        now = time.monotonic()
        if self._close_by is None or now > self._close_by + SAME_STOP_SECONDS:
            self._close_by = now + SHUTDOWN_SECONDS
            self._undelivered = set()
        for name in set(self._flush(max(self._close_by, now + LEAST_SECONDS))) - self._undelivered:
            self._undelivered.add(name)
            _logger.warning("The last figures did not reach %s in time", name)

    def shutdown(self) -> None:
        """Flush, and end threads and port. What is recorded later stays unseen until `begin`. A second call is idle."""
        if self._over:
            return
        self.flush_at_stop()
        self._over = True
        for push in self._pushes:
            push.stop()
        if self._runtime is not None:
            self._runtime.stop()
        self._page_ended.set()
        if self._page is not None:
            self._page.stop()
        self.provider.shutdown(LEAST_SECONDS * 1e3)
        self._pushes, self._page, self._begun, self._page_ended = [], None, False, threading.Event()

    def before_fork(self) -> None:
        """Wait until neither a beginning nor, within reason, an export is under way, and keep it so."""
        self._holds_lock = self._lock.acquire(timeout=BEGINNING_SECONDS)
        deadline = time.monotonic() + FORK_SECONDS
        for push in self._pushes:
            push.hold(max(0.0, deadline - time.monotonic()))

    def after_fork_in_parent(self) -> None:
        """Go on."""
        for push in self._pushes:
            push.release()
        if self._holds_lock:
            self._holds_lock = False
            self._lock.release()

    def after_fork_in_child(self) -> None:
        """Begin from zero under an id of its own: what was counted before the fork is the parent's to tell."""
        for push in self._pushes:
            push.abandon()
        if self._page is not None:
            self._page.close_in_child()
            self._page_is_elsewhere = True
        self.replaces_worker, self.supervises = self.supervises, False
        self.traces_and_logs.after_fork_in_child()
        if self._runtime is not None:
            self._runtime.begin_in_child()
        attributes = self.settings.resource_attributes
        self.provider.restart(metrics_resource(attributes, new_instance_id(attributes)))
        self._rest()

    def _on_first_record(self) -> None:
        self._pending = True
        aside(self._begin_at_record)

    def _begin_at_record(self) -> None:
        try:
            self.begin(Occasion.RECORD)
        except Exception:  # an exporter that cannot be made must not reach the application, which runs already
            _logger.exception("The telemetry could not begin")

    def _open_page(self, occasion: Occasion) -> None:
        if self.supervises:
            return
        page = self.settings.page
        if occasion is Occasion.RECORD and (self._page_is_elsewhere or pages.is_helper_process()):
            _logger.warning("This process has no page, its figures are not seen; %s", pages.TO_THE_COLLECTOR)
            return
        served = pages.make(self.settings, self.provider)
        if self.replaces_worker:
            pages.start_when_free(served, page, self._page_ended)
        elif occasion is Occasion.RECORD:
            try:
                pages.start(served, page)
            except SettingsError as error:
                _logger.warning("%s", error)
                return
        else:
            pages.start(served, page)
        self._page = served
        if self.settings.salt is None:
            _logger.warning("client_ip is bucketed with a random salt: set TECHSAPO_CLIENT_IP_SALT to keep the buckets")

    def _flush(self, deadline: float) -> list[str]:
        if self._pending:
            self._begin_at_record()  # waits where that is under way
        others = self.traces_and_logs.flush(deadline)
        undelivered = flush(self._pushes, deadline)
        self.provider.force_flush(max(0.0, deadline - time.monotonic()) * 1e3)
        for ended in others:
            ended.wait(max(0.0, deadline - time.monotonic()))
        return undelivered

    def _delivered(self) -> None:
        self._last_push.set(time.time())
