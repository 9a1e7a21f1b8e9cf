"""The ways to ask that OpenAI's SDK has: at OpenAI, and at OpenRouter."""

from functools import partial

from openai.types.chat import ChatCompletionMessageParam, ChatCompletionStreamOptionsParam

from tests.support.providers.sdks import Sdks
from tests.support.providers.surface import Surface, Verdict, every, every_async, plain, question


def _asked() -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": question()}]


_USAGE: ChatCompletionStreamOptionsParam = {"include_usage": True}


def _chat(provider: str, sdks: Sdks, model: str) -> object:
    return plain(sdks.gpt(provider).chat.completions.create(model=model, messages=_asked()))


async def _chat_async(provider: str, sdks: Sdks, model: str) -> object:
    return plain(await sdks.gpt_async(provider).chat.completions.create(model=model, messages=_asked()))


def _chat_stream(provider: str, sdks: Sdks, model: str) -> object:
    completions = sdks.gpt(provider).chat.completions
    return every(completions.create(model=model, messages=_asked(), stream=True, stream_options=_USAGE))


async def _chat_stream_async(provider: str, sdks: Sdks, model: str) -> object:
    completions = sdks.gpt_async(provider).chat.completions
    return await every_async(
        await completions.create(model=model, messages=_asked(), stream=True, stream_options=_USAGE)
    )


def _chat_stream_without_usage(sdks: Sdks, model: str) -> object:
    return every(sdks.gpt().chat.completions.create(model=model, messages=_asked(), stream=True))


def _chat_raw(sdks: Sdks, model: str) -> object:
    raw = sdks.gpt().chat.completions.with_raw_response.create(model=model, messages=_asked())
    return [raw.headers["x-request-id"], plain(raw.parse())]


async def _chat_raw_async(sdks: Sdks, model: str) -> object:
    raw = await sdks.gpt_async().chat.completions.with_raw_response.create(model=model, messages=_asked())
    return [raw.headers["x-request-id"], plain(raw.parse())]


def _chat_raw_stream(sdks: Sdks, model: str) -> object:
    create = sdks.gpt().chat.completions.with_streaming_response.create
    with create(model=model, messages=_asked(), stream=True, stream_options=_USAGE) as raw:
        return every(raw.parse())


async def _chat_raw_stream_async(sdks: Sdks, model: str) -> object:
    create = sdks.gpt_async().chat.completions.with_streaming_response.create
    async with create(model=model, messages=_asked(), stream=True, stream_options=_USAGE) as raw:
        return await every_async(await raw.parse())


def _chat_parse(sdks: Sdks, model: str) -> object:
    return plain(sdks.gpt().chat.completions.parse(model=model, messages=_asked(), response_format=Verdict))


async def _chat_parse_async(sdks: Sdks, model: str) -> object:
    completions = sdks.gpt_async().chat.completions
    return plain(await completions.parse(model=model, messages=_asked(), response_format=Verdict))


def _chat_helper(sdks: Sdks, model: str) -> object:
    stream = sdks.gpt().chat.completions.stream
    with stream(model=model, messages=_asked(), response_format=Verdict, stream_options=_USAGE) as events:
        return every(events)


async def _chat_helper_async(sdks: Sdks, model: str) -> object:
    stream = sdks.gpt_async().chat.completions.stream
    async with stream(model=model, messages=_asked(), response_format=Verdict, stream_options=_USAGE) as events:
        return await every_async(events)


def _responses(sdks: Sdks, model: str) -> object:
    return plain(sdks.gpt().responses.create(model=model, input=question()))


async def _responses_async(sdks: Sdks, model: str) -> object:
    return plain(await sdks.gpt_async().responses.create(model=model, input=question()))


def _responses_stream(sdks: Sdks, model: str) -> object:
    return every(sdks.gpt().responses.create(model=model, input=question(), stream=True))


async def _responses_stream_async(sdks: Sdks, model: str) -> object:
    return await every_async(await sdks.gpt_async().responses.create(model=model, input=question(), stream=True))


def _responses_parse(sdks: Sdks, model: str) -> object:
    return plain(sdks.gpt().responses.parse(model=model, input=question(), text_format=Verdict))


def _responses_helper(sdks: Sdks, model: str) -> object:
    with sdks.gpt().responses.stream(model=model, input=question(), text_format=Verdict) as events:
        return every(events)


async def _responses_helper_async(sdks: Sdks, model: str) -> object:
    async with sdks.gpt_async().responses.stream(model=model, input=question(), text_format=Verdict) as events:
        return await every_async(events)


def _embeddings(sdks: Sdks, model: str) -> object:
    return plain(sdks.gpt().embeddings.create(model=model, input=question()))


async def _embeddings_async(sdks: Sdks, model: str) -> object:
    return plain(await sdks.gpt_async().embeddings.create(model=model, input=question()))


_AT_BOTH = tuple(
    surface
    for provider in ("openai", "openrouter")
    for surface in (
        Surface("chat", provider, partial(_chat, provider)),
        Surface("chat, async", provider, partial(_chat_async, provider)),
        Surface("chat, stream", provider, partial(_chat_stream, provider), streams=True),
        Surface("chat, async stream", provider, partial(_chat_stream_async, provider), streams=True),
    )
)

SURFACES = (
    *_AT_BOTH,
    Surface("chat, raw", "openai", _chat_raw),
    Surface("chat, async raw", "openai", _chat_raw_async),
    Surface("chat, raw stream", "openai", _chat_raw_stream, streams=True),
    Surface("chat, async raw stream", "openai", _chat_raw_stream_async, streams=True),
    Surface("chat, parse", "openai", _chat_parse, parses=True),
    Surface("chat, async parse", "openai", _chat_parse_async, parses=True),
    Surface("chat, helper", "openai", _chat_helper, streams=True, parses=True),
    Surface("chat, async helper", "openai", _chat_helper_async, streams=True, parses=True),
    Surface("responses", "openai", _responses),
    Surface("responses, async", "openai", _responses_async),
    Surface("responses, stream", "openai", _responses_stream, streams=True),
    Surface("responses, async stream", "openai", _responses_stream_async, streams=True),
    Surface("responses, parse", "openai", _responses_parse, parses=True),
    Surface("responses, helper", "openai", _responses_helper, streams=True, parses=True),
    Surface("responses, async helper", "openai", _responses_helper_async, streams=True, parses=True),
    Surface("embeddings", "openai", _embeddings, embeds=True),
    Surface("embeddings, async", "openai", _embeddings_async, embeds=True),
    Surface("chat, stream without usage", "openai", _chat_stream_without_usage, streams=True),
)
