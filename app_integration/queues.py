"""Queues: how much waits in them, asked of them when figures are collected."""

from collections.abc import Callable
from typing import Final

from opentelemetry.metrics import get_meter

from app_integration.watched import Count, Queue, Watched

_meter = get_meter("techsapo.queues")

_watched: Final = Watched(
    "queue_name",
    lambda callback: _meter.create_observable_gauge(
        "techsapo.queue.size", [callback], unit="{item}", description="Entries that wait in a queue."
    ),
)


def watch_queue(name: str, queue: Queue | Count) -> Callable[[], None]:
    """Report how many entries wait in a queue, or what a function says; several under one name add up.

    A queue is not kept alive by this, nor is the object of a method (`watch_queue("jobs", jobs.waiting)`), any other
    function is; what is gone has nothing waiting. It is asked from another thread, so a function must not need the
    event loop. `name` is a name in lower case. Returns the function that ends it.
    """
    return _watched.watch(name, queue)
