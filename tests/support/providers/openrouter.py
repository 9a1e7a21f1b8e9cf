"""OpenRouter's Chat Completions: OpenAI's protocol with words of its own.

Source: https://openrouter.ai/docs/api-reference/overview, /streaming, /errors. The usage tells the cost and comes
always; streams have comments while the provider works; the status of an error is in its body, and an error that comes
while the model answers is told in an answer of status 200.
"""

from tests.support.providers.openai_chat import CREATED, DONE
from tests.support.providers.openai_chat import usage as usage_of_openai
from tests.support.providers.script import Asked, Json, Piece, Tokens, Wire, bytes_of, event, pieces_of

_PROCESSING = Piece(b": OPENROUTER PROCESSING\n\n", comment=True)
_MESSAGES = {
    400: "deepseek/deepseek-v0 is not a valid model ID",
    401: "No auth credentials found",
    404: "No endpoints found that match your data policy",
    429: "Provider returned error",
    503: "No instances available",
}


def _usage(tokens: Tokens) -> Json:
    details = {"reasoning_tokens": tokens.reasoning, "image_tokens": 0}
    return {
        **usage_of_openai(tokens),
        "prompt_tokens_details": {
            "cached_tokens": tokens.cached,
            "cache_write_tokens": tokens.written,
            "audio_tokens": 0,
            "video_tokens": 0,
        },
        "completion_tokens_details": details,
        "cost": 0.0012345,
        "is_byok": False,
        "cost_details": {"upstream_inference_cost": None},
    }


def _head(asked: Asked, kind: str) -> Json:
    head = {"id": "gen-1755000000-vhyhiGVULD2E7vnWSpYL", "provider": "Fireworks", "model": asked.answering}
    return {**head, "object": kind, "created": CREATED}


def _whole(asked: Asked) -> Piece:
    reply = asked.reply
    head = _head(asked, "chat.completion")
    if reply.ending == "error":
        return Piece(bytes_of({**head, "choices": [], "error": _error(429)}))
    message = {"role": "assistant", "content": reply.text, "refusal": None, "reasoning": None}
    choice = {"index": 0, "logprobs": None, "finish_reason": "stop", "native_finish_reason": "stop", "message": message}
    told = {"usage": _usage(reply.tokens)} if reply.tokens else {}
    return Piece(bytes_of({**head, "choices": [choice], **told}), reply.tokens)


def _stream(asked: Asked) -> list[Piece]:
    head, tokens = _head(asked, "chat.completion.chunk"), asked.reply.tokens

    def chunk(text: str, finish: str | None = None) -> Piece:
        delta = {"role": "assistant", "content": text}
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "native_finish_reason": finish, "logprobs": None}
        return Piece(event({**head, "choices": [choice]}), closing=finish is not None)

    parts = [_PROCESSING, _PROCESSING, *(chunk(piece) for piece in pieces_of(asked.reply.text))]
    parts.append(chunk("", "stop"))
    if tokens is not None:
        choice = {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}
        parts.append(Piece(event({**head, "choices": [choice], "usage": _usage(tokens)}), tokens, closing=True))
    return [*parts, Piece(DONE, tokens, closing=True)]


def _error(status: int) -> Json:
    message = _MESSAGES.get(status, "Internal Server Error")
    raw = {"raw": "upstream says no", "provider_name": "Fireworks"}
    return {"message": message, "code": status, **({"metadata": raw} if status == 429 else {})}


def _failure(asked: Asked) -> bytes:
    choice = {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": "error"}
    error = {"code": 429, "message": "Provider disconnected unexpectedly"}
    return event({**_head(asked, "chat.completion.chunk"), "error": error, "choices": [choice]}) + DONE


def _refusal(status: int) -> bytes:
    return bytes_of({"error": _error(status), "user_id": "user_2a"})


WIRE = Wire(_whole, _stream, _failure, _refusal, headers={"x-generation-id": "gen-1755000000-vhyhiGVULD2E7vnWSpYL"})
