"""Which request asks which provider for what."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.support.providers import anthropic, gemini, openai_chat, openai_embeddings, openai_responses, openrouter
from tests.support.providers.script import Json, Wire


def _in_body(_: str, body: Json) -> bool:
    return body.get("stream") is True


def _in_path(path: str, _: Json) -> bool:
    return ":stream" in path


@dataclass(frozen=True, slots=True)
class Route:
    """An operation of a provider, at the paths that `pattern` has."""

    provider: str
    operation: str
    pattern: str
    wire: Wire
    streams: Callable[[str, Json], bool] = _in_body


_GEMINI = "/gemini/v1(?:beta)?/models/(?P<model>[^/:]+):"

ROUTES = (
    Route("openai", "chat", "/openai/v1/chat/completions", openai_chat.WIRE),
    Route("openai", "responses", "/openai/v1/responses", openai_responses.WIRE),
    Route("openai", "embeddings", "/openai/v1/embeddings", openai_embeddings.WIRE),
    Route("openrouter", "chat", "/openrouter(?:\\.ai)?/api/v1/chat/completions", openrouter.WIRE),
    Route("anthropic", "messages", "/anthropic/v1/messages", anthropic.WIRE),
    Route("gcp.gemini", "generate", f"{_GEMINI}(?:generateContent|streamGenerateContent)", gemini.WIRE, _in_path),
    Route("gcp.gemini", "embed", f"{_GEMINI}(?:embedContent|batchEmbedContents)", gemini.EMBEDDINGS),
)


def find(path: str) -> tuple[Route, Mapping[str, str]] | None:
    """Return the route of a path and what it says of the model; None where there is none."""
    plain = path.partition("?")[0]
    for route in ROUTES:
        if match := re.fullmatch(route.pattern, plain):
            return route, match.groupdict()
    return None
