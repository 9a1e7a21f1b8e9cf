"""Anthropic's Messages.

Source: https://platform.claude.com/docs/en/api/messages, /build-with-claude/streaming, /api/errors. `input_tokens` are
without those of the cache. A stream tells the input at first and, with a first token of output, sums from then on.
"""

from dataclasses import replace

from tests.support.providers.script import Asked, Json, Piece, Tokens, Wire, bytes_of, event, pieces_of

_REQUEST = "req_011CSHoEeqs5C35K2UUqR7Fy"
_ERRORS = {
    400: ("invalid_request_error", "max_tokens: must be greater than 0"),
    401: ("authentication_error", "invalid x-api-key"),
    404: ("not_found_error", "model: claude-0"),
    429: ("rate_limit_error", "This request would exceed your organization's rate limit."),
    529: ("overloaded_error", "Overloaded"),
}


def _usage(tokens: Tokens, tier: str | None) -> Json:
    return {
        "input_tokens": tokens.fresh,
        "cache_creation_input_tokens": tokens.written + tokens.written_1h,
        "cache_read_input_tokens": tokens.cached,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.written,
            "ephemeral_1h_input_tokens": tokens.written_1h,
        },
        "output_tokens": tokens.output,
        "service_tier": tier or "standard",
        "inference_geo": "not_available",
    }


def _message(asked: Asked, tokens: Tokens | None, *content: Json, stop: str | None) -> Json:
    return {
        "model": asked.answering,
        "id": "msg_013Zva2CMHLNnXjNJJKqJ2EF",
        "type": "message",
        "role": "assistant",
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        **({"usage": _usage(tokens, asked.reply.tier)} if tokens else {}),
    }


def _whole(asked: Asked) -> Piece:
    reply = asked.reply
    text = {"type": "text", "text": reply.text}
    return Piece(bytes_of(_message(asked, reply.tokens, text, stop="end_turn")), reply.tokens)


def _stream(asked: Asked) -> list[Piece]:
    tokens = asked.reply.tokens
    begun = replace(tokens, answer=1, reasoning=0) if tokens else None

    def part(kind: str, told: Tokens | None = begun, *, closing: bool = False, **body: object) -> Piece:
        return Piece(event({"type": kind, **body}, kind), told, closing)

    deltas = [
        part("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
        for piece in pieces_of(asked.reply.text)
    ]
    ended: dict[str, object] = {"delta": {"stop_reason": "end_turn", "stop_sequence": None}}
    if tokens:
        cache = {
            "cache_creation_input_tokens": tokens.written + tokens.written_1h,
            "cache_read_input_tokens": tokens.cached,
        }
        ended["usage"] = {"input_tokens": tokens.fresh, **cache, "output_tokens": tokens.output}
    return [
        part("message_start", message=_message(asked, begun, stop=None)),
        part("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        part("ping"),
        *deltas,
        part("content_block_stop", index=0, closing=True),
        part("message_delta", tokens, closing=True, **ended),
        part("message_stop", tokens, closing=True),
    ]


def _error(status: int) -> Json:
    kind, message = _ERRORS.get(status, ("api_error", "Internal server error"))
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": _REQUEST}


def _failure(_: Asked) -> bytes:
    return event(_error(529), "error")


def _refusal(status: int) -> bytes:
    return bytes_of(_error(status))


WIRE = Wire(_whole, _stream, _failure, _refusal, headers={"request-id": _REQUEST})
