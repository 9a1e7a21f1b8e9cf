"""OpenAI's embeddings. Source: https://platform.openai.com/docs/api-reference/embeddings; the SDK asks for base64."""

import base64
import struct

from tests.support.providers import openai_errors
from tests.support.providers.script import Asked, Piece, Tokens, Wire, bytes_of

VECTOR = (0.25, -0.5, 0.125)


def _whole(asked: Asked) -> Piece:
    tokens = asked.reply.tokens
    packed = base64.b64encode(struct.pack("<3f", *VECTOR)).decode()
    vector = packed if asked.body.get("encoding_format") == "base64" else list(VECTOR)
    told = {"usage": {"prompt_tokens": tokens.prompt, "total_tokens": tokens.prompt}} if tokens else {}
    data = [{"object": "embedding", "index": 0, "embedding": vector}]
    body = {"object": "list", "data": data, "model": asked.answering, **told}
    return Piece(bytes_of(body), Tokens(fresh=tokens.prompt) if tokens else None)


def _no_stream(asked: Asked) -> list[Piece]:
    raise NotImplementedError(f"embeddings are no stream: {asked.path}")


def _no_failure(asked: Asked) -> bytes:
    raise NotImplementedError(f"embeddings are no stream: {asked.path}")


WIRE = Wire(_whole, _no_stream, _no_failure, openai_errors.refusal)
