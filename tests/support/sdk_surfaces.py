"""The ways to ask that the SDKs of OpenAI and Anthropic have, each with an answer on the wire."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.scripted_server import Scripted, whole
from tests.support.stainless_calls import (
    ASK_CLAUDE,
    ASK_GPT,
    CLAUDE,
    GPT,
    OF_ANTHROPIC,
    OF_OPENAI,
    SdkCalls,
    chat,
    chunks,
    message,
    message_events,
    response,
    response_events,
    said,
    sse,
)


@dataclass(frozen=True)
class Surface:
    """One way to ask: what it does, which model answers what it gets, and the tokens of that."""

    name: str
    ask: Callable[[SdkCalls], object]
    answer: Scripted
    model: str
    tokens: dict[str, int]
    streams: bool = False


def _openai_stream(calls: SdkCalls) -> object:
    stream = calls.gpt().chat.completions.create(
        model=GPT,
        messages=ASK_GPT,
        stream=True,
        stream_options={"include_usage": True},
    )
    return "".join(choice.delta.content or "" for chunk in stream for choice in chunk.choices)


def _openai_helper(calls: SdkCalls) -> object:
    with calls.gpt().chat.completions.stream(
        model=GPT,
        messages=ASK_GPT,
        stream_options={"include_usage": True},
    ) as stream:
        return stream.get_final_completion().choices[0].message.content


def _openai_async(calls: SdkCalls) -> object:
    async def ask() -> object:
        completion = await calls.gpt_async().chat.completions.create(model=GPT, messages=ASK_GPT)
        return completion.choices[0].message.content

    return asyncio.run(ask())


def _openai_async_stream(calls: SdkCalls) -> object:
    async def ask() -> object:
        stream = await calls.gpt_async().chat.completions.create(
            model=GPT,
            messages=ASK_GPT,
            stream=True,
            stream_options={"include_usage": True},
        )
        async with stream:
            return "".join([choice.delta.content or "" async for chunk in stream for choice in chunk.choices])

    return asyncio.run(ask())


def _responses_stream(calls: SdkCalls) -> object:
    *_, last = calls.gpt().responses.create(model=GPT, input="well?", stream=True)
    return last.response.output_text  # type: ignore[union-attr]  # the last event has it


def _streaming_response(calls: SdkCalls) -> object:
    with calls.gpt().chat.completions.with_streaming_response.create(model=GPT, messages=ASK_GPT) as raw:
        return raw.parse().choices[0].message.content


def _anthropic_stream(calls: SdkCalls) -> object:
    stream = calls.claude().messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, stream=True)
    return "".join(getattr(event.delta, "text", "") for event in stream if event.type == "content_block_delta")


def _anthropic_helper(calls: SdkCalls) -> object:
    with calls.claude().messages.stream(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE) as stream:
        return "".join(stream.text_stream)


def _anthropic_async(calls: SdkCalls) -> object:
    async def ask() -> object:
        told = await calls.claude_async().messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE)
        return said(told)

    return asyncio.run(ask())


def _anthropic_async_helper(calls: SdkCalls) -> object:
    async def ask() -> object:
        async with calls.claude_async().messages.stream(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE) as stream:
            return "".join([text async for text in stream.text_stream])

    return asyncio.run(ask())


_CHUNKS = sse(*chunks(), done=True)
_EVENTS = sse(*message_events(), named=True)

SURFACES = (
    Surface(
        "chat",
        lambda calls: calls.gpt().chat.completions.create(model=GPT, messages=ASK_GPT).choices[0].message.content,
        whole(chat()),
        GPT,
        OF_OPENAI,
    ),
    Surface("chat, stream", _openai_stream, _CHUNKS, GPT, OF_OPENAI, streams=True),
    Surface("chat, helper", _openai_helper, _CHUNKS, GPT, OF_OPENAI, streams=True),
    Surface("chat, async", _openai_async, whole(chat()), GPT, OF_OPENAI),
    Surface("chat, async stream", _openai_async_stream, _CHUNKS, GPT, OF_OPENAI, streams=True),
    Surface(
        "chat, raw",
        lambda calls: (
            calls.gpt()
            .chat.completions.with_raw_response.create(model=GPT, messages=ASK_GPT)
            .parse()
            .choices[0]
            .message.content
        ),
        whole(chat()),
        GPT,
        OF_OPENAI,
    ),
    Surface("chat, streaming response", _streaming_response, whole(chat()), GPT, OF_OPENAI),
    Surface(
        "responses",
        lambda calls: calls.gpt().responses.create(model=GPT, input="well?").output_text,
        whole(response()),
        GPT,
        OF_OPENAI,
    ),
    Surface("responses, stream", _responses_stream, sse(*response_events(), named=True), GPT, OF_OPENAI, streams=True),
    Surface(
        "messages",
        lambda calls: said(calls.claude().messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE)),
        whole(message()),
        CLAUDE,
        OF_ANTHROPIC,
    ),
    Surface("messages, stream", _anthropic_stream, _EVENTS, CLAUDE, OF_ANTHROPIC, streams=True),
    Surface("messages, helper", _anthropic_helper, _EVENTS, CLAUDE, OF_ANTHROPIC, streams=True),
    Surface("messages, async", _anthropic_async, whole(message()), CLAUDE, OF_ANTHROPIC),
    Surface("messages, async helper", _anthropic_async_helper, _EVENTS, CLAUDE, OF_ANTHROPIC, streams=True),
    Surface(
        "messages, raw",
        lambda calls: said(
            calls.claude().messages.with_raw_response.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE).parse()
        ),
        whole(message()),
        CLAUDE,
        OF_ANTHROPIC,
    ),
)
