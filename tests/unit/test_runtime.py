"""Memory, pauses and lags of this very process."""

import asyncio
import gc
import os
import threading
import time
import weakref
from collections.abc import Iterator

import pytest

from telemetry.runtime import RuntimeFigures, event_loop, watch_event_loop
from telemetry.runtime.allocators import malloc_in_use, pymalloc_in_use
from telemetry.runtime.gc_pauses import RING, GcPauses
from telemetry.runtime.memory import in_use, machine_memory, resident_and_private
from tests.support.measured import Measured

MB = 1 << 20
LAG, PAUSES = "nodejs_eventloop_lag_seconds", "nodejs_gc_duration_seconds"


@pytest.fixture
def running() -> Iterator[Measured]:
    """The figures of this process in a provider of its own."""
    measured = Measured()
    figures = RuntimeFigures(measured.provider)
    figures.start()
    yield measured
    figures.stop()
    event_loop.start_watching()


def used() -> int:
    """What objects hold now."""
    gc.collect()
    found = in_use()
    assert found is not None
    return found


def test_memory_in_use_rises_with_objects_and_falls_with_them() -> None:
    """Of small ones, which CPython's allocator holds, and of large ones, which malloc does."""
    before = used()
    small = [str(number) * 3 for number in range(500_000)]
    with_small = used()
    large = bytearray(os.urandom(MB)) * 50
    with_large = used()
    del small
    without_small = used()
    del large
    assert with_small - before > 20 * MB
    assert with_large - with_small > 40 * MB
    assert with_large - without_small > 20 * MB
    assert abs(used() - before) < 10 * MB


def test_memory_in_use_is_never_above_what_is_resident() -> None:
    """What was given out and never written to is not resident."""
    untouched = bytes(300 * MB)
    resident = resident_and_private()
    assert resident is not None
    assert used() <= (resident_and_private() or (0, 0))[0]
    assert len(untouched) == 300 * MB


def test_both_allocators_tell_here() -> None:
    """On CPython with glibc, which is what CI runs on."""
    assert (pymalloc_in_use() or 0) > MB
    assert (malloc_in_use() or 0) > MB


def test_without_an_allocators_figure_it_is_what_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another C library, an interpreter without a global lock."""
    monkeypatch.setattr("telemetry.runtime.memory.malloc_in_use", lambda: None)
    found, memory = in_use(), resident_and_private()
    assert found is not None
    assert memory is not None
    assert abs(found - memory[1]) < 20 * MB


def test_without_proc_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """On other systems: no figure is better than a wrong one."""
    monkeypatch.setattr("telemetry.runtime.memory._STATM", "/nowhere")
    assert (resident_and_private(), in_use()) == (None, None)


def test_the_process_tells_its_memory_and_its_limit(running: Measured) -> None:
    """Resident memory under both its names, and a limit that it is below."""
    (total,) = running.values("nodejs_heap_size_total_bytes").values()
    (heap,) = running.values("nodejs_heap_size_used_bytes").values()
    assert 0 < heap <= total
    assert running.value("techsapo_memory_usage_bytes", "process") == pytest.approx(total, rel=0.2)
    limit = running.value("techsapo_memory_limit_bytes", "process")
    assert total < limit <= (machine_memory() or 0)


def test_each_pause_is_recorded_once(running: Measured) -> None:
    """As long as it was, and not again at the next collection of figures."""
    gc.disable()
    try:
        running.distribution(PAUSES)
        before, _ = running.distribution(PAUSES)
        for _ in range(5):
            gc.collect()
        count, total = running.distribution(PAUSES)
        assert (count - before, total > 0) == (5, True)
        assert running.distribution(PAUSES)[0] == count
    finally:
        gc.enable()


def test_more_pauses_than_the_ring_holds_are_all_counted() -> None:
    """The oldest with the mean of the others."""
    recorded: list[float] = []
    pauses = GcPauses(recorded.append)
    for _ in range(RING + 100):
        pauses._on_gc("start", {})
        pauses._on_gc("stop", {})
    pauses.fold()
    assert len(recorded) == RING + 100
    pauses.fold()
    assert len(recorded) == RING + 100


def test_pauses_at_every_allocation_disturb_nothing(running: Measured) -> None:
    """With the collector's threshold at 1, from several threads, while figures are collected."""
    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        threads = [threading.Thread(target=lambda: [[] for _ in range(2_000)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            running.distribution(PAUSES)
        for thread in threads:
            thread.join()
    finally:
        gc.set_threshold(*threshold)
    assert running.distribution(PAUSES)[0] > 100


def test_what_is_stopped_measures_no_more() -> None:
    """Neither memory nor pauses, and the collector calls nobody."""
    measured = Measured()
    figures = RuntimeFigures(measured.provider)
    figures.start()
    callbacks = len(gc.callbacks)
    figures.stop()
    event_loop.start_watching()
    assert len(gc.callbacks) == callbacks - 1
    assert measured.values("nodejs_heap_size_total_bytes") == {}


def test_a_stop_before_its_start_is_no_pause() -> None:
    """Whoever starts to follow in the midst of a collection."""
    recorded: list[float] = []
    pauses = GcPauses(recorded.append)
    pauses._on_gc("stop", {})
    pauses.fold()
    assert recorded == []


async def blocked(seconds: float) -> None:
    """Hold the loop up for so long, right when its timer is due."""
    watch_event_loop()
    watch_event_loop()
    await asyncio.sleep(event_loop.INTERVAL_SECONDS * 0.9)
    time.sleep(seconds)  # noqa: ASYNC251  # the blocking call that is looked for
    await asyncio.sleep(0.05)


def test_a_block_of_the_loop_is_one_lag(figures: Measured) -> None:
    """About as long as it was, counted once although the loop is watched twice."""
    asyncio.run(blocked(0.5))
    count, total = figures.distribution(LAG)
    assert count == 1
    assert 0.3 < total < 5


def test_a_loop_that_is_gone_is_kept_by_nobody() -> None:
    """Its timer goes with it."""
    loop = asyncio.new_event_loop()
    watch_event_loop(loop)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    gone = weakref.ref(loop)
    del loop
    gc.collect()
    assert gone() is None


def test_a_loop_that_is_closed_is_not_watched() -> None:
    """Nor is one where the telemetry has ended; without a loop it is said."""
    loop = asyncio.new_event_loop()
    loop.close()
    watch_event_loop(loop)
    with pytest.raises(RuntimeError):
        watch_event_loop()


def test_the_child_of_a_fork_tells_only_its_own_pauses() -> None:
    """What the ring held before it is the parent's."""
    recorded: list[float] = []
    pauses = GcPauses(recorded.append)
    pauses._on_gc("start", {})
    pauses._on_gc("stop", {})
    pauses.begin_in_child()
    pauses.fold()
    assert recorded == []
