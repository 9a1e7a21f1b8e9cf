"""What a simulator has served, to the token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from app_integration.simulator.prompts import Reply

Outcome = Literal["success", "cut", "error", "rate_limited", "timeout", "invalid", "left"]


class Told(NamedTuple):
    """Tokens that an answer told, in parts that do not overlap; `reasoning` is part of `output`."""

    input: int = 0
    cache_read: int = 0
    output: int = 0
    reasoning: int = 0

    @classmethod
    def of(cls, reply: Reply) -> "Told":
        """Return what a whole answer tells."""
        return cls(reply.input - reply.cached, reply.cached, reply.output + reply.reasoning, reply.reasoning)


@dataclass(slots=True)
class Row:
    """Calls of one kind. `response_model` is who answered, empty where nobody did."""

    provider: str
    model: str
    response_model: str
    outcome: Outcome
    calls: int = 0
    input: int = 0
    cache_read: int = 0
    output: int = 0
    reasoning: int = 0


class Served:
    """Counts calls and the tokens that their answers told, by provider, models and outcome."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str, Outcome], Row] = {}

    def count(
        self, provider: str, model: str, outcome: Outcome, response_model: str = "", told: Told | None = None
    ) -> None:
        """Count a call."""
        key = provider, model, response_model, outcome
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Row(*key)
        told = told or Told()
        row.calls += 1
        row.input += told.input
        row.cache_read += told.cache_read
        row.output += told.output
        row.reasoning += told.reasoning

    def rows(self) -> Sequence[Row]:
        """Return all of them, in order of their names."""
        return [row for _, row in sorted(self._rows.items())]
