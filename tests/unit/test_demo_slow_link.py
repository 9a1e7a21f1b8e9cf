"""The link on which a server's answers can be made to take longer."""

import asyncio
from collections.abc import Awaitable, Callable

from app_integration.demo import slow_link
from app_integration.demo.slow_link import SlowLink


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(1_000):
        writer.write(chunk)
    writer.close()


async def _with_link(work: Callable[[SlowLink, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> None:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    async with server, slow_link.running(server.sockets[0].getsockname()[1]) as link:
        reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
        await work(link, reader, writer)
        writer.close()


def test_what_is_said_arrives_in_order() -> None:
    """Without a delay it is a wire."""

    async def work(_: SlowLink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = b"0123456789" * 50_000
        writer.write(said)
        assert said == await reader.readexactly(len(said))

    asyncio.run(_with_link(work))


def test_a_delay_holds_answers_back_and_its_end_lets_them_go() -> None:
    """An answer that would take an hour comes as soon as the link is fast again."""

    async def work(link: SlowLink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link.let(3_600.0)
        writer.write(b"held")
        answer = asyncio.create_task(reader.readexactly(4))
        done, _ = await asyncio.wait({answer}, timeout=0.2)
        assert set() == done
        link.let(0.0)
        assert b"held" == await asyncio.wait_for(answer, 10)

    asyncio.run(_with_link(work))


def test_who_hangs_up_is_told_on_the_other_side() -> None:
    """The end of either side is that of both."""

    async def work(_: SlowLink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write_eof()
        assert b"" == await asyncio.wait_for(reader.read(), 10)

    asyncio.run(_with_link(work))
