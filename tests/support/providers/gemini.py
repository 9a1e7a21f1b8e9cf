"""Google's Gemini API: generateContent, streamGenerateContent?alt=sse, embedContent.

Source: https://ai.google.dev/api/generate-content, /embeddings; errors: https://cloud.google.com/apis/design/errors.
The prompt's tokens include those that were cached; those of thoughts are apart from the candidates'.
"""

import json

from tests.support.providers.script import Asked, Json, Piece, Tokens, Wire, event, pieces_of

VECTOR = (0.25, -0.5, 0.125)
_ERRORS = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: ("UNAUTHENTICATED", "API keys are not supported by this API."),
    404: ("NOT_FOUND", "models/gemini-0 is not found for API version v1beta."),
    429: ("RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details."),
    500: ("INTERNAL", "An internal error has occurred."),
    503: ("UNAVAILABLE", "The model is overloaded. Please try again later."),
}


def _bytes(body: object) -> bytes:
    return json.dumps(body, indent=2, ensure_ascii=False).encode()


def _usage(tokens: Tokens, tier: str | None) -> Json:
    return {
        "promptTokenCount": tokens.prompt,
        **({"candidatesTokenCount": tokens.answer} if tokens.answer else {}),
        "totalTokenCount": tokens.prompt + tokens.output,
        **({"cachedContentTokenCount": tokens.cached} if tokens.cached else {}),
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens.prompt}],
        **({"cacheTokensDetails": [{"modality": "TEXT", "tokenCount": tokens.cached}]} if tokens.cached else {}),
        **({"thoughtsTokenCount": tokens.reasoning} if tokens.reasoning else {}),
        **({"serviceTier": tier} if tier else {}),
    }


def _part(asked: Asked, text: str, tokens: Tokens | None, finish: str | None) -> Json:
    candidate: dict[str, object] = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    told = {"usageMetadata": _usage(tokens, asked.reply.tier)} if tokens else {}
    return {"candidates": [candidate], **told, "modelVersion": asked.answering, "responseId": "m5YVaMzoLZOkvdIP"}


def _whole(asked: Asked) -> Piece:
    reply = asked.reply
    return Piece(_bytes(_part(asked, reply.text, reply.tokens, "STOP")), reply.tokens)


def _stream(asked: Asked) -> list[Piece]:
    tokens = asked.reply.tokens
    # Each part tells the prompt, and what has been thought and said until then.
    known = Tokens(tokens.fresh, tokens.cached, reasoning=tokens.reasoning) if tokens else None
    *most, last = pieces_of(asked.reply.text)
    parts = [Piece(event(_part(asked, text, known, None), end="\r\n"), known) for text in most]
    return [*parts, Piece(event(_part(asked, last, tokens, "STOP"), end="\r\n"), tokens, closing=True)]


def _error(status: int) -> Json:
    kind, message = _ERRORS.get(status, ("UNKNOWN", "Overloaded."))
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}
    return {
        "error": {"code": status, "message": message, "status": kind, **({"details": [retry]} if status == 429 else {})}
    }


def _failure(_: Asked) -> bytes:
    return event(_error(503), end="\r\n")


def _refusal(status: int) -> bytes:
    return _bytes(_error(status))


def _embedding(asked: Asked) -> Piece:
    tokens = asked.reply.tokens
    told = {"usageMetadata": {"promptTokenCount": tokens.prompt}} if tokens else {}
    one = {"values": list(VECTOR)}
    batch = asked.path.partition("?")[0].endswith("batchEmbedContents")
    body = {**({"embeddings": [one]} if batch else {"embedding": one}), **told}
    return Piece(_bytes(body), Tokens(fresh=tokens.prompt) if tokens else None)


def _no_stream(asked: Asked) -> list[Piece]:
    raise NotImplementedError(f"embeddings are no stream: {asked.path}")


WIRE = Wire(_whole, _stream, _failure, _refusal, headers={"server-timing": "gfet4t7; dur=1234"})
EMBEDDINGS = Wire(_embedding, _no_stream, _failure, _refusal)
