"""What it costs to measure the process: CPU time of one that waits, with the figures and without.

One that waits is the dearest: each timer wakes it, and it finds nothing in the processor's caches.
"""

import asyncio
import gc
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from opentelemetry.sdk.resources import Resource

from benchmarks.table import aligned, number
from benchmarks.timing import Timed, in_turn
from telemetry.engine import MeterProvider
from telemetry.runtime import RuntimeFigures, watch_event_loop
from telemetry.runtime.gc_pauses import GcPauses

# One interval of pushes or scrapes, so one collection of the figures.
SECONDS = 15.0
ROUNDS = 5
AIM_PERCENT = 0.1
# What the process holds, some 200 MB: allocators are asked how much, which takes longer the more it is.
_OBJECTS = 1_000_000
_COLLECTIONS = 20_000
_FOLD_EVERY = 1_000


@dataclass(frozen=True)
class Cost:
    """CPU time in percent of one core, and of a garbage collection in ns: with the figures, and without."""

    measured: Timed
    bare: Timed
    collection_measured: Timed
    collection_bare: Timed

    @property
    def percent(self) -> float:
        """What the figures add, the median of the rounds."""
        return _added(self.measured, self.bare)

    @property
    def reached(self) -> bool:
        """Whether it is below the aim."""
        return self.percent < AIM_PERCENT

    def missed(self) -> str:
        """The aim in words."""
        return f"figures of the process: {self.percent:.3f} % CPU, aim {AIM_PERCENT} %"

    def show(self) -> str:
        """Render the table."""
        cells = [["", "", "with", "without", "added"]]
        for what, unit, measured, bare in (
            ("CPU of a process that waits", "%", self.measured, self.bare),
            ("garbage collection of the youngest, empty", "ns", self.collection_measured, self.collection_bare),
        ):
            ratio = f"{number(measured)} ({measured.times(bare):.2f}x)"
            cells.append([what, unit, ratio, number(bare), f"{_added(measured, bare):.3g}"])
        return aligned(cells)


def cost(seconds: float = SECONDS, rounds: int = ROUNDS) -> Cost:
    """Measure in processes of their own, in turn."""
    figures: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(rounds):
        for name, spent in figures.items():
            run = subprocess.run(
                [sys.executable, "-m", "benchmarks.runtime", name, str(seconds)], stdout=subprocess.PIPE, check=True
            )
            spent.append(float(run.stdout) / seconds * 100)
    collections = _collections()
    return Cost(
        measured=Timed(tuple(figures["with"])),
        bare=Timed(tuple(figures["without"])),
        collection_measured=collections["with"],
        collection_bare=collections["without"],
    )


def _added(measured: Timed, bare: Timed) -> float:
    return statistics.median(mine - theirs for mine, theirs in zip(measured.rounds, bare.rounds, strict=True))


def _collections() -> dict[str, Timed]:
    """Time garbage collections that are followed, and folded now and then, beside some that are not; ns each."""
    provider = MeterProvider(resource=Resource.get_empty(), salt=b"the benchmark's own")
    pauses = GcPauses(provider.get_meter("benchmark").create_histogram("techsapo.runtime.gc.duration").record)

    def followed() -> None:
        pauses.start()
        for _ in range(_FOLD_EVERY):
            gc.collect(0)
        pauses.stop()
        pauses.fold()

    def bare() -> None:
        for _ in range(_FOLD_EVERY):
            gc.collect(0)

    timed = in_turn({"with": followed, "without": bare}, calls=_COLLECTIONS // _FOLD_EVERY)
    return {name: each.scaled(1 / _FOLD_EVERY) for name, each in timed.items()}


async def _wait(*, watched: bool, seconds: float) -> float:
    kept = [(number, str(number)) for number in range(_OBJECTS)]
    provider = MeterProvider(resource=Resource.get_empty(), salt=b"the benchmark's own")
    if watched:
        RuntimeFigures(provider).start()
        watch_event_loop()
    provider.snapshot()  # what is done once, such as finding the allocators' functions, is no running cost
    began = time.process_time()
    await asyncio.sleep(seconds)
    provider.snapshot()
    spent = time.process_time() - began
    del kept
    return spent


if __name__ == "__main__":
    print(asyncio.run(_wait(watched=sys.argv[1] == "with", seconds=float(sys.argv[2]))))
