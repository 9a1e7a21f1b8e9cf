"""What answers in OpenAI's protocols tell: Chat Completions, Completions, Responses, Embeddings; OpenRouter's as well.

Source: OpenAI's API reference. `prompt_tokens` and `input_tokens` include what was read from the cache and written to
it, `completion_tokens` and `output_tokens` the tokens of reasoning. OpenRouter's count the same way, and tell an error
that comes while the model answers in an answer of status 200 (openrouter.ai/docs/api/reference/errors-and-debugging).
"""

import functools
from typing import Final

from app_integration.llm.fields import count, field, text
from app_integration.llm.usage import Usage, untold

# The path that a request ends with, behind that of a deployment on Azure; the longest first.
OPERATIONS: Final = (
    ("/chat/completions", "chat"),
    ("/completions", "text_completion"),
    ("/responses", "chat"),
    ("/responses/compact", "chat"),
    ("/embeddings", "embeddings"),
)
_ORDINARY: Final = frozenset({"default", "standard", "auto"})
# Kinds of tokens with prices that `Usage` has no part for: as a tier of their own they never have the price of text.
# Images in a prompt are not among them: they are billed as text.
_DEARER: Final = (
    (("prompt_tokens_details", "audio_tokens"), "audio"),
    (("completion_tokens_details", "audio_tokens"), "audio"),
    (("input_tokens_details", "cache_write_tokens_details", "ttl_12h_tokens"), "cache_write_12h"),
)


class OpenAiAnswer:
    """What an answer, or the parts of one so far, have told."""

    def __init__(self) -> None:
        self.model: str | None = None
        self.usage: Usage | None = None
        self.error_type: str | None = None
        self._tier: str | None = None

    def read(self, part: object) -> None:
        """Read an answer, one chunk of it, or one event of the Responses API."""
        kind = text(part, "type") or ""
        told = field(part, "response") if kind.startswith("response.") else part
        self.model = text(told, "model") or self.model
        self._tier = text(told, "service_tier") or self._tier
        if (usage := field(told, "usage")) is not None:
            self.usage = _usage(usage, self._tier) or self.usage
        self.error_type = self.error_type or _failure(part, told)


def _failure(part: object, told: object) -> str | None:
    """Return what the answer says went wrong: a status or a code; None where nothing did."""
    choices = field(told, "choices")
    for holder in (told, *(choices if isinstance(choices, list | tuple) else ())):
        if (error := field(holder, "error")) is not None:
            return _code(error) or "error"
    if text(part, "type") == "error":  # an event that is itself the error
        return _code(part) or "error"
    return "error" if text(told, "status") == "failed" else None


def _code(error: object) -> str | None:
    status = count(error, "code")
    return text(error, "code") or (str(status) if status is not None else text(error, "type"))


def _usage(told: object, tier: str | None) -> Usage | None:
    prompt, output = count(told, "prompt_tokens"), count(told, "completion_tokens")
    details = field(told, "prompt_tokens_details")
    if prompt is None and output is None:
        prompt, output = count(told, "input_tokens"), count(told, "output_tokens")
        details = field(told, "input_tokens_details")
    if prompt is None and output is None:
        return None
    missing = untold(sent=prompt is not None, received=output is not None)
    prompt = prompt or 0
    # More cached than there was would make the rest negative.
    read = min(prompt, count(details, "cached_tokens") or 0)
    written = min(prompt - read, count(details, "cache_write_tokens") or 0)
    for path, dearer in _DEARER:
        *parts, last = path
        if count(functools.reduce(field, parts, told), last):
            tier = dearer
    return Usage(
        input=prompt - read - written,
        cache_read=read,
        cache_write=written,
        output=output or 0,
        service_tier=None if tier in _ORDINARY else tier,
        untold=missing,
    )
