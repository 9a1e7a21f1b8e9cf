"""Gemini's Interactions API: the ways to ask that the SDK has, and its answers on the wire."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final, cast

from google.genai._gaos.models import CreateInteractionRequest
from google.genai._gaos.types.interactions import CreateModelInteraction

from tests.support.google_calls import MODEL, GoogleCalls
from tests.support.scripted_server import Scripted, events

# As the API tells it: the cached tokens are part of the input's, those of tools and thoughts are apart.
USAGE: Final = {
    "total_input_tokens": 1_000,
    "total_cached_tokens": 300,
    "total_tool_use_tokens": 20,
    "total_output_tokens": 40,
    "total_thought_tokens": 500,
    "total_tokens": 1_560,
    "input_tokens_by_modality": [{"modality": "text", "tokens": 1_000}],
}
TOKENS: Final = {"input": 720, "cache_read": 300, "output": 540}


def interaction(usage: object = USAGE, **more: object) -> dict[str, object]:
    """An interaction that is over."""
    step = {"type": "model_output", "content": [{"type": "text", "text": "yes"}]}
    told = {"id": "i", "object": "interaction", "model": MODEL, "status": "completed", "steps": [step], **more}
    return {**told, "usage": usage} if usage else told


def sse(*more: object, usage: object = USAGE, cut: bool = False, **told: object) -> Scripted:
    """The same as a stream; `cut` breaks off before it tells what it used."""
    begun = {"id": "i", "object": "interaction", "model": MODEL, "status": "in_progress"}
    spoken = {"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "yes"}}
    last = {"event_type": "interaction.completed", "interaction": {**interaction(usage), "steps": [], **told}}
    created = {"event_type": "interaction.created", "interaction": begun}
    return events(created, spoken, *more, *(() if cut else (last,)), cut=cut)


def said(told: object) -> str:
    """Return the text of an interaction."""
    return str(getattr(told, "output_text"))  # noqa: B009  # the SDK's types say that it may be a stream


def heard(stream: object) -> str:
    """Read a stream to its end, and return its text."""
    return "".join(map(_text, cast(Iterator[object], stream)))


async def heard_async(stream: object) -> str:
    """Do the same in a task."""
    return "".join([_text(event) async for event in cast(AsyncIterator[object], stream)])


def _text(event: object) -> str:
    return getattr(getattr(event, "delta", None), "text", "")


def _plain(google: GoogleCalls, answer: Scripted) -> str:
    return said(google.client(answer).interactions.create(model=MODEL, input="well?"))


def _request(google: GoogleCalls, answer: Scripted) -> str:
    request = CreateInteractionRequest(body=CreateModelInteraction.model_validate({"model": MODEL, "input": "well?"}))
    return said(google.client(answer).interactions.create(request=request))


def _async(google: GoogleCalls, answer: Scripted) -> str:
    async def ask() -> str:
        return said(await google.client(answer).aio.interactions.create(model=MODEL, input="well?"))

    return asyncio.run(ask())


def _raw(google: GoogleCalls, answer: Scripted) -> str:
    return said(google.client(answer).interactions.with_raw_response.create(model=MODEL, input="well?").parse())


def _streaming_response(google: GoogleCalls, answer: Scripted) -> str:
    with google.client(answer).interactions.with_streaming_response.create(model=MODEL, input="well?") as raw:
        return said(raw.parse())


def _stream(google: GoogleCalls, answer: Scripted) -> str:
    return heard(google.client(answer).interactions.create(model=MODEL, input="well?", stream=True))


def _async_stream(google: GoogleCalls, answer: Scripted) -> str:
    async def ask() -> str:
        resource = google.client(answer).aio.interactions
        return await heard_async(await resource.create(model=MODEL, input="well?", stream=True))

    return asyncio.run(ask())


def _raw_stream(google: GoogleCalls, answer: Scripted) -> str:
    resource = google.client(answer).interactions
    return heard(resource.with_raw_response.create(model=MODEL, input="well?", stream=True).parse())


def _async_raw_stream(google: GoogleCalls, answer: Scripted) -> str:
    async def ask() -> str:
        resource = google.client(answer).aio.interactions
        raw = await resource.with_raw_response.create(model=MODEL, input="well?", stream=True)
        return await heard_async(await raw.parse())

    return asyncio.run(ask())


Ask = Callable[[GoogleCalls, Scripted], str]
AT_ONCE: Final[dict[str, Ask]] = {
    "plain": _plain,
    "a request": _request,
    "async": _async,
    "raw": _raw,
    "streaming response": _streaming_response,
}
STREAMS: Final[dict[str, Ask]] = {
    "stream": _stream,
    "async stream": _async_stream,
    "raw stream": _raw_stream,
    "async raw stream": _async_raw_stream,
}
