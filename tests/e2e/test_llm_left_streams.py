"""A stream that an application leaves gives its connection back as without us, and is told as far as it came."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator

import anthropic
import httpx2
import pytest

from tests.support.stainless_calls import (
    ASK_CLAUDE,
    CLAUDE,
    OF_ANTHROPIC,
    SdkCalls,
    message_events,
    sdk_calls,
    sse,
)

CALLS = 3
# As message_start tells them, and as message_delta does at the end.
BEGUN = {**OF_ANTHROPIC, "output": 1}
# Whoever waits for a connection that was not given back waits for so long.
ONE_CONNECTION, NOT_LONG = httpx2.Limits(max_connections=1), httpx2.Timeout(20, pool=1)

Events = anthropic.Stream[anthropic.types.RawMessageStreamEvent]
EventsAsync = anthropic.AsyncStream[anthropic.types.RawMessageStreamEvent]


@pytest.fixture
def calls() -> Iterator[SdkCalls]:
    """Anthropic's SDK, whose streams are no cycles, a server, and no garbage collection that would hide one of ours."""
    with sdk_calls() as made:
        made.server.script = [sse(*message_events(), named=True)]
        gc.collect()
        gc.disable()
        try:
            yield made
        finally:
            gc.enable()


def _dropped(stream: Events) -> None:
    for _ in stream:
        break


def _closed(stream: Events) -> None:
    next(iter(stream))
    stream.close()


def _within(stream: Events) -> None:
    with stream:
        next(iter(stream))


def _exhausted(stream: Events) -> None:
    assert len(list(stream)) == len(message_events()) - 1  # the SDK keeps the ping to itself


async def _dropped_async(stream: EventsAsync) -> None:
    async for _ in stream:
        break


async def _closed_async(stream: EventsAsync) -> None:
    await anext(aiter(stream))
    await stream.close()


async def _within_async(stream: EventsAsync) -> None:
    async with stream:
        async for _ in stream:
            break


async def _exhausted_async(stream: EventsAsync) -> None:
    assert len([event async for event in stream]) == len(message_events()) - 1


def _each_told(calls: SdkCalls, tokens: dict[str, int]) -> None:
    (point,) = calls.recorded.durations()
    assert ("error.type" in point.attributes, point.times) == (False, CALLS)
    assert calls.recorded.tokens() == {kind: CALLS * count for kind, count in tokens.items()}


@pytest.mark.parametrize("raw", [False, True], ids=["stream", "parsed of a raw response"])
@pytest.mark.parametrize(
    ("leave", "tokens"), [(_dropped, BEGUN), (_closed, BEGUN), (_within, BEGUN), (_exhausted, OF_ANTHROPIC)]
)
def test_a_stream_gives_its_connection_back(
    calls: SdkCalls, leave: Callable[[Events], None], tokens: dict[str, int], raw: bool
) -> None:
    """At once: the next call has no other one. The tokens are those that it told until then."""
    client = calls.claude(http_client=httpx2.Client(limits=ONE_CONNECTION, timeout=NOT_LONG))

    def ask() -> Events:
        if raw:
            return client.messages.with_raw_response.create(
                model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, stream=True
            ).parse()
        return client.messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, stream=True)

    for _ in range(CALLS):
        leave(ask())
    _each_told(calls, tokens)


@pytest.mark.parametrize(
    ("leave", "tokens"),
    [(_dropped_async, BEGUN), (_closed_async, BEGUN), (_within_async, BEGUN), (_exhausted_async, OF_ANTHROPIC)],
)
def test_an_asynchronous_one_does_so_too(
    calls: SdkCalls, leave: Callable[[EventsAsync], Awaitable[None]], tokens: dict[str, int]
) -> None:
    """Its loop closes what is dropped, while the next call waits for the connection."""

    async def ask() -> None:
        client = calls.claude_async(http_client=httpx2.AsyncClient(limits=ONE_CONNECTION, timeout=NOT_LONG))
        for _ in range(CALLS):
            await leave(
                await client.messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, stream=True),
            )

    asyncio.run(ask())
    _each_told(calls, tokens)
