"""Timing: peers in turn, round after round, so that a slow moment of the machine hits all of them."""

import statistics
import timeit
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ROUNDS = 7
CALLS = 60_000


@dataclass(frozen=True)
class Timed:
    """A figure for each round."""

    rounds: tuple[float, ...]

    def times(self, other: "Timed") -> float:
        """How many times `other` this was: the median of the ratios round by round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.rounds, other.rounds, strict=True))

    def scaled(self, factor: float) -> "Timed":
        """Return the same in another unit."""
        return Timed(tuple(figure * factor for figure in self.rounds))


def in_turn(actions: Mapping[str, Callable[[], object]], rounds: int = ROUNDS, calls: int = CALLS) -> dict[str, Timed]:
    """Time each action `calls` times a round, all of them in each round; nanoseconds a call.

    The cost of calling a function that does nothing is taken off.
    """
    figures: dict[str, list[float]] = {name: [] for name in actions}
    for action in actions.values():
        timeit.timeit(action, number=max(1, calls // 10))
    for _ in range(rounds):
        empty = timeit.timeit(_nothing, number=calls)
        for name, action in actions.items():
            spent = timeit.timeit(action, number=calls) - empty
            figures[name].append(max(spent, 1e-9) / calls * 1e9)
    return {name: Timed(tuple(values)) for name, values in figures.items()}


def _nothing() -> None:
    """Do what an action costs beside its work."""
