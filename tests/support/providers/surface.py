"""One way to ask that an SDK has."""

import json
import re
from collections.abc import AsyncIterable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from pydantic import BaseModel

from tests.support.providers.script import Asked
from tests.support.providers.sdks import Sdks

QUESTION = "Hängt es davon ab?"


class Verdict(BaseModel):
    """What the helpers that parse are asked for."""

    depends: bool


# The number of the call that a thread or task makes, where many are made at once.
_number: ContextVar[int | None] = ContextVar("number", default=None)

VERDICT = Verdict(depends=True)


@dataclass(frozen=True, slots=True)
class Surface:
    """What it does, and which answers it understands.

    `call` gets the model and returns all that the application gets, as plain values: of a stream every part; or a
    coroutine of that. `parses` ones want a text that is a VERDICT, `embeds` ones no text at all.
    """

    name: str
    provider: str
    call: Callable[[Sdks, str], object]
    streams: bool = False
    parses: bool = False
    embeds: bool = False

    def ask(self, sdks: Sdks, model: str) -> object:
        """Ask, and wait for the answer."""
        called = self.call(sdks, model)
        return sdks.run(called) if isinstance(called, Coroutine) else called


def question() -> str:
    """Return what is asked, with its number."""
    number = _number.get()
    return QUESTION if number is None else f"{QUESTION} #{number}#"


@contextmanager
def numbered(number: int) -> Iterator[None]:
    """Ask with this number until the end of the block, in this thread or task."""
    token = _number.set(number)
    try:
        yield
    finally:
        _number.reset(token)


def number_of(asked: Asked) -> int:
    """Return the number of the call that a request belongs to."""
    found = re.search("#([0-9]+)#", json.dumps(asked.body))
    if found is None:
        raise ValueError(f"a request without number: {asked.body}")
    return int(found[1])


def plain(told: object) -> object:
    """Return an object of an SDK as plain values."""
    return told.model_dump(mode="json", warnings=False) if isinstance(told, BaseModel) else told


def every(parts: Iterable[object]) -> list[object]:
    """Return all parts of a stream."""
    return [plain(part) for part in parts]


async def every_async(parts: AsyncIterable[object]) -> list[object]:
    """Return all parts of an asynchronous stream."""
    return [plain(part) async for part in parts]
