"""The ways to ask that Anthropic's SDK has."""

from anthropic.types import MessageParam

from tests.support.providers.sdks import Sdks
from tests.support.providers.surface import Surface, Verdict, every, every_async, plain, question


def _asked() -> list[MessageParam]:
    return [{"role": "user", "content": question()}]


_MOST = 999


def _messages(sdks: Sdks, model: str) -> object:
    return plain(sdks.claude().messages.create(model=model, max_tokens=_MOST, messages=_asked()))


async def _messages_async(sdks: Sdks, model: str) -> object:
    return plain(await sdks.claude_async().messages.create(model=model, max_tokens=_MOST, messages=_asked()))


def _stream(sdks: Sdks, model: str) -> object:
    return every(sdks.claude().messages.create(model=model, max_tokens=_MOST, messages=_asked(), stream=True))


async def _stream_async(sdks: Sdks, model: str) -> object:
    create = sdks.claude_async().messages.create
    return await every_async(await create(model=model, max_tokens=_MOST, messages=_asked(), stream=True))


def _helper(sdks: Sdks, model: str) -> object:
    with sdks.claude().messages.stream(model=model, max_tokens=_MOST, messages=_asked()) as events:
        return [every(events), plain(events.get_final_message())]


async def _helper_async(sdks: Sdks, model: str) -> object:
    async with sdks.claude_async().messages.stream(model=model, max_tokens=_MOST, messages=_asked()) as events:
        return [await every_async(events), plain(await events.get_final_message())]


def _text(sdks: Sdks, model: str) -> object:
    with sdks.claude().messages.stream(model=model, max_tokens=_MOST, messages=_asked()) as events:
        return every(events.text_stream)


def _raw(sdks: Sdks, model: str) -> object:
    raw = sdks.claude().messages.with_raw_response.create(model=model, max_tokens=_MOST, messages=_asked())
    return [raw.headers["request-id"], plain(raw.parse())]


async def _raw_async(sdks: Sdks, model: str) -> object:
    create = sdks.claude_async().messages.with_raw_response.create
    raw = await create(model=model, max_tokens=_MOST, messages=_asked())
    return [raw.headers["request-id"], plain(await raw.parse())]


def _raw_stream(sdks: Sdks, model: str) -> object:
    create = sdks.claude().messages.with_streaming_response.create
    with create(model=model, max_tokens=_MOST, messages=_asked(), stream=True) as raw:
        return every(raw.parse())


def _parse(sdks: Sdks, model: str) -> object:
    parse = sdks.claude().messages.parse
    return plain(parse(model=model, max_tokens=_MOST, messages=_asked(), output_format=Verdict))


SURFACES = (
    Surface("messages", "anthropic", _messages),
    Surface("messages, async", "anthropic", _messages_async),
    Surface("messages, stream", "anthropic", _stream, streams=True),
    Surface("messages, async stream", "anthropic", _stream_async, streams=True),
    Surface("messages, helper", "anthropic", _helper, streams=True),
    Surface("messages, async helper", "anthropic", _helper_async, streams=True),
    Surface("messages, helper's text", "anthropic", _text, streams=True),
    Surface("messages, raw", "anthropic", _raw),
    Surface("messages, async raw", "anthropic", _raw_async),
    Surface("messages, raw stream", "anthropic", _raw_stream, streams=True),
    Surface("messages, parse", "anthropic", _parse, parses=True),
)
