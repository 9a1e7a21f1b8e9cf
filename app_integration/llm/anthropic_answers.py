"""What answers of Anthropic's Messages API tell.

Source: Anthropic's API reference. `input_tokens` do not include what was read from the cache or written to it;
`output_tokens` include thinking. The figures of a stream are cumulative: first in `message_start`, then in
`message_delta`. `iterations` tells what was done for one answer; of it, the tokens of a compaction are in none of the
other figures.
"""

from collections.abc import Iterator
from typing import Final

from app_integration.llm.fields import count, field, text
from app_integration.llm.usage import Usage, untold

OPERATIONS: Final = (("/v1/messages", "chat"), ("/v1/complete", "text_completion"))
_COUNTS: Final = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_WRITTEN: Final = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
# What another model did for an answer has other prices: as a tier of its own it never has the answering model's.
_BY_ANOTHER_MODEL: Final = {"advisor_message": "advisor", "fallback_message": "fallback"}


class AnthropicAnswer:
    """What an answer, or the events of one so far, have told."""

    def __init__(self) -> None:
        self.model: str | None = None
        self.error_type: str | None = None
        self._counts: dict[str, int] = {}
        self._compactions: list[Usage] = []
        self._tier: str | None = None

    def read(self, part: object) -> None:
        """Read a message or one event of a stream."""
        kind = text(part, "type")
        if kind == "error":
            self.error_type = text(field(part, "error"), "type") or "error"
        told = field(part, "message") if kind == "message_start" else part
        self.model = text(told, "model") or self.model
        usage = field(told, "usage")
        if usage is None:
            return
        # An event that leaves a figure out has not taken it back.
        self._counts |= dict(_counts(usage))
        self._tier = _tier(usage) or self._tier
        iterations = field(usage, "iterations")
        if isinstance(iterations, list | tuple):
            self._read_iterations(iterations)

    def _read_iterations(self, iterations: list[object] | tuple[object, ...]) -> None:
        kinds = [(text(each, "type"), each) for each in iterations]
        self._compactions = [_usage(dict(_counts(each))) for kind, each in kinds if kind == "compaction"]
        self._tier = next((_BY_ANOTHER_MODEL[kind] for kind, _ in kinds if kind in _BY_ANOTHER_MODEL), self._tier)

    @property
    def usage(self) -> Usage | None:
        """The tokens that were told; None where none were."""
        if not self._counts:
            return None
        parts = (_usage(self._counts), *self._compactions)
        return Usage(
            input=sum(part.input for part in parts),
            cache_read=sum(part.cache_read for part in parts),
            cache_write=sum(part.cache_write for part in parts),
            cache_write_1h=sum(part.cache_write_1h for part in parts),
            output=sum(part.output for part in parts),
            service_tier=self._tier,
            untold=untold(sent="input_tokens" in self._counts, received="output_tokens" in self._counts),
        )


def _counts(usage: object) -> Iterator[tuple[str, int]]:
    written = field(usage, "cache_creation")
    for holder, names in ((usage, _COUNTS), (written, _WRITTEN)):
        for name in names:
            if (found := count(holder, name)) is not None:
                yield name, found


def _usage(counts: dict[str, int]) -> Usage:
    """Return disjoint parts; the sum of what was written to the cache is told apart from its two kinds."""
    for_5m, for_1h = (counts.get(name, 0) for name in _WRITTEN)
    written = counts.get("cache_creation_input_tokens", for_5m + for_1h)
    for_1h = min(written, for_1h)
    return Usage(
        input=counts.get("input_tokens", 0),
        cache_read=counts.get("cache_read_input_tokens", 0),
        cache_write=written - for_1h,
        cache_write_1h=for_1h,
        output=counts.get("output_tokens", 0),
    )


def _tier(usage: object) -> str | None:
    """Return what makes the price another: a fast mode, a region that costs more, a tier; None for the ordinary one."""
    if (speed := text(usage, "speed")) not in (None, "standard"):
        return speed
    if text(usage, "inference_geo") == "us":
        return "us"
    tier = text(usage, "service_tier")
    return None if tier == "standard" else tier
