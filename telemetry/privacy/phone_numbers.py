"""Phone numbers: E.164, and the national formats of the US, the UK, Japan, Germany, France and Spain.

A national number is known by its grouping or by its trunk zero. Ten bare digits (US) or nine (Spain)
are as well a size or a time: they are a phone number when they are the whole text, or when a word
such as `tel` stands before them.
"""

import re

from telemetry.privacy.rules import WORD_ENDS, Accept, Rule, by_number, by_pattern, digits_of

PHONE = "phone"

# North American Numbering Plan: neither part starts with 0 or 1, and N11 is a service.
_AREA = r"(?!.11)[2-9][0-8][0-9]"
_EXCHANGE = r"(?!.11)[2-9][0-9]{2}"
_US = (rf"(?:1[ .-]?)?(?:\({_AREA}\)[ .-]?{_EXCHANGE}[ .-]?|{_AREA}[ .-]{_EXCHANGE}[ .-])[0-9]{{4}}",)


def _in_brackets_or_not(code: str) -> str:
    return rf"(?:\({code}\)|{code})"


_UK = (
    _in_brackets_or_not("02[0-9]") + r"[ -]?[0-9]{4}[ -]?[0-9]{4}",
    _in_brackets_or_not("0(?:1[0-9]1|11[0-9]|[389][0-9]{2})") + r"[ -]?[0-9]{3}[ -]?[0-9]{4}",
    _in_brackets_or_not("0[17][0-9]{3}") + r"[ -]?[0-9]{3}[ -]?[0-9]{2,3}",
    r"07[0-9]{2}[ -][0-9]{4}[ -][0-9]{4}",
)
_JP = (
    r"(?:\(0[0-9]{1,4}\)[ -]?|0[0-9]{1,4}[ -])[0-9]{1,4}[ -][0-9]{3,4}",
    r"0[0-9]{1,4}\([0-9]{1,4}\)[0-9]{4}",
)
_FR = (
    r"0[1-9](?P<pair>[ .])[0-9]{2}(?:(?P=pair)[0-9]{2}){3}",
    # Not among more pairs: a MAC address may be written so.
    r"(?<![0-9\x00]-)0[1-9](?:-[0-9]{2}){4}(?!-[0-9\x00])",
    r"0 8[0-9]{2}(?: [0-9]{3}){2}",
)
# The longest first: groups that follow may be of another number.
_DE = tuple(
    r"(?:\(0[1-9][0-9]{1,4}\)[ /-]?|0[1-9][0-9]{1,4}(?: ?[/-] ?| ))[0-9]{2,8}" + r"[ -][0-9]{1,5}" * groups
    for groups in (3, 2, 1, 0)
)
_ES_START = r"(?:6[0-9]|7[1-4]|[89][1-9]|[89]0)"
_ES = (
    rf"{_ES_START}[0-9](?P<triple>[ .-])[0-9]{{3}}(?P=triple)[0-9]{{3}}",
    rf"{_ES_START}[0-9](?P<two>[ .-])[0-9]{{2}}(?P=two)[0-9]{{2}}(?P=two)[0-9]{{2}}",
    r"[89][1-9](?P<three>[ .-])[0-9]{3}(?P=three)[0-9]{2}(?P=three)[0-9]{2}",
    rf"{_ES_START}[0-9][ .-][0-9]{{6}}",
)

_TRUNK_ZERO = r"0[1-9][0-9]{8,9}|01[567][0-9]{9,10}"
_BARE = rf"1?{_AREA}{_EXCHANGE}[0-9]{{4}}|{_ES_START}[0-9]{{7}}"

# After `+`, its escape, or 00. As many digits as the country has, so that a number that follows is left alone;
# of other countries 15 with the code (E.164). Up to three characters between digits, as in `+49 (30) 123456`.
_NANP = rf"1[ .-]?\(?{_AREA}\)?[ .-]?{_EXCHANGE}[ .-]?[0-9]{{4}}"
_DIGIT = r"[ .()/-]{0,3}[0-9]"
_KNOWN = rf"(?:44(?: ?\(0\))?(?:{_DIGIT}){{9,10}}|81(?: ?\(0\))?(?:{_DIGIT}){{9,10}}|49(?: ?\(0\))?(?:{_DIGIT}){{6,11}}"
_KNOWN += rf"|33(?: ?\(0\))?(?:{_DIGIT}){{9}}|34(?:{_DIGIT}){{9}})"
_OTHER = rf"(?!44|81|49|33|34)[2-9](?:{_DIGIT}){{7,14}}"
_E164 = rf"(?P<datum>\+ ?(?:{_NANP}|{_KNOWN}|{_OTHER})){WORD_ENDS}"
_E164_IN_URL = rf"(?P<datum>%2B(?:{_NANP}|{_KNOWN}|{_OTHER})){WORD_ENDS}"
_DIALLED = rf"00 ?(?:{_NANP}|{_KNOWN})"

_WORD_BEFORE = re.compile(
    r"(?:tel|tél|phone|fax|mobile?|móvil|cell|call|sms|whatsapp|handy|telefon|telefono|teléfono|portable|dial"
    r"|電話|携帯)[a-zé]{0,8}(?:[ _-]?(?:number|no|nr))?[.]?[\"']?[ :=#]{0,3}[\"']?\+?$",
    re.IGNORECASE,
)
# Common Log Format: status, size and time follow the request line, and are grouped like a number of the US.
_REQUEST_BEFORE = re.compile(r'HTTP/[0-9](?:\.[0-9])?" $')


def _grouped(match: re.Match[str]) -> bool:
    return _REQUEST_BEFORE.search(match.string, max(0, match.start() - 12), match.start()) is None


def _with_digits(fewest: int, most: int) -> Accept:
    return lambda match: fewest <= len(digits_of(match["datum"])) <= most and _grouped(match)


def _bare(match: re.Match[str]) -> bool:
    text = match.string
    start, end = match.span("datum")
    if end - start == len(text.strip()):
        return True
    return _WORD_BEFORE.search(text, max(0, start - 32), start) is not None


def _national(patterns: tuple[str, ...], first: str, accept: Accept) -> tuple[Rule, ...]:
    return tuple(Rule(PHONE, by_number(pattern, accept, first)) for pattern in patterns)


INTERNATIONAL_RULES = (
    Rule(PHONE, by_pattern(_E164)),
    Rule(PHONE, by_pattern(_E164_IN_URL)),
    Rule(PHONE, by_number(_DIALLED, first="0")),
)

NATIONAL_RULES = (
    *_national(_US, "(123456789", _grouped),
    *_national(_FR, "0", _grouped),
    *_national(_JP, "(0", _with_digits(10, 11)),
    *_national(_UK, "(0", _with_digits(10, 11)),
    *_national(_DE, "(0", _with_digits(9, 13)),
    *_national(_ES, "6789", _grouped),
    *_national((rf"(?:{_TRUNK_ZERO})(?!\.[0-9])",), "0", _grouped),
    *_national((rf"(?:{_BARE})(?!\.[0-9])",), "123456789", _bare),
)
