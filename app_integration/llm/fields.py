"""Fields of an SDK's objects, whatever they turn out to be: an answer may hold anything."""

from typing import Final

# No answer has as many tokens; a figure beyond it is none, and would not survive as a float.
_MOST: Final = 10**12
_NO_MODEL: Final = object()


def is_model(told: object) -> bool:
    """Tell whether an object is one of pydantic's, as the SDKs' answers are."""
    return hasattr(told, "__pydantic_extra__")


def field(told: object, name: str) -> object:
    """Return a field of an object or of a mapping, None where there is none."""
    if isinstance(told, dict):
        return told.get(name)
    extra = getattr(told, "__pydantic_extra__", _NO_MODEL)
    if extra is _NO_MODEL:
        return getattr(told, name, None)
    # To ask a model for what it does not have costs 2 us, and most parts of a stream have little.
    found = vars(told).get(name)
    return extra.get(name) if found is None and isinstance(extra, dict) else found


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
