"""OpenAI's Chat Completions, and OpenRouter's, which are the same with a word more.

Sources: https://platform.openai.com/docs/api-reference/chat, https://openrouter.ai/docs/api-reference/overview.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from pydantic import BaseModel, ValidationError

from app_integration.simulator.prompts import Prompt, Reply
from app_integration.simulator.protocols.protocol import Json, Part, Protocol, RequestError, event, joined, pieces
from app_integration.simulator.served import Told

# The moment of all answers: the same question has the same answer.
_CREATED: Final = 1_767_225_600
_TYPES: Final = {400: "invalid_request_error", 429: "rate_limit_exceeded", 500: "server_error"}


class _Message(BaseModel):
    role: str
    content: str | list[Part] | None = None


class _StreamOptions(BaseModel):
    include_usage: bool = False


class _Request(BaseModel):
    model: str
    messages: list[_Message]
    stream: bool | None = False
    stream_options: _StreamOptions | None = None


def _parse(body: bytes, _: Mapping[str, str]) -> Prompt:
    try:
        request = _Request.model_validate_json(body)
    except ValidationError as error:
        raise RequestError(str(error)) from None
    told = [(message.role, joined(message.content)) for message in request.messages]
    options = request.stream_options
    return Prompt(
        request.model,
        "\n".join(text for role, text in told if role in {"system", "developer"}),
        tuple((role, text) for role, text in told if role not in {"system", "developer"}),
        streamed=bool(request.stream),
        with_usage=options is not None and options.include_usage,
    )


def _usage(reply: Reply) -> Json:
    # Reasoning is part of what is completed, the cache's share part of the prompt.
    completion = reply.output + reply.reasoning
    return {
        "prompt_tokens": reply.input,
        "completion_tokens": completion,
        "total_tokens": reply.input + completion,
        "prompt_tokens_details": {"cached_tokens": reply.cached},
        "completion_tokens_details": {"reasoning_tokens": reply.reasoning},
    }


def _head(more: Json, number: str, kind: str, reply: Reply) -> Json:
    return {"id": f"chatcmpl-{number}", "object": kind, "created": _CREATED, "model": reply.model, **more}


def _answer(more: Json, number: str, reply: Reply) -> Json:
    choice = {"index": 0, "message": {"role": "assistant", "content": reply.text}, "finish_reason": "stop"}
    return {**_head(more, number, "chat.completion", reply), "choices": [choice], "usage": _usage(reply)}


def _stream(more: Json, number: str, prompt: Prompt, reply: Reply) -> Sequence[bytes]:
    head = _head(more, number, "chat.completion.chunk", reply)

    def chunk(delta: Json, finish_reason: str | None = None) -> bytes:
        return event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]})

    events = [chunk({"role": "assistant", "content": ""})]
    events += [chunk({"content": piece}) for piece in pieces(reply.text)]
    events.append(chunk({}, "stop"))
    if prompt.with_usage:
        events.append(event({**head, "choices": [], "usage": _usage(reply)}))
    return [*events, b"data: [DONE]\n\n"]


def _openai_refusal(status: int, message: str) -> Json:
    kind = _TYPES.get(status, "server_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": kind}}


def _openrouter_refusal(status: int, message: str) -> Json:
    return {"error": {"code": status, "message": message}}


def _nothing(_: Reply) -> Told:
    # Usage is the last that a stream tells.
    return Told()


_OPENAI_MORE: Final = {"service_tier": "default", "system_fingerprint": "fp_simulated"}
_OPENROUTER_MORE: Final = {"provider": "Simulated"}

OPENAI: Final = Protocol(
    _parse, partial(_answer, _OPENAI_MORE), partial(_stream, _OPENAI_MORE), _openai_refusal, _nothing
)
OPENROUTER: Final = Protocol(
    _parse, partial(_answer, _OPENROUTER_MORE), partial(_stream, _OPENROUTER_MORE), _openrouter_refusal, _nothing
)
