"""A made-up personal datum: how it is written, and what has to be left of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Datum:
    """A personal datum in a spelling of it.

    `masked` is what is left of `text` when the datum is replaced by its kind in brackets; `secret` is the part of it
    that must be nowhere, in no spelling.
    """

    text: str
    masked: str
    secret: str
