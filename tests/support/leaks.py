"""Looking for personal data in what a process says: whole, in part, and however it is spelled."""

import re
from collections.abc import Iterable, Iterator

from google.protobuf.message import Message

from tests.support.personal_data import Datum

# So many characters of a secret are a leak; of digits alone more, for times and figures have them too.
_CHARACTERS, _DIGITS = 8, 10
_APART = re.compile(r"[\W_]+")


def leaks(data: Iterable[Datum], text: str) -> list[str]:
    """Return the secrets of data of which a text has a part, separators and case aside."""
    wanted: dict[str, str] = {}
    for datum in data:
        for piece in _pieces(_squeezed(datum.secret)):
            wanted.setdefault(piece, datum.secret)
    seen = _squeezed(text)
    sizes = sorted({len(piece) for piece in wanted})
    found = {
        wanted[piece]
        for size in sizes
        for at in range(len(seen) - size + 1)
        if (piece := seen[at : at + size]) in wanted
    }
    return sorted(found)


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
