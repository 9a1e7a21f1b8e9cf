"""One way to ask that an SDK has."""

from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass

from pydantic import BaseModel

from tests.support.providers.sdks import Sdks

QUESTION = "Hängt es davon ab?"


class Verdict(BaseModel):
    """What the helpers that parse are asked for."""

    depends: bool


VERDICT = Verdict(depends=True)


@dataclass(frozen=True, slots=True)
class Surface:
    """What it does, and which answers it understands.

    `ask` gets the model and returns all that the application gets, as plain values: of a stream every part.
    `whole` surfaces take an answer at once, others stream. `parses` ones want a text that is a VERDICT.
    """

    name: str
    provider: str
    ask: Callable[[Sdks, str], object]
    streams: bool = False
    parses: bool = False
    embeds: bool = False


def plain(told: object) -> object:
    """Return an object of an SDK as plain values."""
    return told.model_dump(mode="json", warnings=False) if isinstance(told, BaseModel) else told


def every(parts: Iterable[object]) -> list[object]:
    """Return all parts of a stream."""
    return [plain(part) for part in parts]


async def every_async(parts: AsyncIterable[object]) -> list[object]:
    """Return all parts of an asynchronous stream."""
    return [plain(part) async for part in parts]
