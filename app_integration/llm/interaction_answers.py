"""What answers of Gemini's Interactions API tell.

Source: https://ai.google.dev/api/interactions-api (Interaction, Usage, InteractionSseEvent). `total_input_tokens`
include what was read from the cache; those of tools and of thoughts are in none of the others. A stream tells them in
its last event.
"""

from typing import Final

from app_integration.llm.fields import count, field, text
from app_integration.llm.usage import Usage, untold

_COUNTS: Final = ("total_input_tokens", "total_output_tokens", "total_tokens")
_ORDINARY: Final = frozenset({"standard", "unspecified"})
# Kinds of tokens with prices that `Usage` has no part for: as a tier of their own they never have the price of text.
_DEARER: Final = (
    ("input_tokens_by_modality", ("audio",)),
    ("output_tokens_by_modality", ("audio", "image", "video")),
)


class InteractionAnswer:
    """What an interaction, or the events of one so far, have told; `tier` is the one that was asked for."""

    def __init__(self, tier: str | None = None) -> None:
        self.model: str | None = None
        self.error_type: str | None = None
        self.usage: Usage | None = None
        self._tier = tier

    def read(self, part: object) -> None:
        """Read an interaction or one event of a stream."""
        if field(part, "is_unknown"):  # an event that the SDK has no class for
            part = field(part, "raw")
        kind = text(part, "event_type")
        told = part if kind is None else field(part, "interaction")
        # An agent chooses its models itself, and names none.
        self.model = text(told, "model") or text(told, "agent") or self.model
        self._tier = text(told, "service_tier") or self._tier
        if (usage := field(told, "usage")) is not None:
            self.usage = _usage(usage, (self._tier or "").lower()) or self.usage
        if kind == "error":
            self.error_type = text(field(part, "error"), "code") or "error"
        elif text(told, "status") == "failed":
            self.error_type = self.error_type or _first_code(field(told, "errors")) or "error"


def _first_code(errors: object) -> str | None:
    return next(filter(None, (text(each, "code") for each in errors)), None) if isinstance(errors, list) else None


def _usage(told: object, tier: str) -> Usage | None:
    if not any(count(told, name) for name in _COUNTS):
        return None
    prompt = count(told, "total_input_tokens") or 0
    cached = min(prompt, count(told, "total_cached_tokens") or 0)
    dearer = next((kind for name, kinds in _DEARER for kind in kinds if _has(field(told, name), kind)), None)
    sent = prompt + (count(told, "total_tool_use_tokens") or 0)
    received = (count(told, "total_output_tokens") or 0) + (count(told, "total_thought_tokens") or 0)
    # What the others make up the total without is 0.
    whole = 0 < (count(told, "total_tokens") or 0) <= sent + received
    return Usage(
        input=sent - cached,
        cache_read=cached,
        output=received,
        service_tier=dearer or (None if not tier or tier in _ORDINARY else tier),
        untold=untold(
            sent=whole or count(told, "total_input_tokens") is not None,
            received=whole or count(told, "total_output_tokens") is not None,
        ),
    )


def _has(parts: object, modality: str) -> bool:
    return isinstance(parts, list) and any(
        text(each, "modality") == modality and count(each, "tokens") for each in parts
    )
