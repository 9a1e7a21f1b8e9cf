"""New analyses, as they come, to everybody who listens."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from app_integration.reference_app.history import Analysis

# A listener that is further behind than this misses the oldest: one that is slow must not fill the memory.
_MOST_WAITING = 100


class Feed:
    """Hands each published analysis to all subscribers of this process; within one event loop."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Analysis]] = set()

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[Analysis]]:
        """Lend a queue that what is published goes to."""
        queue: asyncio.Queue[Analysis] = asyncio.Queue(_MOST_WAITING)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def publish(self, analysis: Analysis) -> None:
        """Hand an analysis to everybody who listens now."""
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(analysis)
