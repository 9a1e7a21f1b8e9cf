"""Rules: how one kind of personal data is found in a text.

Rules read a *shadow* of the text: of the same length, with NULs where a datum was found already or stands
masked. No pattern takes a NUL in, and to what is beside it a NUL is neither letter nor digit. The rules run
until none finds more, so that a masked text has nothing left to find: masking is idempotent.

Every pattern takes time linear in the text: runs are possessive or of bounded length, and no start
looks twice over what an earlier start has looked over.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

Span = tuple[int, int]
Accept = Callable[[re.Match[str]], bool]

BLANK = "\0"

# A datum is not a part of a longer word. ASCII only: Japanese text has no blanks around a number.
WORD_STARTS = r"(?<![A-Za-z0-9])"
WORD_ENDS = r"(?![A-Za-z0-9])"

# Nor is a number part of a decimal fraction. A bracket may stand anywhere. The class is first: it is quick to find.
_NUMBER_START = re.compile(r"[0-9(](?<![A-Za-z0-9][0-9])(?<![0-9\x00]\.[0-9])")
_ANY = "(0123456789"
_NOT_DIGITS = re.compile(r"[^0-9]+")


class Shadow:
    """A text as the rules see it, and the places in it where a number may start."""

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: dict[str, tuple[int, ...]] = {}

    def number_starts(self, first: str = _ANY) -> tuple[int, ...]:
        """Return the positions of the characters `first` that no word or number runs up to."""
        starts = self._starts.get(first)
        if starts is None:
            text = self.text
            if first == _ANY:
                starts = tuple(match.start() for match in _NUMBER_START.finditer(text))
            else:
                starts = tuple(position for position in self.number_starts() if text[position] in first)
            self._starts[first] = starts
        return starts

    def take(self, spans: list[Span]) -> None:
        """Put the spans, which are in order and do not overlap, out of reach of further rules."""
        pieces: list[str] = []
        position = 0
        for start, end in spans:
            pieces += (self.text[position:start], BLANK * (end - start))
            position = end
        pieces.append(self.text[position:])
        self.text = "".join(pieces)
        self._starts = {}


Find = Callable[[Shadow], list[Span]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of personal data and what finds it: spans in a shadow, from left to right, none overlapping.

    A rule without a kind finds what is no personal data, and keeps later rules away from it.
    """

    kind: str
    find: Find


def by_pattern(pattern: str, accept: Accept | None = None, flags: int = 0) -> Find:
    """Return a finder of what the group `datum` of a pattern takes in, where `accept` agrees."""
    compiled = re.compile(pattern, flags)

    def find(shadow: Shadow) -> list[Span]:
        return [match.span("datum") for match in compiled.finditer(shadow.text) if accept is None or accept(match)]

    return find


def by_number(pattern: str, accept: Accept | None = None, first: str = _ANY) -> Find:
    """Return a finder of numbers: the pattern is tried wherever one may start, with one of the characters `first`."""
    match_at = re.compile(f"(?P<datum>{pattern}){WORD_ENDS}").match

    def find(shadow: Shadow) -> list[Span]:
        text = shadow.text
        taken = 0
        spans = []
        for position in shadow.number_starts(first):
            match = match_at(text, position)
            if match is not None and position >= taken and (accept is None or accept(match)):
                spans.append(match.span())
                taken = match.end()
        return spans

    return find


def digits_of(text: str) -> str:
    """Return the ASCII digits of a text."""
    return _NOT_DIGITS.sub("", text)
