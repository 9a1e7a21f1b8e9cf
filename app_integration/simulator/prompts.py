"""What a provider is asked, whatever its protocol."""

from dataclasses import dataclass

from app_integration.simulator.verdicts import tokens


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation: instructions, then texts by role (`user`, `assistant` or `model`), oldest first."""

    model: str
    instructions: str
    turns: tuple[tuple[str, str], ...]
    streamed: bool = False
    with_usage: bool = True

    @property
    def question(self) -> str:
        """The first thing that the user said."""
        return next((text for role, text in self.turns if role == "user"), "")

    @property
    def turn(self) -> int:
        """How many times the user has spoken, at least 1."""
        return max(1, sum(role == "user" for role, _ in self.turns))

    @property
    def text(self) -> str:
        """All of it, a line a text."""
        return "\n".join([self.instructions, *(text for _, text in self.turns)])

    @property
    def tokens(self) -> int:
        """How many tokens all of it has."""
        return tokens(self.text)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and the tokens it is charged for: `cached` is part of `input`, `reasoning` is not part of `output`."""

    model: str
    text: str
    input: int
    cached: int
    output: int
    reasoning: int
