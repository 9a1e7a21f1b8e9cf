"""Pauses for garbage collection: put into a ring while they happen, recorded when figures are collected.

A pause may begin anywhere, also within this library: nothing is looked up, locked or recorded in it.
"""

import gc
from array import array
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final

# At a hundred collections a second, which is a lot, a scrape every 15 s finds all of them.
RING: Final = 4_096


class GcPauses:
    """Follows the garbage collector between `start` and `stop`. `record` gets each pause in seconds, in `fold`.

    Where more pauses than the ring holds came between two folds, the oldest are recorded with the mean length of those
    that are left: their number is right, and so is, nearly, their sum.
    """

    def __init__(self, record: Callable[[float], None]) -> None:
        self._record = record
        self._ring = array("d", bytes(8 * RING))
        self._written = 0
        self._folded = 0
        self._began = 0.0

    def start(self) -> None:
        """Follow the collector; again: nothing happens."""
        if self._on_gc not in gc.callbacks:
            gc.callbacks.append(self._on_gc)

    def stop(self) -> None:
        """Follow it no more."""
        if self._on_gc in gc.callbacks:
            gc.callbacks.remove(self._on_gc)

    def begin_in_child(self) -> None:
        """Forget what was measured before a fork: it is the parent's to tell."""
        self._folded = self._written

    def fold(self) -> None:
        """Record the pauses since the last time."""
        written = self._written
        pending = written - self._folded
        self._folded = written
        if pending <= 0:
            return
        kept = [self._ring[number % RING] for number in range(max(written - RING, written - pending), written)]
        for seconds in kept:
            self._record(seconds)
        mean = sum(kept) / len(kept)
        for _ in range(pending - len(kept)):
            self._record(mean)

    def _on_gc(self, phase: str, _: Mapping[str, int]) -> None:
        # One collection at a time: the interpreter sees to that.
        if phase == "start":
            self._began = perf_counter()
        elif self._began:
            self._ring[self._written % RING] = perf_counter() - self._began
            self._written += 1
            self._began = 0.0
