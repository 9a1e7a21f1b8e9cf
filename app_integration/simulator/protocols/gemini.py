"""Gemini's generateContent and streamGenerateContent. Source: https://ai.google.dev/api/generate-content."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel, Field, ValidationError

from app_integration.simulator.prompts import Prompt, Reply
from app_integration.simulator.protocols.protocol import Json, Part, Protocol, RequestError, event, joined, pieces
from app_integration.simulator.served import Told

_STATUSES: Final = {400: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL"}
_METHODS: Final = {"generateContent": False, "streamGenerateContent": True}


class _Content(BaseModel):
    role: str = "user"
    parts: list[Part] = []


class _Request(BaseModel):
    contents: list[_Content]
    system_instruction: _Content = Field(default=_Content(), alias="systemInstruction")


def _parse(body: bytes, path: Mapping[str, str]) -> Prompt:
    model, _, method = path["call"].partition(":")
    if method not in _METHODS:
        raise RequestError(f"got {method!r}; there are {', '.join(_METHODS)}")
    try:
        request = _Request.model_validate_json(body)
    except ValidationError as error:
        raise RequestError(str(error)) from None
    turns = tuple((content.role, joined(content.parts)) for content in request.contents)
    return Prompt(model, joined(request.system_instruction.parts), turns, streamed=_METHODS[method])


def _chunk(number: str, reply: Reply, text: str, *, output: int | None, last: bool) -> Json:
    candidate: dict[str, object] = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    if last:
        candidate["finishReason"] = "STOP"
    usage = {"promptTokenCount": reply.input, "thoughtsTokenCount": reply.reasoning}
    if reply.cached:
        usage["cachedContentTokenCount"] = reply.cached
    if output is not None:
        usage["candidatesTokenCount"] = output
    usage["totalTokenCount"] = reply.input + reply.reasoning + (output or 0)
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": reply.model, "responseId": number}


def _answer(number: str, reply: Reply) -> Json:
    return _chunk(number, reply, reply.text, output=reply.output, last=True)


def _stream(number: str, _: Prompt, reply: Reply) -> Sequence[bytes]:
    *first, last = pieces(reply.text)
    # What has been said so far is counted at the end only.
    events = [event(_chunk(number, reply, piece, output=None, last=False)) for piece in first]
    return [*events, event(_chunk(number, reply, last, output=reply.output, last=True))]


def _refusal(status: int, message: str) -> Json:
    return {"error": {"code": status, "message": message, "status": _STATUSES.get(status, "INTERNAL")}}


def _so_far(reply: Reply) -> Told:
    return Told.of(reply)._replace(output=reply.reasoning)


GEMINI: Final = Protocol(_parse, _answer, _stream, _refusal, _so_far)
