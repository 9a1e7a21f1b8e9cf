"""`restart`: what a child of a fork does with the provider that it inherits."""

import contextlib
import itertools
import multiprocessing
import os
import threading
from collections.abc import Callable

import pytest
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource

from telemetry.contract import Bounded, MetricType, Take
from tests.support.contracts import OVERFLOW, births, clocked, counter, gauge, metric, provider, values

CHILD = Resource({"service.instance.id": "child"})


def test_all_series_are_gone_and_later_ones_are_born_later() -> None:
    """The parent's counts are the parent's."""
    source, clock = clocked()
    meter = source.get_meter("app")
    things, level = meter.create_counter("things"), meter.create_gauge("level")
    things.add(5, {"x": "a"})
    level.set(5)
    forked = next(clock)
    source.restart(CHILD)
    assert source.snapshot() == []
    things.add(1, {"x": "a"})
    assert (values(source, "things_total"), values(source, "level")) == ({("a",): 1}, {})
    assert births(source)["a",] > forked
    assert source.resource is CHILD


def test_limits_begin_anew() -> None:
    """The child admits the values that it sees itself; what overflowed in the parent is the parent's count."""
    source = provider(counter({"x": Bounded(1)}), OVERFLOW)
    things = source.get_meter("app").create_counter("things")
    for value in "ab":
        things.add(1, {"x": value})
    source.restart(CHILD)
    things.add(1, {"x": "b"})
    assert values(source, "things_total") == {("b",): 1}
    assert values(source, "techsapo_telemetry_overflow_total") == {}


def test_bound_instruments_and_callbacks_go_on() -> None:
    """Instruments were made before the fork, and nobody makes them again."""
    told = [0]

    def tell(_: CallbackOptions) -> list[Observation]:
        told[0] += 1
        return [Observation(told[0])]

    source = provider(counter({"x": Bounded(9)}), gauge(), metric("s", MetricType.COUNTER, Take.SUM, "sync"))
    meter = source.get_meter("app")
    bound = meter.create_counter("things").bind({"x": "a"})
    meter.create_observable_gauge("level", [tell])
    bound.add(5)
    source.snapshot()
    source.restart(CHILD)
    bound.add(1)
    bound.add(1)
    assert (values(source, "things_total"), values(source, "level")) == ({("a",): 2}, {(): 3})


def test_a_callback_that_hung_in_the_parent_is_asked_in_the_child() -> None:
    """No thread survives a fork: the child has none that hangs."""
    go = threading.Event()

    def hang_once(_: CallbackOptions) -> list[Observation]:
        if not go.is_set():
            go.wait(30)
        return [Observation(1)]

    source = provider(gauge())
    source.get_meter("app").create_observable_gauge("level", [hang_once])
    source.snapshot(timeout_millis=50)
    source.restart(CHILD)
    go.set()
    assert values(source, "level") == {(): 1}


def test_readers_of_the_parent_are_told_nothing() -> None:
    """An inherited reader would export the child's figures as the parent's; attached again, it is told."""
    source, reader = provider(counter()), InMemoryMetricReader()
    source.add_metric_reader(reader)
    things = source.get_meter("app").create_counter("things")
    things.add(5)
    source.restart(CHILD)
    things.add(1)
    assert reader.get_metrics_data() is None
    source.add_metric_reader(reader)
    data = reader.get_metrics_data()
    assert data is not None
    assert data.resource_metrics[0].resource is CHILD


def test_the_first_record_is_told_once_in_each_process() -> None:
    """That is when exporters start; from several threads, once all the same."""
    told: list[int] = []
    source = provider(counter({"x": Bounded(9)}))
    source.on_first_record = lambda: told.append(os.getpid())
    things = source.get_meter("app").create_counter("things")
    assert told == []
    threads = [threading.Thread(target=things.add, args=(1, {"x": value})) for value in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    source.restart(CHILD)
    things.add(1, {"x": "a"})
    things.add(1, {"x": "b"})
    assert len(told) == 2


def exit_codes(child: Callable[[], None], children: int) -> list[int | None]:
    """Run a function in forked children, one after the other; None stands for one that hung."""
    codes: list[int | None] = []
    for _ in range(children):
        process = multiprocessing.get_context("fork").Process(target=child)
        process.start()
        process.join(10)
        codes.append(process.exitcode)
        if process.is_alive():
            process.kill()
            process.join()
    return codes


@pytest.mark.parametrize("locked", [False, True])
def test_a_fork_while_another_thread_holds_every_lock_leaves_a_child_that_records(locked: bool) -> None:
    """In the child nobody would ever give them back."""
    source = provider(counter({"x": Bounded(9)}), gauge({"x": Bounded(9)}), OVERFLOW, locked=locked)
    meter = source.get_meter("app")
    things, level = meter.create_counter("things"), meter.create_gauge("level")
    bound = things.bind({"x": "a"})
    meter.create_observable_gauge("level", [lambda _: [Observation(1)]])
    bound.add(5)
    level.set(float("nan"))
    held, stop = threading.Event(), threading.Event()

    def hold() -> None:
        with contextlib.ExitStack() as stack:
            for lock in (
                source._lock,
                source._collecting,
                *source._record_locks,
                source._refusals._lock,
                source._dropped._lock,
                *(table.lock for table in source._tables.values()),
                *(plan._lock for plan, _ in source._plans.values()),
            ):
                stack.enter_context(lock)
            held.set()
            stop.wait(30)

    def child() -> None:
        source.restart(CHILD)
        for _ in range(3):
            bound.add(1)
            things.add(1, {"x": "a"})
            level.set(float("nan"))
        meter.create_counter("unknown in the child")
        os._exit(0 if values(source, "things_total") == {("a",): 6} else 1)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    try:
        assert exit_codes(child, 1) == [0]
    finally:
        stop.set()
        thread.join()


def test_forks_in_the_midst_of_everything_leave_children_that_record() -> None:
    """Threads record, meet limits, are refused and collect while the process forks, again and again."""
    source = provider(counter({"x": Bounded(9)}), gauge(), OVERFLOW)
    meter = source.get_meter("app")
    things, level = meter.create_counter("things"), meter.create_gauge("level")
    meter.create_observable_gauge("level", [lambda _: [Observation(1)]])
    stop = threading.Event()

    def work() -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            things.add(1, {"x": f"v{number}"})
            level.set(float("nan"))
            source.snapshot(timeout_millis=50)

    def child() -> None:
        source.restart(CHILD)
        for number in range(20):
            things.add(1, {"x": f"v{number}"})
        counts = values(source, "things_total").values()
        os._exit(0 if sorted(map(str, counts)) == sorted(["1"] * 9 + ["11"]) else 1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert exit_codes(child, 10) == [0] * 10
    finally:
        stop.set()
        for thread in threads:
            thread.join()
