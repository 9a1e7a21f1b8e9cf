"""A link to a server, on which every answer can be made to take longer."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app_integration.demo.processes import LOOPBACK

_CHUNK_BYTES = 65_536


class SlowLink:
    """Passes on what comes to `port`, and what is answered to it `delay` seconds later; 0 at the beginning."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._delay = 0.0
        self._changed = asyncio.Event()
        self._passing: set[asyncio.Task[None]] = set()

    def let(self, delay: float) -> None:
        """Have answers take so many seconds longer from now on; those that are under way come at once."""
        self._delay = delay
        self._changed.set()
        self._changed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on a connection until either side ends it."""
        if (task := asyncio.current_task()) is not None:
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)
        with contextlib.suppress(OSError):
            answers, questions = await asyncio.open_connection(LOOPBACK, self._target)
            ways = [
                asyncio.create_task(self._ask(reader, questions)),
                asyncio.create_task(self._answer(answers, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                questions.close()
        writer.close()

    async def close(self) -> None:
        """End all connections."""
        for task in (passing := [*self._passing]):
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK_BYTES):
            if self._delay:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), self._delay)
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def running(target: int) -> AsyncIterator[SlowLink]:
    """Open a link on a free port of loopback to the port `target`."""
    link = SlowLink(target)
    server = await asyncio.start_server(link.serve, LOOPBACK, 0)
    link.port = int(server.sockets[0].getsockname()[1])
    try:
        yield link
    finally:
        server.close()
        await link.close()
