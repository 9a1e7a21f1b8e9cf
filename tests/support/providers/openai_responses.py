"""OpenAI's Responses API.

Source: https://platform.openai.com/docs/api-reference/responses, /responses-streaming. The usage is in the response
that the last event carries; an error in the midst of a stream is an event, after which the response has failed.
"""

from tests.support.providers import openai_errors
from tests.support.providers.openai_chat import CREATED
from tests.support.providers.script import Asked, Json, Piece, Tokens, Wire, bytes_of, event, pieces_of

_ITEM = "msg_67ccd2bf17f0819081ff3bb2cf6508e6"


def _usage(tokens: Tokens) -> Json:
    return {
        "input_tokens": tokens.prompt,
        "input_tokens_details": {"cached_tokens": tokens.cached, "cache_write_tokens": tokens.written},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.prompt + tokens.output,
    }


def _text(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _item(status: str, *content: Json) -> Json:
    return {"id": _ITEM, "type": "message", "status": status, "role": "assistant", "content": list(content)}


def _response(asked: Asked, status: str, *output: Json, told: bool = False) -> Json:
    tokens = asked.reply.tokens if told else None
    failed = {"code": "server_error", "message": "The model failed to generate a response."}
    return {
        "id": "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "background": False,
        "error": failed if status == "failed" else None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "model": asked.answering,
        "output": list(output),
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": "medium", "summary": None},
        "service_tier": (asked.reply.tier or "default") if status != "in_progress" else "auto",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": _usage(tokens) if tokens else None,
        "user": None,
        "metadata": {},
    }


def _whole(asked: Asked) -> Piece:
    item = _item("completed", _text(asked.reply.text))
    return Piece(bytes_of(_response(asked, "completed", item, told=True)), asked.reply.tokens)


def _stream(asked: Asked) -> list[Piece]:
    text, tokens = asked.reply.text, asked.reply.tokens
    place = {"item_id": _ITEM, "output_index": 0, "content_index": 0}
    done = _item("completed", _text(text))
    begun: list[tuple[str, Json]] = [
        ("response.created", {"response": _response(asked, "in_progress")}),
        ("response.in_progress", {"response": _response(asked, "in_progress")}),
        ("response.output_item.added", {"output_index": 0, "item": _item("in_progress")}),
        ("response.content_part.added", {**place, "part": _text("")}),
        *(("response.output_text.delta", {**place, "delta": piece, "logprobs": []}) for piece in pieces_of(text)),
    ]
    ended: list[tuple[str, Json]] = [
        ("response.output_text.done", {**place, "text": text, "logprobs": []}),
        ("response.content_part.done", {**place, "part": _text(text)}),
        ("response.output_item.done", {"output_index": 0, "item": done}),
        ("response.completed", {"response": _response(asked, "completed", done, told=True)}),
    ]
    return [
        Piece(
            event({"type": name, "sequence_number": number, **body}, name),
            tokens if name == "response.completed" else None,
            closing=number >= len(begun),
        )
        for number, (name, body) in enumerate((*begun, *ended))
    ]


def _failure(asked: Asked) -> bytes:
    number = asked.reply.parts or 0
    error = {"code": "server_error", "message": "The model failed to generate a response.", "param": None}
    failed = {"type": "response.failed", "sequence_number": number + 1, "response": _response(asked, "failed")}
    return event({"type": "error", "sequence_number": number, **error}, "error") + event(failed, "response.failed")


WIRE = Wire(_whole, _stream, _failure, openai_errors.refusal)
