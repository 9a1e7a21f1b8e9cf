"""What answers in OpenAI's protocols tell: Chat Completions, Completions, Responses, Embeddings; OpenRouter's as well.

Source: OpenAI's API reference. `prompt_tokens` and `input_tokens` include what was read from the cache and written to
it, `completion_tokens` and `output_tokens` the tokens of reasoning.
"""

from typing import Final

from app_integration.llm.fields import count, field, text
from app_integration.llm.usage import Usage

# The path that a request ends with, behind that of a deployment on Azure; the longest first.
OPERATIONS: Final = (
    ("/chat/completions", "chat"),
    ("/completions", "text_completion"),
    ("/responses", "chat"),
    ("/embeddings", "embeddings"),
)
_ORDINARY: Final = frozenset({"default", "standard", "auto"})
# Events of the Responses API that end with a failure; what they tell is in `response`, or in themselves.
_FAILURES: Final = frozenset({"response.failed", "error"})
# Kinds of tokens with prices that `Usage` has no part for: as a tier of their own they never have the price of text.
_DEARER: Final = (
    ("prompt_tokens_details", "audio_tokens"),
    ("prompt_tokens_details", "image_tokens"),
    ("completion_tokens_details", "audio_tokens"),
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
        told = field(part, "response")
        if told is None:
            told = part
        self.model = text(told, "model") or self.model
        self._tier = text(told, "service_tier") or self._tier
        if (usage := field(told, "usage")) is not None:
            self.usage = _usage(usage, self._tier) or self.usage
        if text(part, "type") in _FAILURES or text(told, "status") == "failed":
            self.error_type = text(field(told, "error"), "code") or text(part, "code") or "error"


def _usage(told: object, tier: str | None) -> Usage | None:
    prompt, output = count(told, "prompt_tokens"), count(told, "completion_tokens")
    details = field(told, "prompt_tokens_details")
    if prompt is None and output is None:
        prompt, output = count(told, "input_tokens"), count(told, "output_tokens")
        details = field(told, "input_tokens_details")
    if prompt is None and output is None:
        return None
    prompt = prompt or 0
    # More cached than there was would make the rest negative.
    read = min(prompt, count(details, "cached_tokens") or 0)
    written = min(prompt - read, count(details, "cache_write_tokens") or 0)
    for part, kind in _DEARER:
        if count(field(told, part), kind):
            tier = kind.removesuffix("_tokens")
    return Usage(
        input=prompt - read - written,
        cache_read=read,
        cache_write=written,
        output=output or 0,
        service_tier=None if tier in _ORDINARY else tier,
    )
