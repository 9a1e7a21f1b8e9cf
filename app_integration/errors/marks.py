"""Marks on errors that have been counted. An error carries its mark along: raised again, copied, in other threads."""

import os
import threading
import weakref
from typing import Final

MARK: Final = "_techsapo_counted"

# Errors that take no mark are known by reference, as long as they live and not more of them than this have come since.
_MOST_REMEMBERED: Final = 1_000

# Reentrant: a garbage collection within may end an error that is remembered, or count one. A child of a fork has one of
# its own, so it is asked for here and not imported by its name.
lock = threading.RLock()
_remembered: dict[int, weakref.ref[BaseException]] = {}


def is_marked(error: BaseException) -> bool:
    """Tell whether this very error has been marked, or the one that it is a copy of."""
    if error.__dict__.get(MARK) is True:
        return True
    reference = _remembered.get(id(error))
    return reference is not None and reference() is error


def mark(error: BaseException) -> None:
    """Mark an error; what it holds, its traceback's frames among it, lives no longer for it."""
    try:
        setattr(error, MARK, True)
    except Exception:  # noqa: BLE001  # a class may forbid it, as frozen dataclasses do
        _remember(error)
    else:
        if not is_marked(error):  # its __setattr__ has put it elsewhere
            _remember(error)


def _remember(error: BaseException) -> None:
    key = id(error)

    def forget(reference: weakref.ref[BaseException]) -> None:
        with lock:
            if _remembered.get(key) is reference:
                del _remembered[key]

    try:
        reference = weakref.ref(error, forget)
    except TypeError:
        # A class with empty __slots__ has room for no reference either. Copies of its errors may be refused now, by
        # its own __setattr__: so this comes last.
        error.__dict__[MARK] = True
        return
    _remembered.pop(key, None)
    _remembered[key] = reference
    while len(_remembered) > _MOST_REMEMBERED:
        _remembered.pop(next(iter(_remembered)), None)


def _begin_in_child() -> None:
    global lock  # noqa: PLW0603  # a thread that held it is not in the child
    lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
