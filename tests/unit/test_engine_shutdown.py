"""Flush and shutdown: side by side, within a timeout, whatever a reader does."""

import gc
import io
import logging
import threading
import weakref

import pytest
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics.export import (
    ConsoleMetricExporter,
    InMemoryMetricReader,
    MetricReader,
    PeriodicExportingMetricReader,
)

from tests.support.contracts import counter, gauge, provider, refused, values
from tests.support.wait import until


class Failing(MetricReader):
    """A reader that raises whatever it is asked for."""

    def _receive_metrics(self, *arguments: object, **named: object) -> None:  # noqa: ARG002  # the SDK's method
        raise RuntimeError

    def shutdown(self, timeout_millis: float = 30_000, **named: object) -> None:  # noqa: ARG002  # the SDK's method
        """Raise."""
        raise RuntimeError


class Hanging(MetricReader):
    """A reader that hangs until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def _receive_metrics(self, *arguments: object, **named: object) -> None:  # noqa: ARG002  # the SDK's method
        self.go.wait(30)

    def shutdown(self, timeout_millis: float = 30_000, **named: object) -> None:  # noqa: ARG002  # the SDK's method
        """Hang."""
        self.go.wait(30)


def test_a_reader_that_fails_or_hangs_keeps_no_other_from_being_flushed() -> None:
    """Side by side, within the timeout; the answer says that not all went well."""
    source, printed = provider(counter()), io.StringIO()
    hanging = Hanging()
    for reader in (hanging, Failing(), PeriodicExportingMetricReader(ConsoleMetricExporter(out=printed), 3_600_000)):
        source.add_metric_reader(reader)
    source.get_meter("app").create_counter("things").add(3)
    try:
        assert not source.force_flush(500)
        assert '"value": 3' in printed.getvalue()
        source.shutdown(500)
    finally:
        hanging.go.set()
    assert refused(source)["RuntimeError from a reader or exporter"] == 2


def test_shutdown_is_done_once_and_measuring_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """After it nothing is exported, and nothing raises."""
    source, printed = provider(counter()), io.StringIO()
    source.add_metric_reader(PeriodicExportingMetricReader(ConsoleMetricExporter(out=printed), 3_600_000))
    things = source.get_meter("app").create_counter("things")
    things.add(3)
    with caplog.at_level(logging.WARNING):
        source.shutdown()
        told = printed.getvalue()
        source.shutdown()
    things.add(4)
    assert source.force_flush()
    source.get_meter("late").create_histogram("late").record(1)
    assert (values(source, "things_total"), printed.getvalue()) == ({(): 7}, told)
    assert [record for record in caplog.records if "shutdown" in record.getMessage()] == []


def test_shutdown_leaves_no_thread_of_ours() -> None:
    """Nor does a provider that nobody collects from start one."""
    before = set(threading.enumerate())
    source = provider(gauge())
    source.get_meter("app").create_observable_gauge("level", [lambda _: [Observation(1)]])
    assert set(threading.enumerate()) == before
    reader = InMemoryMetricReader()
    source.add_metric_reader(reader)
    assert reader.get_metrics_data() is not None
    ours = set(threading.enumerate()) - before
    source.shutdown()
    for thread in ours:
        thread.join(10)
    assert not any(thread.is_alive() for thread in ours)
    assert values(source, "level") == {(): 1}
    source.shutdown()


def test_readers_may_collect_at_once() -> None:
    """Each is told everything; observations are neither lost nor doubled."""
    source, readers = provider(gauge(), counter()), [InMemoryMetricReader() for _ in range(4)]
    for reader in readers:
        source.add_metric_reader(reader)
    meter = source.get_meter("app")
    meter.create_observable_gauge("level", [lambda _: [Observation(5)]])
    things = meter.create_counter("things")
    things.add(1)
    found: list[list[object]] = []

    def collect(reader: InMemoryMetricReader) -> None:
        for _ in range(20):
            things.add(0)
            data = reader.get_metrics_data()
            metrics = data.resource_metrics[0].scope_metrics[0].metrics if data else ()
            found.append([point.value for metric in metrics for point in metric.data.data_points])  # type: ignore[union-attr]  # numbers', both

    threads = [threading.Thread(target=collect, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    source.shutdown()
    assert found == [[5, 1]] * 80


def test_a_reader_attached_twice_is_flushed_once() -> None:
    """Attaching it again changes nothing."""
    source, printed = provider(counter()), io.StringIO()
    reader = PeriodicExportingMetricReader(ConsoleMetricExporter(out=printed), 3_600_000)
    source.add_metric_reader(reader)
    source.add_metric_reader(reader)
    source.get_meter("app").create_counter("things").add(3)
    assert source.force_flush()
    assert printed.getvalue().count('"value": 3') == 1
    source.shutdown()


def test_a_provider_that_was_shut_down_is_let_go() -> None:
    """With its readers, instruments and callbacks: nothing global, no thread keeps it."""

    def used() -> list[weakref.ref[object]]:
        source = provider(counter(), gauge())
        reader = PeriodicExportingMetricReader(ConsoleMetricExporter(out=io.StringIO()), 3_600_000)
        source.add_metric_reader(reader)
        meter = source.get_meter("app")
        meter.create_observable_gauge("level", [lambda _: [Observation(1)]])
        things = meter.create_counter("things")
        things.bind().add(1)
        source.force_flush()
        source.shutdown()
        return [weakref.ref(each) for each in (source, reader, meter, things)]

    kept = used()

    def gone() -> bool:
        gc.collect()
        return [each() for each in kept] == [None] * 4

    assert until(gone)
