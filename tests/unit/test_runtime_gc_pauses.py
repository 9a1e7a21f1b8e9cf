"""Pauses for garbage collection: each is recorded once, whenever it happens."""

import gc
import threading
from array import array
from collections.abc import Iterator

import pytest

from telemetry.runtime.gc_pauses import RING, GcPauses


class Recorded(list[float]):
    """Pauses that were recorded, and what follows the collector for them."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses = GcPauses(self.append)

    def happen(self, times: int) -> None:
        """Have so many pauses begin and end."""
        for _ in range(times):
            self.pauses._on_gc("start", {})
            self.pauses._on_gc("stop", {})


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """What follows the collector in this test, and is not started yet; nothing is collected but by the test."""
    made = Recorded()
    gc.disable()
    yield made
    made.pauses.stop()
    gc.enable()


def test_each_pause_is_recorded_once(recorded: Recorded) -> None:
    """At the next fold, and not again at the one after it."""
    recorded.pauses.start()
    recorded.pauses.start()
    for _ in range(5):
        gc.collect()
    assert recorded == []
    recorded.pauses.fold()
    recorded.pauses.fold()
    assert len(recorded) == 5
    assert all(seconds > 0 for seconds in recorded)


def test_more_pauses_than_the_ring_holds_are_all_counted(recorded: Recorded) -> None:
    """The oldest with the mean of the others, so that number and sum are told."""
    recorded.happen(RING + 100)
    recorded.pauses._ring[:] = array("d", [0.25] * RING)
    recorded.pauses.fold()
    assert recorded == [0.25] * (RING + 100)
    recorded.happen(RING)
    recorded.pauses.fold()
    assert len(recorded) == 2 * RING + 100


def test_a_pause_while_pauses_are_recorded_comes_next_time(recorded: Recorded) -> None:
    """What records allocates, and may set the collector off: nothing is lost, and nothing goes round in circles."""

    def record(seconds: float) -> None:
        gc.collect()
        recorded.append(seconds)

    recorded.pauses = GcPauses(record)
    recorded.pauses.start()
    gc.collect()
    for folded in (1, 2, 3):
        recorded.pauses.fold()
        assert len(recorded) == folded


def test_pauses_at_every_allocation_are_counted_from_all_threads(recorded: Recorded) -> None:
    """With the collector's threshold at 1, while they are folded: as many as the interpreter itself counts."""
    threshold = gc.get_threshold()
    threads = [threading.Thread(target=lambda: [[] for _ in range(5_000)]) for _ in range(4)]
    recorded.pauses.start()
    before = sum(generation["collections"] for generation in gc.get_stats())
    gc.enable()
    gc.set_threshold(1)
    try:
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            recorded.pauses.fold()
    finally:
        gc.set_threshold(*threshold)
        gc.disable()
    recorded.pauses.stop()
    recorded.pauses.fold()
    assert len(recorded) == sum(generation["collections"] for generation in gc.get_stats()) - before
    assert len(recorded) > 1_000


def test_what_is_stopped_is_called_no_more(recorded: Recorded) -> None:
    """The interpreter's list is as it was before."""
    before = list(gc.callbacks)
    recorded.pauses.start()
    recorded.pauses.start()
    assert len(gc.callbacks) == len(before) + 1
    recorded.pauses.stop()
    recorded.pauses.stop()
    assert gc.callbacks == before


def test_a_stop_before_its_start_is_no_pause(recorded: Recorded) -> None:
    """Whoever starts to follow in the midst of a collection."""
    recorded.pauses._on_gc("stop", {})
    recorded.pauses.fold()
    assert recorded == []


def test_the_child_of_a_fork_tells_only_its_own_pauses(recorded: Recorded) -> None:
    """What the ring held before it is the parent's."""
    recorded.happen(3)
    recorded.pauses.begin_in_child()
    recorded.happen(2)
    recorded.pauses.fold()
    assert len(recorded) == 2
