"""IP addresses in a text. Every one is personal data, loopback and private ones included: no list to argue about."""

import re
from socket import AF_INET6, inet_pton

from telemetry.privacy.rules import Rule, Shadow, Span, by_number

IP = "ip"

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"

# Four parts are an address, also where a version was meant; `v1.2.3.4` and five parts are none.
_IPV4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}(?!\.[0-9])"

_RUN = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*+")
_LONGEST = 64
_ONE_GROUP = re.compile(r"::[0-9A-Fa-f]*")
_LOOPBACK = "::1"
_WORD = re.compile(r"[A-Za-z0-9]")
_LETTER = re.compile(r"[A-Za-z]")


def _find_ipv6(shadow: Shadow) -> list[Span]:
    """Find runs of hex digits and colons that are an IPv6 address of RFC 4291 section 2.2.

    A name of a programming language (`abc::def`, `x[::2]`) and a time of day are none.
    """
    spans = []
    for run in _RUN.finditer(shadow.text):
        start, end = run.span()
        text = run[0]
        if end - start > _LONGEST or ("::" not in text and text.count(":") < 7):
            continue
        if _WORD.match(shadow.text, end):
            continue
        glued = start > 0 and _WORD.match(shadow.text, start - 1) is not None
        for skipped in (0, text.index(":") + 1):
            address = text[skipped:]
            if glued and (skipped == 0 or address.startswith(":")):
                continue
            length = next((length for length in _likely_lengths(address) if _is_ipv6(address[:length])), 0)
            if length:
                spans.append((start + skipped, start + skipped + length))
                break
    return spans


def _likely_lengths(address: str) -> list[int]:
    """Return how long an address may be that ends with punctuation, or with a port behind a full stop or a colon."""
    kept = len(address.rstrip(".:"))
    ends = [len(address), kept + 2, kept] if address[kept:].startswith("::") else [kept]
    return [*ends, max(address.rfind(mark, 0, kept) for mark in ".:")]


def _is_ipv6(text: str) -> bool:
    if _ONE_GROUP.fullmatch(text) and text != _LOOPBACK:
        return False
    # Two words of hex digits may be names: abc::def.
    if text.count(":") < 3 and not any("0" <= char <= "9" for char in text):
        return False
    try:
        inet_pton(AF_INET6, text)
    except OSError:
        return False
    return True


def _is_no_browser(match: re.Match[str]) -> bool:
    """Tell an address from the reduced version of a browser: `Chrome/120.0.0.0` would be that of a network."""
    start = match.start()
    product = start > 1 and match.string[start - 1] == "/" and _LETTER.match(match.string, start - 2) is not None
    return not (product and match[0].endswith(".0.0.0"))


RULES = (Rule(IP, _find_ipv6), Rule(IP, by_number(_IPV4, _is_no_browser)))
