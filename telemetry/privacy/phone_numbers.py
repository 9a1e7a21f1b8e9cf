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
_US = (
    rf"(?:1[ .-]?)?(?:\({_AREA}\)[ .-]?{_EXCHANGE}[ .-]?|{_AREA}[ .-]{_EXCHANGE}[ .-]|{_AREA}/{_EXCHANGE}-)[0-9]{{4}}",
)


def _code(area: str) -> str:
    """Return the pattern of an area code behind its trunk zero: 020, (020), or (0)20 as of an international number."""
    return rf"(?:\(0{area}\)|0{area}|\(0\)[ -]?{area})"


_UK = (
    _code("2[0-9]") + r"[ -]?[0-9]{4}[ -]?[0-9]{4}",
    _code("(?:1[0-9]1|11[0-9]|[389][0-9]{2})") + r"[ -]?[0-9]{3}[ -]?[0-9]{4}",
    _code("[17][0-9]{3}") + r"[ -]?[0-9]{3}[ -]?[0-9]{2,3}",
    r"07[0-9]{2}[ -][0-9]{4}[ -][0-9]{4}",
)
_JP = (
    r"(?:\(0[0-9]{1,4}\)[ -]?|0[0-9]{1,4}[ -])[0-9]{1,4}[ -][0-9]{3,4}",
    r"0[0-9]{1,4}\([0-9]{1,4}\)[0-9]{4}",
    r"0[0-9]{1,4}\.[0-9]{3,4}\.[0-9]{3,4}",
)
_FR = (
    r"0[1-9](?P<pair>[ .])[0-9]{2}(?:(?P=pair)[0-9]{2}){3}",
    # Not among more pairs: a MAC address may be written so.
    r"(?<![0-9\x00]-)0[1-9](?:-[0-9]{2}){4}(?!-[0-9\x00])",
    r"0 8[0-9]{2}(?: [0-9]{3}){2}",
)
# The longest first: groups that follow may be of another number. (0 30) and (02 21) are the way of DIN 5008 until 2001.
_DE_CODE = (
    r"(?:\(0[1-9][0-9]{1,4}\)[ /-]?|0[1-9][0-9]{1,4}(?: ?[/-] ?| )|\(0\)[ -]?[1-9][0-9]{1,4}[ /-]"
    r"|\(0 ?[1-9][0-9]?(?: [0-9]{2}){0,2}\) ?|0 ?[1-9][0-9]?(?: [0-9]{2}){0,2} / )"
)
_DE = tuple(rf"{_DE_CODE}[0-9]{{2,8}}" + r"[ -][0-9]{1,5}" * groups for groups in (3, 2, 1, 0))
_ES_START = r"(?:6[0-9]|7[1-4]|[89][1-9]|[89]0)"
_ES = (
    rf"{_ES_START}[0-9](?P<triple>[ .-])[0-9]{{3}}(?P=triple)[0-9]{{3}}",
    rf"{_ES_START}[0-9](?P<two>[ .-])[0-9]{{2}}(?P=two)[0-9]{{2}}(?P=two)[0-9]{{2}}",
    r"[89][1-9](?P<three>[ .-])[0-9]{3}(?P=three)[0-9]{2}(?P=three)[0-9]{2}",
    rf"{_ES_START}[0-9][ -][0-9]{{6}}",
    r"\([89][1-9]\) ?[0-9]{3} ?[0-9]{2} ?[0-9]{2}",
)

_TRUNK_ZERO = r"0[1-9][0-9]{8,9}|01[567][0-9]{9,10}"
_BARE = rf"1?{_AREA}{_EXCHANGE}[0-9]{{4}}|{_ES_START}[0-9]{{7}}"

# Behind a word for a telephone: a short number with its trunk zero, or one with its country and no +.
_NAMED = r"0[1-9][0-9]{6,10}|44[1-9][0-9]{8,9}|81[1-9][0-9]{8,9}|49[1-9][0-9]{6,10}|33[1-9][0-9]{8}|34[6-9][0-9]{8}"

# After `+` or 00. As many digits as the country has, so that a number that follows is left alone;
# of other countries 15 with the code (E.164). Up to three characters between digits, as in `+49 (30) 123456`; a + is
# the blank of a form's data.
_NANP = rf"1[ .+-]?\(?{_AREA}\)?[ .+-]?{_EXCHANGE}[ .+-]?[0-9]{{4}}"
_DIGIT = r"[ .()/+-]{0,3}[0-9]"
_KNOWN = rf"(?:44(?: ?\(0\))?(?:{_DIGIT}){{9,10}}|81(?: ?\(0\))?(?:{_DIGIT}){{9,10}}|49(?: ?\(0\))?(?:{_DIGIT}){{6,11}}"
_KNOWN += rf"|33(?: ?\(0\))?(?:{_DIGIT}){{9}}|34(?:{_DIGIT}){{9}})"
_OTHER = rf"(?!44|81|49|33|34)[2-9](?:{_DIGIT}){{7,14}}"
_E164 = rf"(?P<datum>\+ ?(?:{_NANP}|{_KNOWN}|{_OTHER})){WORD_ENDS}"
# 011 is what the US dials for 00, 010 what Japan does.
_DIALLED = rf"(?:00 ?|01[01][ -])(?:{_NANP}|{_KNOWN})"
_WITHOUT_PLUS = rf"(?:44|81|49|33) ?\(0\)(?:{_DIGIT}){{6,11}}"

_WORD_BEFORE = re.compile(
    r"(?:(?<![a-z])(?:tel|tél|telefono?|teléfono|telefax|fax|mobile?|móvil|cell|call(?:ed|ing)?|sms|handy|portable"
    r"|dial(?:l?ed|l?ing)?)|(?-i:(?<=[a-z])(?:Tel|Fax|Mobile|Cell))|phone|whatsapp|電話|携帯)(?:nummer|番号|s)?"
    r"(?:[ _-]?(?:number|no|nr))?[.]?[\"']?[ :=#]{0,3}[\"']?\+?$",
    re.IGNORECASE,
)
# Semantic versioning: digits behind a + are the build's.
_VERSION_BEFORE = re.compile(r"[0-9]\.[0-9]{1,9}\.[0-9]{1,9}(?:-[0-9A-Za-z.-]{1,20})?$")
# Common Log Format: status, size and time follow the request line, and are grouped like a number of the US.
_REQUEST_BEFORE = re.compile(r'HTTP/[0-9](?:\.[0-9])?" $')


def _no_build(match: re.Match[str]) -> bool:
    return _VERSION_BEFORE.search(match.string, max(0, match.start() - 48), match.start()) is None


def _grouped(match: re.Match[str]) -> bool:
    return _REQUEST_BEFORE.search(match.string, max(0, match.start() - 12), match.start()) is None


def _with_digits(fewest: int, most: int) -> Accept:
    return lambda match: fewest <= len(digits_of(match["datum"])) <= most and _grouped(match)


def _named(match: re.Match[str]) -> bool:
    start = match.start()
    return _WORD_BEFORE.search(match.string, max(0, start - 48), start) is not None


def _bare(match: re.Match[str]) -> bool:
    return len(match[0]) == len(match.string.strip()) or _named(match)


def _national(patterns: tuple[str, ...], first: str, accept: Accept) -> tuple[Rule, ...]:
    return tuple(Rule(PHONE, by_number(pattern, accept, first)) for pattern in patterns)


INTERNATIONAL_RULES = (
    Rule(PHONE, by_pattern(_E164, _no_build)),
    Rule(PHONE, by_number(_DIALLED, first="0")),
    Rule(PHONE, by_number(_WITHOUT_PLUS, first="348")),
)

NATIONAL_RULES = (
    *_national(_US, "(123456789", _grouped),
    *_national(_FR, "0", _grouped),
    *_national(_JP, "(0", _with_digits(10, 11)),
    *_national(_UK, "(0", _with_digits(10, 11)),
    *_national(_DE, "(0", _with_digits(9, 13)),
    *_national(_ES, "(6789", _grouped),
    *_national((rf"(?:{_TRUNK_ZERO})(?!\.[0-9])",), "0", _grouped),
    *_national((rf"(?:{_BARE})(?!\.[0-9])",), "123456789", _bare),
    *_national((rf"(?:{_NAMED})(?!\.[0-9])",), "0348", _named),
)
