"""What begins anew in the child of a fork: of its parent's threads it has one, and the locks of all."""

import os
import weakref
from typing import Final, Protocol


class InChild(Protocol):
    """Something with locks of its own, or with what two processes must not share."""

    def begin_in_child(self) -> None:
        """Make locks anew: who held one is not here. There is one thread yet."""


_living: "Final[weakref.WeakSet[InChild]]" = weakref.WeakSet()


def remember(each: InChild) -> None:
    """Have it begin anew in each child that is forked while it lives."""
    _living.add(each)


def _begin_in_child() -> None:
    for each in tuple(_living):
        each.begin_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
