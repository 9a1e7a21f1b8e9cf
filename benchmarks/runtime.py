"""What it costs to measure the process: CPU time of one that idles and collects garbage, with the figures and not."""

import asyncio
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from opentelemetry.sdk.resources import Resource

from benchmarks.table import aligned
from telemetry.engine import MeterProvider
from telemetry.runtime import RuntimeFigures, watch_event_loop

# One interval of pushes or scrapes, so one collection of the figures.
SECONDS = 15.0
ROUNDS = 5
AIM_PERCENT = 0.1
# Enough new objects for the collector's youngest generation, fifty times a second.
_OBJECTS = 1_000
_PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Cost:
    """CPU time in percent of one core, of each round: with the figures, and without."""

    measured: tuple[float, ...]
    bare: tuple[float, ...]

    @property
    def percent(self) -> float:
        """What the figures add, the median of the rounds."""
        return statistics.median(mine - theirs for mine, theirs in zip(self.measured, self.bare, strict=True))

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
        medians = [f"{statistics.median(rounds):.3f}" for rounds in (self.measured, self.bare)]
        cells.append(["CPU, 50 garbage collections a second", "%", *medians, f"{self.percent:.3f}"])
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
    return Cost(tuple(figures["with"]), tuple(figures["without"]))


async def _idle(*, watched: bool, seconds: float) -> float:
    provider = MeterProvider(resource=Resource.get_empty(), salt=b"the benchmark's own")
    if watched:
        RuntimeFigures(provider).start()
        watch_event_loop()
        provider.snapshot()  # what is done once, such as finding the allocators' functions, is no running cost
    began = time.process_time()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        kept = [[] for _ in range(_OBJECTS)]  # type: ignore[var-annotated]  # empty lists of nothing
        del kept
        await asyncio.sleep(_PAUSE_SECONDS)
    provider.snapshot()
    return time.process_time() - began


if __name__ == "__main__":
    print(asyncio.run(_idle(watched=sys.argv[1] == "with", seconds=float(sys.argv[2]))))
