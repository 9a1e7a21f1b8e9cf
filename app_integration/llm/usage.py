"""The tokens of one answer, as they are paid for."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Half: TypeAlias = Literal["input", "output"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer. The parts are disjoint; none is negative.

    `input` are those at the full price of input, `cache_read` those that the provider had in its cache, `cache_write`
    those that it put there (Anthropic: for five minutes, `cache_write_1h` for an hour). `output` holds the tokens of
    reasoning as well. `service_tier` is the tier that the answer names; None where it is the ordinary one. `untold` are
    the halves, input or output, that the answer says nothing of: 0 of them is not what it cost.
    """

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int = 0
    service_tier: str | None = None
    untold: tuple[Half, ...] = ()

    @property
    def prompt(self) -> int:
        """All tokens of the input, on which the price of a long prompt depends."""
        return self.input + self.cache_read + self.cache_write + self.cache_write_1h


def untold(*, sent: bool, received: bool) -> tuple[Half, ...]:
    """Return the halves of an answer's tokens that it does not tell."""
    halves: tuple[tuple[Half, bool], ...] = (("input", sent), ("output", received))
    return tuple(half for half, told in halves if not told)
