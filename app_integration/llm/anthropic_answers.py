"""What answers of Anthropic's Messages API tell.

Source: Anthropic's API reference. `input_tokens` do not include what was read from the cache or written to it;
`output_tokens` include thinking. The figures of a stream are cumulative: first in `message_start`, then in
`message_delta`.
"""

from typing import Final

from app_integration.llm.fields import count, field, text
from app_integration.llm.usage import Usage

OPERATIONS: Final = (("/v1/messages", "chat"), ("/v1/complete", "text_completion"))
_COUNTS: Final = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


class AnthropicAnswer:
    """What an answer, or the events of one so far, have told."""

    def __init__(self) -> None:
        self.model: str | None = None
        self.error_type: str | None = None
        self._counts: dict[str, int] = {}
        self._written_1h = 0
        self._tier: str | None = None

    def read(self, part: object) -> None:
        """Read a message or one event of a stream."""
        told = field(part, "message")
        if told is None:
            told = part
        self.model = text(told, "model") or self.model
        usage = field(told, "usage")
        if usage is None:
            return
        # An event that leaves a figure out has not taken it back.
        self._counts |= {name: found for name in _COUNTS if (found := count(usage, name)) is not None}
        if (written := count(field(usage, "cache_creation"), "ephemeral_1h_input_tokens")) is not None:
            self._written_1h = written
        self._tier = _tier(usage) or self._tier

    @property
    def usage(self) -> Usage | None:
        """The tokens that were told; None where none were."""
        if not self._counts:
            return None
        written = self._counts.get("cache_creation_input_tokens", 0)
        written_1h = min(written, self._written_1h)
        return Usage(
            input=self._counts.get("input_tokens", 0),
            cache_read=self._counts.get("cache_read_input_tokens", 0),
            cache_write=written - written_1h,
            cache_write_1h=written_1h,
            output=self._counts.get("output_tokens", 0),
            service_tier=self._tier,
        )


def _tier(usage: object) -> str | None:
    """Return what makes the price another: a fast mode, a region that costs more, a tier; None for the ordinary one."""
    if (speed := text(usage, "speed")) not in (None, "standard"):
        return speed
    if text(usage, "inference_geo") == "us":
        return "us"
    tier = text(usage, "service_tier")
    return None if tier == "standard" else tier
