r"""How a text is read: what it says, whatever the typography and the escapes that it is written in.

Read as ASCII: fullwidth forms, and the dashes and blanks of Japanese and French typography. Left out: characters that
are not seen, such as a zero-width space. Undone: escapes of URLs (`%40`, also when escaped again, and UTF-8 in them)
and of JSON (`\u0040`, `\/`); an escaped line break is a blank. Letters and digits have no reason to be escaped in a
URL: `5%41` stays.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

_ESCAPE = re.compile(
    r"(?P<utf8>(?:%(?:25)*+[89A-Fa-f][0-9A-Fa-f])++)"
    r"|%(?:25)*(?P<ascii>2[0-9A-Fa-f]|3[A-Fa-f]|40|5[B-Fb-f]|60|7[B-Eb-e])"
    r"|\\(?:(?P<char>[nrt\"'/\\])|u(?P<code>[0-9A-Fa-f]{4}))"
)
_BYTE = re.compile(r"%(?:25)*+(..)")
_LINE_BREAKS = "nrt"
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_COUNTERPARTS = str.maketrans(
    {chr(0xFF01 + offset): chr(0x21 + offset) for offset in range(94)}
    | dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u2212\u30fc\ufe58\ufe63\uff70", "-")
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says, NULs as they are; where each of its characters stands in it, None where none has moved."""

    text: str
    offsets: Sequence[int] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the text a range of what it says stands."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end]


def is_plain(text: str) -> bool:
    """Tell whether a text says what it is: it has no escapes, and no characters that are read as others."""
    return text.isascii() and "%" not in text and "\\" not in text


def read(text: str) -> Reading:
    """Return what a text says."""
    if is_plain(text):
        return Reading(text)
    if "%" not in text and "\\" not in text and _INVISIBLE.search(text) is None:
        return Reading(text.translate(_COUNTERPARTS))
    return _read_escaped(text)


def _read_escaped(text: str) -> Reading:
    pieces: list[str] = []
    offsets: list[int] = []
    position = 0
    for match in _ESCAPE.finditer(text):
        pieces.append(text[position : match.start()])
        offsets.extend(range(position, match.start()))
        for char, at in _meant(match):
            pieces.append(char)
            offsets.append(at)
        position = match.end()
    pieces.append(text[position:])
    offsets.extend(range(position, len(text) + 1))
    meant = "".join(pieces).translate(_COUNTERPARTS)
    hidden = {match.start() for match in _INVISIBLE.finditer(meant)}
    if hidden:
        meant = _INVISIBLE.sub("", meant)
        offsets = [at for position, at in enumerate(offsets) if position not in hidden]
    return Reading(meant, offsets)


def _meant(match: re.Match[str]) -> Iterator[tuple[str, int]]:
    """Yield the characters that an escape stands for, each with its place; those of the escape where it is none."""
    start = match.start()
    if match["ascii"] is not None:
        yield chr(int(match["ascii"], 16)), start
        return
    if match["char"] is not None:
        yield " " if match["char"] in _LINE_BREAKS else match["char"], start
        return
    if match["code"] is not None:
        code = int(match["code"], 16)
        if not 0xD800 <= code <= 0xDFFF:
            yield chr(code) if code else " ", start
            return
    else:
        places: list[int] = []
        digits: list[str] = []
        for byte in _BYTE.finditer(match["utf8"]):  # of a long run no match is kept: the garbage collector counts them
            places.append(byte.start())
            digits.append(byte[1])
        with suppress(UnicodeDecodeError):
            at = 0
            for char in bytes.fromhex("".join(digits)).decode():
                yield char, start + places[at]
                at += len(char.encode())
            return
    for at, char in enumerate(match[0], start):
        yield char, at
