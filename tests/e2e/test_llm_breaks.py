"""Asynchronous streams that an application breaks off are closed by the loop as they are without us.

A loop closes all generators that were left open, at once: one of ours around one of an SDK's would be told that the
inner one runs, and that error, which nobody can catch, would count as the application's.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator

import pytest

from tests.support.google_calls import MODEL, USAGE, google_calls, part
from tests.support.scripted_server import Scripted, events
from tests.support.stainless_calls import (
    ASK_CLAUDE,
    ASK_GPT,
    CLAUDE,
    GPT,
    SdkCalls,
    chunks,
    message_events,
    sdk_calls,
    sse,
)

Open = Callable[[SdkCalls], Awaitable[AsyncIterator[object]]]


@pytest.fixture
def calls() -> Iterator[SdkCalls]:
    """Both SDKs, instrumented, and a server that the test scripts."""
    with sdk_calls() as made:
        yield made


async def _gpt(calls: SdkCalls) -> AsyncIterator[object]:
    return await calls.gpt_async().chat.completions.create(model=GPT, messages=ASK_GPT, stream=True)


async def _claude(calls: SdkCalls) -> AsyncIterator[object]:
    client = calls.claude_async()
    return await client.messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, stream=True)


def generators_of_ours(opened: Callable[[], Awaitable[AsyncIterator[object]]]) -> list[str]:
    """Break off what is opened after its first part, and return the asynchronous generators of ours that that took."""
    begun: list[str] = []

    async def break_off() -> None:
        of_the_loop = sys.get_asyncgen_hooks().firstiter

        def first(generator: AsyncGenerator[object, object]) -> None:
            begun.append(generator.ag_code.co_filename)  # type: ignore[attr-defined]  # of the class, not of the interface
            if of_the_loop is not None:
                of_the_loop(generator)

        sys.set_asyncgen_hooks(firstiter=first)
        async for _ in await opened():
            break

    asyncio.run(break_off())
    gc.collect()
    assert begun
    return [name for name in begun if "app_integration" in name]


@pytest.mark.parametrize(
    ("opened", "answer"),
    [(_gpt, sse(*chunks(), done=True)), (_claude, sse(*message_events(), named=True))],
    ids=["openai", "anthropic"],
)
def test_a_stream_that_is_broken_off_in_a_task_has_no_generator_of_ours(
    calls: SdkCalls, opened: Open, answer: Scripted
) -> None:
    """It is one call all the same, without an error."""
    calls.server.script = [answer]
    assert generators_of_ours(lambda: opened(calls)) == []
    assert "error.type" not in calls.only()


def test_a_stream_of_geminis_has_none_either() -> None:
    """The same of google-genai."""
    with google_calls() as google:
        models = google.client(events(part("ye"), part("s", USAGE, "STOP"))).aio.models
        assert generators_of_ours(lambda: models.generate_content_stream(model=MODEL, contents="well?")) == []
        assert "error.type" not in google.only()
