"""Reads the tables of receivers.toml: every value is checked, and what is unknown is refused."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

Table = Mapping[str, object]

# What stands between two braces Alertmanager would run as a template, at the first notification.
_TEMPLATE: Final = "{{"


class ReceiversError(ValueError):
    """A setting of receivers.toml is wrong; the message names it, what was got, and what would be right."""


def table(told: object, name: str, *, needed: Sequence[str], optional: Sequence[str] = ()) -> Table:
    """Return what stands under `name`, a table with these keys."""
    if not isinstance(told, dict):
        raise ReceiversError(f"{name}: got {told!r}; a table is needed")
    if unknown := sorted(set(told) - {*needed, *optional}):
        raise ReceiversError(f"{name}: got {', '.join(unknown)}; known are {', '.join([*needed, *optional])}")
    if missing := [key for key in needed if key not in told]:
        raise ReceiversError(f"{name}: got no {', '.join(missing)}; needed are {', '.join(needed)}")
    return told


def text(told: object, name: str, pattern: str, example: str) -> str:
    """Return a text that `pattern` matches wholly."""
    if not isinstance(told, str) or not re.fullmatch(pattern, told) or _TEMPLATE in told:
        raise ReceiversError(f"{name}: got {told!r}; something like {example!r} is needed")
    return told


def texts(told: object, name: str, known: Sequence[str], *, least: int) -> tuple[str, ...]:
    """Return a list of at least `least` of the `known` texts, each once."""
    listed = _listed(told, name, known, least)
    for one in listed:
        if one not in known:
            raise ReceiversError(f"{name}: got {one!r}; known are {', '.join(known)}")
    return listed


def addresses(told: object, name: str, pattern: str, example: str) -> tuple[str, ...]:
    """Return a list of at least one text that `pattern` matches."""
    return tuple(text(one, name, pattern, example) for one in _listed(told, name, (example,), 1))


def yes_or_no(told: object, name: str) -> bool:
    """Return a boolean."""
    if not isinstance(told, bool):
        raise ReceiversError(f"{name}: got {told!r}; true or false is needed")
    return told


def _listed(told: object, name: str, examples: Sequence[str], least: int) -> tuple[str, ...]:
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told) or len(told) < least:
        raise ReceiversError(f"{name}: got {told!r}; a list with {least} or more is needed, such as {examples[:1]!r}")
    if len(set(told)) < len(told):
        raise ReceiversError(f"{name}: got {told!r}; each once is enough")
    return tuple(told)
