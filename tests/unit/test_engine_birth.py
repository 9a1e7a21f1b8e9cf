"""The first measurements: when a series begins, what is told at the first record, what a collection sees of it."""

import threading

from opentelemetry.sdk.resources import Resource

from telemetry.contract import Bounded
from tests.support.contracts import births, clocked, counter, gauge, histogram, provider, values
from tests.support.wait import until

CHILD = Resource({"service.instance.id": "child"})


def test_a_series_starts_when_it_is_born() -> None:
    """Not with the process: what Prometheus sees first at N has counted N since then."""
    source, clock = clocked()
    things = source.get_meter("app").create_counter("things")
    things.add(1, {"x": "a"})
    middle = next(clock)
    things.add(1, {"x": "b"})
    things.add(1, {"x": "a"})
    found = births(source)
    assert found["a",] < middle < found["b",]
    assert births(source) == found


def test_the_first_record_is_told_once_when_two_threads_make_it() -> None:
    """Both are held up in the moment before it is told."""
    told: list[int] = []
    source = provider(counter({"x": Bounded(9)}))
    source.on_first_record = lambda: told.append(1)
    things = source.get_meter("app").create_counter("things")
    threads = [threading.Thread(target=things.add, args=(1, {"x": x})) for x in "ab"]
    with source._lock:
        for thread in threads:
            thread.start()
        # Each has looked its series up, and waits for the lock to tell.
        until(lambda: len(source._tables["things_total"].series()) == 2)
        for thread in threads:
            thread.join(0.1)
    for thread in threads:
        thread.join()
    assert (told, values(source, "things_total")) == ([1], {("a",): 1, ("b",): 1})


def test_nothing_half_born_is_seen() -> None:
    """Collected in the midst of the first record: no gauge of 0 that nobody set, no histogram of infinities."""
    source = provider(gauge(), histogram())
    seen: list[object] = []
    source.on_first_record = lambda: seen.append([taken.points[0][1] for taken in source.snapshot()])
    meter = source.get_meter("app")
    meter.create_gauge("level").set(-7)
    source.restart(CHILD)
    meter.create_histogram("size").record(5)
    assert seen == [[-7], []]


def test_what_was_collected_does_not_change() -> None:
    """A snapshot is a copy: a page may be written from it while others record."""
    source = provider(counter(), histogram())
    meter = source.get_meter("app")
    things, size = meter.create_counter("things"), meter.create_histogram("size")
    things.add(1)
    size.record(5)
    taken = source.snapshot()
    things.add(1)
    size.record(5)
    assert [each.points[0][1] for each in taken] == [1, [5, 5, 5, 0, 1, 0]]


def test_what_fails_at_the_first_record_reaches_nobody() -> None:
    """The measurement is counted."""
    source = provider(counter())

    def fail() -> None:
        raise OSError

    source.on_first_record = fail
    source.get_meter("app").create_counter("things").add(1)
    assert values(source, "things_total") == {(): 1}
