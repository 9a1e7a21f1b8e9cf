"""The ways to ask that google-genai has."""

from google.genai import types

from tests.support.providers.sdks import Sdks
from tests.support.providers.surface import Surface, Verdict, every, every_async, plain, question

_VERDICT = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Verdict)


def _generate(sdks: Sdks, model: str) -> object:
    return plain(sdks.gemini().models.generate_content(model=model, contents=question()))


async def _generate_async(sdks: Sdks, model: str) -> object:
    return plain(await sdks.gemini().aio.models.generate_content(model=model, contents=question()))


def _stream(sdks: Sdks, model: str) -> object:
    return every(sdks.gemini().models.generate_content_stream(model=model, contents=question()))


async def _stream_async(sdks: Sdks, model: str) -> object:
    models = sdks.gemini().aio.models
    return await every_async(await models.generate_content_stream(model=model, contents=question()))


def _parse(sdks: Sdks, model: str) -> object:
    return plain(sdks.gemini().models.generate_content(model=model, contents=question(), config=_VERDICT).parsed)


def _chat(sdks: Sdks, model: str) -> object:
    return plain(sdks.gemini().chats.create(model=model).send_message(question()))


def _chat_stream(sdks: Sdks, model: str) -> object:
    return every(sdks.gemini().chats.create(model=model).send_message_stream(question()))


async def _chat_async(sdks: Sdks, model: str) -> object:
    return plain(await sdks.gemini().aio.chats.create(model=model).send_message(question()))


def _embed(sdks: Sdks, model: str) -> object:
    return plain(sdks.gemini().models.embed_content(model=model, contents=question()))


async def _embed_async(sdks: Sdks, model: str) -> object:
    return plain(await sdks.gemini().aio.models.embed_content(model=model, contents=question()))


SURFACES = (
    Surface("generate", "gcp.gemini", _generate),
    Surface("generate, async", "gcp.gemini", _generate_async),
    Surface("generate, stream", "gcp.gemini", _stream, streams=True),
    Surface("generate, async stream", "gcp.gemini", _stream_async, streams=True),
    Surface("generate, parse", "gcp.gemini", _parse, parses=True),
    Surface("chat", "gcp.gemini", _chat),
    Surface("chat, stream", "gcp.gemini", _chat_stream, streams=True),
    Surface("chat, async", "gcp.gemini", _chat_async),
    Surface("embed", "gcp.gemini", _embed, embeds=True),
    Surface("embed, async", "gcp.gemini", _embed_async, embeds=True),
)
