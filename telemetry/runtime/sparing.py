"""A figure that is seldom asked for where it is dear."""

from collections.abc import Callable
from time import perf_counter
from typing import Final

# What is dearer than this is asked for so seldom that it takes no more than this share of the time.
FREE_SECONDS: Final = 0.005
SHARE: Final = 0.0005


class Sparing:
    """Asks a function for its figure; what took longer than 5 ms is kept until it was 0.05 % of the time since.

    An answer of 20 ms is 40 s old at most, then.
    """

    def __init__(self, ask: Callable[[], int | None], clock: Callable[[], float] = perf_counter) -> None:
        self._ask = ask
        self._clock = clock
        self._kept: int | None = None
        self._until = float("-inf")

    def __call__(self) -> int | None:
        """Return the figure, as it is or as it was."""
        began = self._clock()
        if began >= self._until:
            self._kept = self._ask()
            ended = self._clock()
            took = ended - began
            self._until = ended + took / SHARE if took > FREE_SECONDS else ended
        return self._kept
