"""The guards of a process: what they hear of calls, through a fork, to the end of the process.

Its end is a normal exit, or that of a child of multiprocessing: Python sees no other.
"""

import atexit
import os
import time
import weakref
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Final

import wrapt

from app_integration import spending

if TYPE_CHECKING:
    from app_integration.budget.guard import BudgetGuard
    from app_integration.budget.stores import Store

# What a start and an end wait for stores at most.
PATIENCE_SECONDS: Final = 5.0
# multiprocessing runs finalizers from the highest priority to the lowest; telemetry's last push has -1,000.
_BEFORE_THE_LAST_PUSH: Final = -900

_references: "dict[object, weakref.ref[BudgetGuard]]" = {}


def remember(guard: "BudgetGuard") -> None:
    """Have a guard among those of this process for as long as it lives."""
    key = object()
    _references[key] = weakref.ref(guard, lambda _: _references.pop(key, None))


def guards() -> "Iterator[BudgetGuard]":
    """Return the guards of this process, those that were made first before the others."""
    for reference in tuple(_references.values()):
        if (guard := reference()) is not None:
            yield guard


def _spend(spent: spending.Spent) -> None:
    # Once a store, however many guards look at it.
    told: list[Store] = []
    for guard in guards():
        if guard.is_counting and guard.store not in told:
            told.append(guard.store)
            guard.spend(spent.picodollars)


def _begin_in_child() -> None:
    for guard in guards():
        guard.begin_in_child()


def _tell_last() -> None:
    # All side by side: a store may hang.
    exchanges = [guard.exchange for guard in guards() if guard.exchange is not None]
    for exchange in exchanges:
        exchange.stop()
    end = time.monotonic() + PATIENCE_SECONDS
    for exchange in exchanges:
        exchange.join(max(0.0, end - time.monotonic()))


def _follow_children(util: ModuleType) -> None:
    # A child of multiprocessing ends without atexit, and drops the finalizers that it was born with.
    def finalize(_: object) -> None:
        util.Finalize(None, _tell_last, exitpriority=_BEFORE_THE_LAST_PUSH)

    finalize(None)
    util.register_after_fork(_tell_last, finalize)


spending.subscribe(_spend)
atexit.register(_tell_last)
wrapt.register_post_import_hook(_follow_children, "multiprocessing.util")
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
