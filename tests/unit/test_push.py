"""One endpoint's push: what it does over a fork, at a flush, and with an exporter that misbehaves."""

import threading
import time

import pytest
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricsData

from telemetry.export import Push, flush
from tests.support import wait

DATA = MetricsData(resource_metrics=[])


class Exporter(MetricExporter):
    """Records what it is asked to; holds every export until `let_go` is set."""

    def __init__(self, result: MetricExportResult | Exception = MetricExportResult.SUCCESS) -> None:
        super().__init__()
        self.result = result
        self.exports = 0
        self.shutdowns = 0
        self.entered = threading.Event()
        self.let_go = threading.Event()
        self.let_go.set()

    def export(
        self,
        metrics_data: MetricsData,
        timeout_millis: float = 10_000,  # noqa: ARG002  # the SDK's signature
        **_: object,
    ) -> MetricExportResult:
        """Count."""
        assert metrics_data is DATA
        self.exports += 1
        self.entered.set()
        self.let_go.wait(20.0)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def force_flush(self, timeout_millis: float = 10_000) -> bool:  # noqa: ARG002  # the SDK's signature
        """Nothing is held back."""
        return True

    def shutdown(self, timeout_millis: float = 30_000, **_: object) -> None:  # noqa: ARG002  # the SDK's signature
        """Count."""
        self.shutdowns += 1


def push_of(*exporters: Exporter, interval_seconds: float = 3_600.0) -> Push:
    """Return a push that takes one of these exporters after the other, not started."""
    waiting = iter(exporters)
    return Push("there", lambda _: DATA, lambda: next(waiting), interval_seconds=interval_seconds)


def test_a_flush_exports_and_tells_that_it_arrived() -> None:
    """Nobody waits for the interval."""
    exporter = Exporter()
    push = push_of(exporter)
    push.start()
    undelivered = flush([push], time.monotonic() + 10.0)
    push.stop()

    assert [] == undelivered
    assert 1 == exporter.exports


@pytest.mark.parametrize("result", [MetricExportResult.FAILURE, LookupError("from an exporter")])
def test_a_flush_tells_what_did_not_arrive(result: MetricExportResult | Exception) -> None:
    """An exporter may fail or raise: it is named, and pushing goes on."""
    exporter = Exporter(result)
    push = push_of(exporter)
    push.start()
    undelivered = [flush([push], time.monotonic() + 10.0), flush([push], time.monotonic() + 10.0)]
    push.stop()

    assert [["there"], ["there"]] == undelivered
    assert 2 == exporter.exports


def test_a_flush_goes_beside_an_export_that_hangs() -> None:
    """Over an exporter of its own, which is shut down after it."""
    hanging, aside = Exporter(), Exporter()
    hanging.let_go.clear()
    push = push_of(hanging, aside, interval_seconds=0.01)
    push.start()
    assert hanging.entered.wait(10.0)
    undelivered = flush([push], time.monotonic() + 10.0)
    push.stop()
    hanging.let_go.set()

    assert [] == undelivered
    assert (1, 1) == (aside.exports, aside.shutdowns)


def test_a_flush_without_a_thread_exports_at_once() -> None:
    """As at the exit of an interpreter that starts no threads any more."""
    exporter = Exporter()

    assert [] == flush([push_of(exporter)], time.monotonic() + 10.0)
    assert 1 == exporter.exports


def test_nothing_is_exported_while_a_fork_holds_the_push() -> None:
    """The child would inherit the export's locks, taken for ever."""
    exporter = Exporter()
    push = push_of(exporter, interval_seconds=0.01)
    push.start()
    assert exporter.entered.wait(10.0)
    push.hold(10.0)
    exporter.entered.clear()
    held = exporter.exports

    assert not exporter.entered.wait(0.1), "ten intervals pass"
    assert held == exporter.exports
    push.release()
    assert wait.until(lambda: exporter.exports > held)
    push.stop()


def test_a_child_closes_its_copy_of_an_idle_connection() -> None:
    """Nothing is exported: what was counted before the fork is the parent's to tell."""
    exporter = Exporter()
    push = push_of(exporter)
    push.hold(1.0)
    push.abandon()

    assert (0, 1) == (exporter.exports, exporter.shutdowns)


def test_a_child_does_not_touch_an_export_that_was_under_way() -> None:
    """Its locks belong to a thread that the child does not have."""
    exporter = Exporter()
    exporter.let_go.clear()
    push = push_of(exporter, interval_seconds=0.01)
    push.start()
    assert exporter.entered.wait(10.0)
    push.hold(0.01)
    push.abandon()
    exporter.let_go.set()

    assert 0 == exporter.shutdowns
