"""What a protocol has to say, and the parts that several share."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import BaseModel

from app_integration.simulator.prompts import Prompt, Reply
from app_integration.simulator.served import Told

Json: TypeAlias = Mapping[str, object]

# A stream's text comes in so many pieces.
_PIECES = 4


class RequestError(ValueError):
    """A request that the protocol does not have."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How one provider is spoken to.

    `parse` reads a request from its body and the path's parameters and raises RequestError; `answer` is the whole
    answer, `stream` its server-sent events, `refusal` the body of an error of this status. `told_when_cut` is what a
    stream has told of the tokens that breaks off.
    """

    parse: Callable[[bytes, Mapping[str, str]], Prompt]
    answer: Callable[[str, Reply], Json]
    stream: Callable[[str, Prompt, Reply], Sequence[bytes]]
    refusal: Callable[[int, str], Json]
    told_when_cut: Callable[[Reply], Told]


class Part(BaseModel):
    """A piece of a text; what is no text has none."""

    text: str = ""


def joined(content: str | Sequence[Part] | None) -> str:
    """Return the text of a content, which is one or comes in parts."""
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(part.text for part in content)


def pieces(text: str) -> list[str]:
    """Return a text in the pieces that a stream sends it in."""
    size = -(-len(text) // _PIECES)
    return [text[start : start + size] for start in range(0, len(text), size)]


def event(data: Json, name: str | None = None) -> bytes:
    """Return a server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
