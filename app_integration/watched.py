"""Figures that are asked for when they are collected: under a name each, where several of one name add up."""

import functools
import os
import threading
import weakref
from collections.abc import Callable, Iterable
from types import MethodType
from typing import Final, Protocol

from opentelemetry.metrics import CallbackOptions, Observation

# Names that are told, for ever: what is gone is 0. The labels' limits are less.
_MOST_NAMES: Final = 100

Count = Callable[[], int]
Callback = Callable[[CallbackOptions], Iterable[Observation]]
# Gives the function to ask, None once what it asks about is gone.
_Ask = Callable[[], Count | None]


class Queue(Protocol):
    """What `queue.Queue`, `asyncio.Queue` and multiprocessing's queues have in common."""

    def qsize(self) -> int:
        """Return how many entries wait."""


class Watched:
    """What is asked, by name. `register` makes an instrument of a callback, and is called once a name.

    So a function that hangs or raises keeps the telemetry from asking those of its own name, and no others.
    """

    def __init__(
        self, attribute: str, register: Callable[[Callable[[CallbackOptions], Iterable[Observation]]], object]
    ):
        self._attribute = attribute
        self._register = register
        # Reentrant: a garbage collection within may watch or forget something.
        self._lock = threading.RLock()
        self._asked: dict[str, list[_Ask]] = {}
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_in_child)

    def watch(self, name: str, source: Queue | Count) -> Callable[[], None]:
        """Ask `source` from now on; return the function that ends it. The 101st name is not told."""
        ask = _asker(source)
        with self._lock:
            new = name not in self._asked
            if new and len(self._asked) >= _MOST_NAMES:
                return lambda: None
            asked = self._asked.setdefault(name, [])
            asked[:] = [each for each in asked if each() is not None]
            asked.append(ask)
        if new:
            self._register(functools.partial(self._observe, name))
        return functools.partial(self._forget, asked, ask)

    def _begin_in_child(self) -> None:
        self._lock = threading.RLock()  # a thread that held it is not in the child

    def _forget(self, asked: list[_Ask], ask: _Ask) -> None:
        with self._lock:
            if ask in asked:
                asked.remove(ask)

    def _observe(self, name: str, _: CallbackOptions) -> Iterable[Observation]:
        with self._lock:
            counts = [count for ask in self._asked[name] if (count := ask()) is not None]
        # Without the lock: one that takes long must not hold up who watches another.
        yield Observation(sum(count() for count in counts), {self._attribute: name})


def _asker(source: Queue | Count) -> _Ask:
    """Return what gives the function to ask. It must not hold the queue, or the object of a method, itself."""
    if isinstance(source, MethodType):
        return weakref.WeakMethod(source)
    if callable(source):
        return functools.partial(_same, source)
    try:
        reference = weakref.ref(source)
    except TypeError:  # its class has no room for one: it is kept
        return functools.partial(_same, source.qsize)

    def ask() -> Count | None:
        alive = reference()
        return None if alive is None else alive.qsize

    return ask


def _same(count: Count) -> Count:
    return count
