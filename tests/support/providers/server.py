"""An HTTP/1.1 server on loopback that is all providers at once, in control of every byte that it sends.

Plain asyncio in a thread of its own: neither the application's simulator nor an HTTP framework that is instrumented.
"""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http import HTTPStatus
from urllib.parse import urlsplit

from tests.support import ports
from tests.support.providers.routes import Route, find
from tests.support.providers.script import Asked, Json, Piece, Reply

Script = Callable[[Asked], Reply]

_JSON = "application/json"
_EVENTS = "text/event-stream; charset=utf-8"
# SO_LINGER with no time: what is closed so is reset.
_RESET = struct.pack("ii", 1, 0)


class Providers:
    """`url` is where the server listens; `asked` holds the requests that came, in their order.

    `script` chooses the reply to each request; `queue` gives one that answers in turn, and ordinarily after that.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.script: Script = lambda _: Reply()
        self.was_asked = threading.Event()

    def queue(self, *replies: Reply) -> None:
        """Forget what was, and answer with these, one after the other; then with the last one, for ever."""
        waiting = list(replies)
        self.asked.clear()
        self.was_asked.clear()
        self.script = lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answer_one(reader, writer):
                pass
        writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        path = first.split(" ")[1]
        if "://" in path:  # as a client asks its proxy; the host is whose API it is
            path = "/" + (urlsplit(path).hostname or "") + urlsplit(path).path
        parsed: object = json.loads(body) if body else {}
        found = find(path)
        if found is None or not isinstance(parsed, dict):
            writer.write(_head(404, {"content-type": _JSON, "content-length": "2"}) + b"{}")
            await writer.drain()
            return True
        asked = self._remember(path, headers, parsed, *found)
        return await _Answer(asked, found[0], reader, writer).send()

    def _remember(
        self, path: str, headers: Mapping[str, str], body: Json, route: Route, in_path: Mapping[str, str]
    ) -> Asked:
        model = in_path.get("model") or str(body.get("model"))
        streams = route.streams(path, body)
        asked = Asked(route.provider, route.operation, path, headers, body, model, streams, Reply())
        asked.reply = self.script(asked)
        self.asked.append(asked)
        self.was_asked.set()
        return asked


class _Answer:
    """The answer to one request on its way."""

    def __init__(self, asked: Asked, route: Route, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._asked = asked
        self._reply = asked.reply
        self._wire = route.wire
        self._reader = reader
        self._writer = writer

    async def send(self) -> bool:
        """Send it; return whether the connection goes on."""
        reply = self._reply
        if reply.parts == 0 and reply.ending in ("closed", "reset", "held"):
            return await self._end()
        headers = {**self._wire.headers, **reply.headers}
        if reply.status != HTTPStatus.OK or not self._asked.streams:
            piece = self._whole()
            cut = len(piece.data) // 2 if reply.ending in ("closed", "reset", "held") else None
            headers = {"content-type": _JSON, "content-length": str(len(piece.data)), **headers}
            if cut is None:
                self._told(piece)
            await self._write(_head(reply.status, headers) + piece.data[:cut])
            return True if cut is None else await self._end()
        pieces = self._parts()
        chunked = {"content-type": _EVENTS, "cache-control": "no-cache", "transfer-encoding": "chunked", **headers}
        await self._write(_head(reply.status, chunked))
        for piece in pieces:
            self._told(piece)
            await self._write(b"%x\r\n%s\r\n" % (len(piece.data), piece.data))
        if reply.ending in ("closed", "reset", "held"):
            return await self._end()
        await self._write(b"0\r\n\r\n")
        return True

    def _whole(self) -> Piece:
        if self._reply.body is not None:
            return Piece(self._reply.body)
        if self._reply.status != HTTPStatus.OK:
            return Piece(self._wire.refusal(self._reply.status))
        return self._wire.whole(self._asked)

    def _parts(self) -> list[Piece]:
        if self._reply.body is not None:
            return [Piece(self._reply.body)] if self._reply.body else []
        pieces = self._wire.stream(self._asked)
        if self._reply.ending == "early":
            pieces = [piece for piece in pieces if not piece.closing]
        pieces = pieces[: self._reply.parts]
        if self._reply.ending == "error":
            told = pieces[-1].told if pieces else None
            pieces.append(Piece(self._wire.failure(self._asked), told))
        return pieces

    def _told(self, piece: Piece) -> None:
        """Remember what a piece tells, before it goes out: whoever has it may ask at once what that was."""
        if self._reply.status == HTTPStatus.OK and self._reply.body is None and not piece.comment:
            self._asked.told = piece.told
            self._asked.answered_by = self._asked.answering

    async def _write(self, data: bytes) -> None:
        size = self._reply.bytes_at_once or len(data) or 1
        for start in range(0, len(data), size):
            self._writer.write(data[start : start + size])
            await self._writer.drain()
            await asyncio.sleep(0)

    async def _end(self) -> bool:
        if self._reply.ending == "held":
            await self._reader.read()  # until the client closes
        elif self._reply.ending == "reset":
            taken: socket.socket = self._writer.get_extra_info("socket")
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._writer.transport.abort()
        return False


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    # Those of overload that are not in the standard library have no words.
    words = next((known.phrase for known in HTTPStatus if known == status), "Overloaded")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {words}\r\n{lines}\r\n".encode("latin-1")


@contextmanager
def providers() -> Iterator[Providers]:
    """Serve until the end of the block."""
    stub = Providers()
    loop = asyncio.new_event_loop()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(stub.serve, ports.LOOPBACK, 0, backlog=512)

    server = loop.run_until_complete(start())
    stub.url = f"http://{ports.LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever, name="stub providers")
    thread.start()
    try:
        yield stub
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
