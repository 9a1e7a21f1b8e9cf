"""What has been analysed goes to an archive, one after the other, and nobody waits for it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, Protocol

from starlette.concurrency import run_in_threadpool

from app_integration.errors import count_error
from app_integration.queues import watch_queue
from app_integration.reference_app.history import Analysis

# Past it results are not archived; they are in the history all the same.
_MOST_WAITING: Final = 1_000
_FINISH_SECONDS: Final = 5.0

_logger = logging.getLogger(__name__)


class Archive(Protocol):
    """Where documents are kept. The methods block: call them in a thread."""

    def keep(self, name: str, document: Mapping[str, object]) -> str:
        """Store a document and return where it is. Raises archive.ArchiveError."""

    def close(self) -> None:
        """Let go of what is held."""


class NoArchive:
    """Keeps nothing."""

    def keep(self, name: str, document: Mapping[str, object]) -> str:  # noqa: ARG002  # the interface has it
        """Forget the document."""
        return name

    def close(self) -> None:
        """Nothing is held."""


class ArchiveFullError(Exception):
    """The archive is so slow that no more results can wait for it."""


class Archiving:
    """The queue before an archive; within one event loop."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Analysis] = asyncio.Queue(_MOST_WAITING)
        watch_queue("archive", self._queue)

    def put(self, analysis: Analysis) -> None:
        """Have an analysis archived in its turn. One too many is counted as an error, and left out."""
        try:
            self._queue.put_nowait(analysis)
        except asyncio.QueueFull:
            count_error(ArchiveFullError(), severity="warning", service="archive")

    async def work(self, archive: Archive) -> None:
        """Archive what comes, until cancelled."""
        while True:
            analysis = await self._queue.get()
            try:
                await run_in_threadpool(archive.keep, analysis.id, analysis.model_dump(mode="json"))
            except Exception as error:  # noqa: BLE001  # one result that cannot be kept must not end the archive
                _logger.warning("%s", error)
                count_error(error, severity="error", service="archive")
            finally:
                self._queue.task_done()

    async def finish(self) -> None:
        """Wait until nothing is waiting, for some seconds."""
        try:
            async with asyncio.timeout(_FINISH_SECONDS):
                await self._queue.join()
        except TimeoutError:
            _logger.warning("%d results were not archived", self._queue.qsize())


@asynccontextmanager
async def archiving(archive: Archive) -> AsyncIterator[Archiving]:
    """Lend a queue whose worker archives; finished at the end."""
    queue = Archiving()
    worker = asyncio.create_task(queue.work(archive))
    try:
        yield queue
        await queue.finish()
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        await run_in_threadpool(archive.close)
