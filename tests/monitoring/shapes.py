"""How a series runs over time, as promtool is told it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a series: `value` at its begin, which grows; None where there is no sample."""

    seconds: float
    value: float | None
    per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Shape:
    """Phases one after the other. A counter's values go on from one phase to the next."""

    phases: tuple[Phase, ...]
    counts: bool

    def of(self, share: float) -> Self:
        """Return a share of it."""
        return replace(
            self,
            phases=tuple(
                phase
                if phase.value is None
                else replace(phase, value=phase.value * share, per_second=phase.per_second * share)
                for phase in self.phases
            ),
        )

    def begun_anew(self, at: float) -> Self:
        """Return it with a restart of its process: a counter is 0 then, a gauge is as before."""
        before, after = _split(self.phases, at)
        if not self.counts or not after or after[0].value is None:
            return self
        lost = after[0].value
        rest = (phase if phase.value is None else replace(phase, value=phase.value - lost) for phase in after)
        return replace(self, phases=(*before, *rest))

    def gone(self, at: float, frozen: float = 0.0) -> Self:
        """Return it without samples from a time on, after the same value for some seconds."""
        before, after = _split(self.phases, at - frozen)
        last = before[-1].value if before else None
        if last is None:
            return self
        stuck = last + before[-1].per_second * before[-1].seconds
        still = (Phase(frozen, stuck),) if frozen else ()
        left = sum(phase.seconds for phase in after) - frozen
        return replace(self, phases=(*before, *still, *((Phase(left, None),) if left > 0 else ())))

    def told(self, step: float) -> str:
        """Return it in promtool's notation, with a sample every `step` seconds."""
        samples = ((phase, round(phase.seconds / step)) for phase in self.phases)
        return " ".join(_told(phase, number, step) for phase, number in samples if number)


def counter(*phases: tuple[float, float | None], start: float = 1_000.0) -> Shape:
    """Return a counter that grows by so much a second for so many seconds, and is missing for None."""
    value, made = start, []
    for seconds, per_second in phases:
        made.append(Phase(seconds, None) if per_second is None else Phase(seconds, value, per_second))
        value += seconds * (per_second or 0.0)
    return Shape(tuple(made), counts=True)


def gauge(*phases: tuple[float, float | None]) -> Shape:
    """Return a gauge that has a value for so many seconds, or is missing for None."""
    return Shape(tuple(Phase(seconds, value) for seconds, value in phases), counts=False)


def slope(*phases: tuple[float, float, float]) -> Shape:
    """Return a gauge that begins a phase of so many seconds at a value and grows by so much a second."""
    return Shape(tuple(Phase(*phase) for phase in phases), counts=False)


def _split(phases: Sequence[Phase], at: float) -> tuple[tuple[Phase, ...], tuple[Phase, ...]]:
    before: list[Phase] = []
    after: list[Phase] = []
    begin = 0.0
    for phase in phases:
        end = begin + phase.seconds
        if end <= at:
            before.append(phase)
        elif begin >= at:
            after.append(phase)
        else:
            before.append(replace(phase, seconds=at - begin))
            value = None if phase.value is None else phase.value + phase.per_second * (at - begin)
            after.append(replace(phase, seconds=end - at, value=value))
        begin = end
    return tuple(before), tuple(after)


def _told(phase: Phase, samples: int, step: float) -> str:
    if phase.value is None:
        # What is not there any more is told as such by a scrape, once.
        return "stale" if samples == 1 else f"stale _x{samples - 1}"
    return f"{phase.value:.9f}+{phase.per_second * step:.9f}x{samples - 1}"
