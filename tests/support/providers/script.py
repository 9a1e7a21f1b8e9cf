"""What a stub is told to answer, and what it remembers of each request."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Literal, TypeAlias

# What the tests' models cost.
PRICES = Path(__file__).with_name("prices.toml")

Json: TypeAlias = Mapping[str, object]

# How an answer ends: as it should; with the connection closed, or reset; whole for HTTP, but without its last words;
# with an error told in the stream; never, until the client goes.
Ending: TypeAlias = Literal["whole", "closed", "reset", "early", "error", "held"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one answer, in disjoint parts, whatever the provider adds up of them.

    `written` and `written_1h` are input that the provider put into its cache; `reasoning` is output beside `answer`.
    """

    fresh: int = 0
    cached: int = 0
    written: int = 0
    written_1h: int = 0
    answer: int = 0
    reasoning: int = 0

    @property
    def prompt(self) -> int:
        """All tokens of the input."""
        return self.fresh + self.cached + self.written + self.written_1h

    @property
    def output(self) -> int:
        """All tokens of the output."""
        return self.answer + self.reasoning


ORDINARY = Tokens(fresh=1_234, answer=567)


@dataclass(frozen=True, slots=True)
class Reply:
    """What becomes of one request.

    `tokens` is what the answer tells, None where it tells nothing of them; `model` answers, None for the one that was
    asked; `tier` is the service's. `parts` is how many parts of a stream go out before its `ending`, None for all.
    `body` goes out in place of what the protocol would say. `bytes_at_once` cuts what goes out into pieces of so many
    bytes, each sent by itself.
    """

    status: int = 200
    tokens: Tokens | None = ORDINARY
    model: str | None = None
    text: str = "Das hängt davon ab: 東京, peut-être."
    tier: str | None = None
    parts: int | None = None
    ending: Ending = "whole"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    bytes_at_once: int | None = None

    def but(self, **changes: object) -> "Reply":
        """Return the same with other values."""
        return replace(self, **changes)  # type: ignore[arg-type]  # fields by name, as `replace` checks them


@dataclass(slots=True)
class Asked:
    """A request that came, and what it was told: the tokens that really went out until the answer's end.

    `model` is the one that is asked for, `answered_by` the one that the answer names as far as it went out.
    """

    provider: str
    operation: str
    path: str
    headers: Mapping[str, str]
    body: Json
    model: str
    streams: bool
    reply: Reply
    told: Tokens | None = None
    answered_by: str | None = None

    @property
    def answering(self) -> str:
        """The model that answers."""
        return self.reply.model or self.model

    @property
    def begun(self) -> bool:
        """Whether an answer, or a part of one, has reached the client: it costs something, whoever tells how much."""
        return self.answered_by is not None or (self.reply.status == HTTPStatus.OK and self.reply.body is not None)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of an answer, and what a client knows of the tokens once it has them.

    `closing` ones are the last words of a stream: one that is over before it should be lacks them. A `comment` says
    nothing of the answer.
    """

    data: bytes
    told: Tokens | None = None
    closing: bool = False
    comment: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """One operation of a provider's protocol, in the bytes that it has there.

    `stream` gives the parts of a stream, `failure` the part that tells an error in the midst of one, `refusal` the body
    of an error of this status.
    """

    whole: Callable[[Asked], Piece]
    stream: Callable[[Asked], list[Piece]]
    failure: Callable[[Asked], bytes]
    refusal: Callable[[int], bytes]
    headers: Mapping[str, str] = field(default_factory=dict)


def pieces_of(text: str) -> list[str]:
    """Return a text in the pieces that a stream has it in."""
    size = max(1, -(-len(text) // 3))
    return [text[start : start + size] for start in range(0, len(text), size)]


def bytes_of(body: Json) -> bytes:
    """Return a body as JSON without spaces, characters beyond ASCII as they are."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def event(body: Json, name: str | None = None, end: str = "\n") -> bytes:
    """Return a server-sent event; `end` ends its lines."""
    first = f"event: {name}{end}" if name else ""
    return first.encode() + b"data: " + bytes_of(body) + (2 * end).encode()
