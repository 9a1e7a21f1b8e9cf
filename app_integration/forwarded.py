"""The Forwarded header, read from its right end: what is there a proxy of ours has written, the rest anybody may have.

Source: RFC 7239, section 4.
"""

import re
from collections.abc import Iterator
from typing import Final

# One pair of an element. Proxies write addresses with colons and brackets without the quotes that they need, too.
_PAIR: Final = re.compile(
    r"""\s*+(?:(?P<name>[^\s=;",]++)=(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<plain>[^\s;",]*+)))?\s*+(?:;|$)""", re.DOTALL
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


def elements(line: str) -> Iterator[str]:
    """Return the elements of a header's line, the last one first.

    A comma within a quoted text separates nothing. Quotes are matched from the right: one that a client has opened and
    never closed does not swallow what a proxy has added after it, and a Host header that a proxy quotes, whatever a
    client has put into it, adds no elements.
    """
    end, quoted = len(line), False
    for at in range(len(line) - 1, -1, -1):
        # Within a quoted text a quote after a backslash is one of its own, and cannot be its beginning.
        if line[at] == '"' and not (quoted and line[at - 1 : at] == "\\"):
            quoted = not quoted
        elif line[at] == "," and not quoted:
            yield line[at + 1 : end]
            end = at
    yield line[:end]


def node_for(element: str) -> str:
    """Return the `for` of an element; "" where it has none, or several, or cannot be read."""
    found: list[str] = []
    at = 0
    while at < len(element):
        pair = _PAIR.match(element, at)
        if pair is None:
            return ""
        if (pair["name"] or "").lower() == "for":
            found.append(pair["plain"] if pair["quoted"] is None else _ESCAPED.sub(r"\1", pair["quoted"]))
        at = pair.end()
    return found[0] if len(found) == 1 else ""
