"""Fields of an SDK's objects, whatever they turn out to be: an answer may hold anything."""

from typing import Final

# No answer has as many tokens; a figure beyond it is none, and would not survive as a float.
_MOST: Final = 10**12


def field(told: object, name: str) -> object:
    """Return a field of an object or of a mapping, None where there is none."""
    return told.get(name) if isinstance(told, dict) else getattr(told, name, None)


def text(told: object, name: str) -> str | None:
    """Return a field that is a text with something in it."""
    value = field(told, name)
    return value if isinstance(value, str) and value else None


def count(told: object, name: str) -> int | None:
    """Return a field that is a count of tokens: a whole number from 0 on, and no absurd one."""
    value = field(told, name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= _MOST else None
