"""OpenAI's Chat Completions.

Source: https://platform.openai.com/docs/api-reference/chat, /chat-streaming. Prompt tokens include those that were
cached, completion tokens those of reasoning. A stream tells its usage in a chunk of its own, where it is asked to.
"""

from collections.abc import Mapping

from tests.support.providers import openai_errors
from tests.support.providers.script import Asked, Json, Piece, Tokens, Wire, bytes_of, event, pieces_of

CREATED = 1_755_000_000
DONE = b"data: [DONE]\n\n"


def usage(tokens: Tokens) -> Json:
    """Return what is told of the tokens."""
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.prompt + tokens.output,
        "prompt_tokens_details": {
            "cached_tokens": tokens.cached,
            "audio_tokens": 0,
            **({"cache_write_tokens": tokens.written} if tokens.written else {}),
        },
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _head(asked: Asked, kind: str) -> Json:
    return {
        "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
        "object": kind,
        "created": CREATED,
        "model": asked.answering,
        "service_tier": asked.reply.tier or "default",
        "system_fingerprint": None,
    }


def _whole(asked: Asked) -> Piece:
    reply = asked.reply
    message: dict[str, object] = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    told = {"usage": usage(reply.tokens)} if reply.tokens else {}
    return Piece(bytes_of({**_head(asked, "chat.completion"), "choices": [choice], **told}), reply.tokens)


def tells_usage(asked: Asked) -> bool:
    """Whether a stream is asked to tell its usage."""
    options = asked.body.get("stream_options")
    return isinstance(options, Mapping) and options.get("include_usage") is True


def _stream(asked: Asked) -> list[Piece]:
    head, tokens = _head(asked, "chat.completion.chunk"), asked.reply.tokens
    told = tokens is not None and tells_usage(asked)

    def chunk(delta: Json, finish: str | None = None) -> Piece:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        # Asked for the usage, every other chunk has an empty one.
        none = {"usage": None} if told else {}
        return Piece(event({**head, "choices": [choice], **none, "obfuscation": "x7"}), closing=finish is not None)

    parts = [chunk({"role": "assistant", "content": "", "refusal": None})]
    parts += [chunk({"content": piece}) for piece in pieces_of(asked.reply.text)]
    parts.append(chunk({}, "stop"))
    if tokens is not None and told:
        parts.append(Piece(event({**head, "choices": [], "usage": usage(tokens)}), tokens, closing=True))
    return [*parts, Piece(DONE, tokens if told else None, closing=True)]


def _failure(_: Asked) -> bytes:
    return event({"error": openai_errors.told(500)})


WIRE = Wire(_whole, _stream, _failure, openai_errors.refusal, headers={"x-request-id": "req_0f1e2d3c4b5a"})
