"""Anthropic's Messages. Source: https://docs.anthropic.com/en/api/messages and .../messages-streaming."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel, ValidationError

from app_integration.simulator.prompts import Prompt, Reply
from app_integration.simulator.protocols.protocol import Json, Part, Protocol, RequestError, event, joined, pieces
from app_integration.simulator.served import Told

_TYPES: Final = {400: "invalid_request_error", 429: "rate_limit_error", 500: "api_error"}
# What a stream says at its start that it has sent already.
_OUTPUT_AT_START: Final = 1


class _Message(BaseModel):
    role: str
    content: str | list[Part]


class _Request(BaseModel):
    model: str
    max_tokens: int
    messages: list[_Message]
    system: str | list[Part] | None = None
    stream: bool | None = False


def _parse(body: bytes, _: Mapping[str, str]) -> Prompt:
    try:
        request = _Request.model_validate_json(body)
    except ValidationError as error:
        raise RequestError(str(error)) from None
    turns = tuple((message.role, joined(message.content)) for message in request.messages)
    return Prompt(request.model, joined(request.system), turns, streamed=bool(request.stream))


def _input_usage(reply: Reply) -> Json:
    return {
        "input_tokens": reply.input - reply.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": reply.cached,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "service_tier": "standard",
    }


def _message(number: str, reply: Reply, content: Sequence[Json], output: int, stop_reason: str | None) -> Json:
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": reply.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {**_input_usage(reply), "output_tokens": output},
    }


def _answer(number: str, reply: Reply) -> Json:
    content = [{"type": "text", "text": reply.text}]
    return _message(number, reply, content, reply.output + reply.reasoning, "end_turn")


def _stream(number: str, _: Prompt, reply: Reply) -> Sequence[bytes]:
    def named(kind: str, **data: object) -> bytes:
        return event({"type": kind, **data}, kind)

    return [
        named("message_start", message=_message(number, reply, [], _OUTPUT_AT_START, None)),
        named("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        *(
            named("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
            for piece in pieces(reply.text)
        ),
        named("content_block_stop", index=0),
        named(
            "message_delta",
            delta={"stop_reason": "end_turn", "stop_sequence": None},
            usage={"output_tokens": reply.output + reply.reasoning},
        ),
        named("message_stop"),
    ]


def _refusal(status: int, message: str) -> Json:
    return {"type": "error", "error": {"type": _TYPES.get(status, "api_error"), "message": message}}


def _at_start(reply: Reply) -> Told:
    return Told.of(reply)._replace(output=_OUTPUT_AT_START, reasoning=0)


ANTHROPIC: Final = Protocol(_parse, _answer, _stream, _refusal, _at_start)
