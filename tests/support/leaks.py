"""Looking for personal data in what a process says: whole, in part, and however it is spelled."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from google.protobuf.message import Message

from tests.support.personal_data import Datum

# So many characters of a secret are a leak; of digits alone more, for times and figures have them too.
_CHARACTERS, _DIGITS = 8, 10
_APART = re.compile(r"[\W_]+")
# Of what is no text the legible parts are lines.
_LINE_ENDS = re.compile("[\0-\x1f\ufffd]+")


def leaks(data: Iterable[Datum], text: str) -> list[str]:
    """Return the secrets of data of which a line of a text has a part, separators and case aside."""
    wanted = _wanted(tuple(data))
    sizes = sorted({len(piece) for piece in wanted})
    found = set()
    # Pages say the same in many lines.
    for line in {_squeezed(line) for line in set(_LINE_ENDS.split(text))}:
        for size in sizes:
            for at in range(len(line) - size + 1):
                piece = line[at : at + size]
                if piece in wanted:
                    found.add(wanted[piece])
    return sorted(found)


@cache
def _wanted(data: tuple[Datum, ...]) -> dict[str, str]:
    """Return the secrets by the parts of them that are a leak."""
    wanted: dict[str, str] = {}
    for datum in data:
        for piece in _pieces(_squeezed(datum.secret)):
            wanted.setdefault(piece, datum.secret)
    return wanted


def _squeezed(text: str) -> str:
    return _APART.sub("", text).casefold()


def _pieces(secret: str) -> Iterator[str]:
    for size in (_CHARACTERS, _DIGITS):
        if len(secret) <= size:
            yield secret
            return
        for at in range(len(secret) - size + 1):
            piece = secret[at : at + size]
            if piece.isdigit() == (size == _DIGITS):
                yield piece


def texts(message: Message) -> Iterator[str]:
    """Yield every string of a message, and its bytes as text, but for ids."""
    for field, value in message.ListFields():
        if field.name in {"trace_id", "span_id", "parent_span_id"}:
            continue
        for each in value if field.is_repeated else (value,):
            if isinstance(each, Message):
                yield from texts(each)
            elif isinstance(each, str):
                yield each
            elif isinstance(each, bytes):
                yield each.decode()
