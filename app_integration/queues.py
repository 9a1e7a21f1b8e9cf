"""Queues: how much waits in them, asked of them when figures are collected."""

import functools
import threading
import weakref
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from opentelemetry.metrics import CallbackOptions, Observation, get_meter

# Names that are reported, for ever: a queue that is gone is empty. The label's limit is less.
_MOST_NAMES: Final = 100


class Queue(Protocol):
    """What `queue.Queue`, `asyncio.Queue` and multiprocessing's queues have in common."""

    def qsize(self) -> int:
        """Return how many entries wait."""


Size = Callable[[], int]

_lock = threading.RLock()
_watched: dict[str, list[Callable[[], Size | None]]] = {}


def watch_queue(name: str, queue: Queue | Size) -> None:
    """Report how many entries wait in a queue, or what a function says; several under one name add up.

    A queue is not kept alive by this, a function is. It is asked from another thread, so a function must not need the
    event loop.
    """
    with _lock:
        if name in _watched or len(_watched) < _MOST_NAMES:
            _watched.setdefault(name, []).append(_asker(queue))


def _asker(queue: Queue | Size) -> Callable[[], Size | None]:
    """Return what gives the function to ask, None once the queue is gone. It must not hold the queue itself."""
    if callable(queue):
        return functools.partial(_same, queue)
    reference = weakref.ref(queue)

    def ask() -> Size | None:
        alive = reference()
        return None if alive is None else alive.qsize

    return ask


def _same(size: Size) -> Size:
    return size


def _observe(_: CallbackOptions) -> Iterable[Observation]:
    with _lock:
        watched = {name: list(sizes) for name, sizes in _watched.items()}
    for name, sizes in watched.items():
        found = [size for ask in sizes if (size := ask()) is not None]
        yield Observation(sum(size() for size in found), {"queue_name": name})


get_meter("techsapo.queues").create_observable_gauge(
    "techsapo.queue.size", [_observe], unit="{item}", description="Entries that wait in a queue."
)
