"""A million records from eight threads that switch as often as they can: not one is lost, none is torn.

How it fails: with the types of amounts no longer checked in the compiled function, so that nothing is converted by
`exact`, an addition runs the subclass's `__radd__`, threads switch in the midst of `cell[0] += amount`, and a fifth of
the sum is gone where there is no lock (seen).
"""

import sys
import threading
from collections.abc import Iterator

import pytest

from telemetry.contract import Bounded, MetricType, Take
from telemetry.engine import FIRST_BUCKET, MAX, MIN, SUM, Cell, MeterProvider
from tests.support.contracts import histogram, metric, provider, values

THREADS = 8
RECORDS = 1_000_000
# Of a thread: one counter and one histogram each time.
ROUNDS = RECORDS // THREADS // 2
SERIES = ("a", "b", "c")
SIZES = (0.5, 5, 50)

COUNTED = metric("counted_total", MetricType.COUNTER, Take.SUM, "counted", {"x": Bounded(9)})
SIZED = histogram({"x": Bounded(9)})


class Measured(float):
    """A float whose addition is Python code, in which threads switch."""

    def __radd__(self, other: float) -> float:
        """As libraries with units write it."""
        total = float(other)
        for _ in range(2):
            total += 0.0
        return total + float(self)

    __add__ = __radd__


@pytest.fixture(autouse=True)
def switching() -> Iterator[None]:
    """Threads switch at every opportunity that the interpreter gives."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def whole(cell: Cell) -> bool:
    """Tell whether a cell belongs together: the sum follows from the counts, as each bucket has one size."""
    counts = cell[FIRST_BUCKET:]
    seen = [size for size, count in zip(SIZES, counts, strict=True) if count]
    total = sum(size * count for size, count in zip(SIZES, counts, strict=True))
    return (cell[SUM], cell[MIN], cell[MAX]) == (total, min(seen), max(seen))


def record(source: MeterProvider, *, bound: bool) -> list[Cell]:
    """Record from all threads while another one collects; return the cells that were collected meanwhile."""
    meter = source.get_meter("stress")
    counted, sized = meter.create_counter("counted"), meter.create_histogram("size")
    started = threading.Barrier(THREADS + 1)
    ended = threading.Event()
    collected: list[Cell] = []

    def work(thread: int) -> None:
        attributes = {"x": SERIES[thread % len(SERIES)], "dropped": "y"}
        add, observe = counted.add, sized.record
        bound_add, bound_record = counted.bind(attributes).add, sized.bind(attributes).record
        one, sizes = Measured(1), [Measured(size) if thread % 2 else size for size in SIZES]
        started.wait()
        for number in range(ROUNDS):
            if bound:
                bound_add(one if number % 2 else 1)
                bound_record(sizes[number % 3])
            else:
                add(one if number % 2 else 1, attributes)
                observe(sizes[number % 3], attributes)

    def collect() -> None:
        started.wait()
        while not ended.is_set():
            for taken in source.snapshot():
                collected.extend(value for _, value in taken.points if isinstance(value, list))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    collector = threading.Thread(target=collect)
    for thread in (*threads, collector):
        thread.start()
    for thread in threads:
        thread.join()
    ended.set()
    collector.join()
    return collected


@pytest.mark.parametrize("locked", [False, True], ids=["under the GIL", "locked"])
@pytest.mark.parametrize("bound", [False, True], ids=["by attributes", "bound"])
def test_a_million_records_from_eight_threads_are_all_there(locked: bool, bound: bool) -> None:
    """The exact total of each series; every cell that a collection took on the way belongs together."""
    source = provider(COUNTED, SIZED, locked=locked)
    collected = record(source, bound=bound)
    of_series = {(name,): ROUNDS * len(range(index, THREADS, len(SERIES))) for index, name in enumerate(SERIES)}
    assert values(source, "counted_total") == of_series
    cells = values(source, "size")
    assert {labels: sum(cell[FIRST_BUCKET:]) for labels, cell in cells.items() if isinstance(cell, list)} == of_series
    assert sum(of_series.values()) * 2 == RECORDS
    assert [cell for cell in (*collected, *cells.values()) if isinstance(cell, list) and not whole(cell)] == []
    assert collected


def test_label_sets_that_threads_meet_at_once_are_one_series() -> None:
    """Series are born, limits met and memories emptied while all threads look the same label sets up."""
    source = provider(metric("counted_total", MetricType.COUNTER, Take.SUM, "counted", {"x": Bounded(5_000)}))
    counted = source.get_meter("stress").create_counter("counted")
    started = threading.Barrier(THREADS)

    def work() -> None:
        started.wait()
        for number in range(6_000):
            counted.add(1, {"x": f"v{number}"})

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = values(source, "counted_total")
    assert sum(value for value in found.values() if isinstance(value, int)) == THREADS * 6_000
    # The metric's limit of 2,000 series comes before the label's; the one beyond is `other`.
    assert (len(found), found["v0",], found["v1999",], found["other",]) == (2_001, THREADS, THREADS, THREADS * 4_000)
