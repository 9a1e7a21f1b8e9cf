"""Payment card numbers: ISO/IEC 7812, by issuer and length, with the Luhn check digit."""

import re
from dataclasses import dataclass

from telemetry.privacy.rules import Rule, by_number, by_pattern, digits_of

CARD = "card"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Prefixes of an issuer, as (first, last) of equal length, and the lengths of its numbers."""

    name: str
    prefixes: tuple[tuple[int, int], ...]
    lengths: frozenset[int]


# Only these: no issuer here starts with 1, so that a time in nanoseconds (19 digits until 2033) is none.
ISSUERS = (
    Issuer("Visa", ((4, 4),), frozenset({13, 16, 19})),
    Issuer("Mastercard", ((51, 55), (2221, 2720)), frozenset({16})),
    Issuer("American Express", ((34, 34), (37, 37)), frozenset({15})),
    Issuer("Diners Club", ((300, 305), (3095, 3095), (36, 36), (38, 39)), frozenset({14, 16, 19})),
    Issuer("Discover", ((6011, 6011), (644, 649), (65, 65)), frozenset({16, 19})),
    Issuer("JCB", ((3528, 3589),), frozenset({16, 17, 18, 19})),
    Issuer("UnionPay", ((62, 62), (81, 81)), frozenset({16, 17, 18, 19})),
    Issuer(
        "Maestro",
        ((5018, 5018), (5020, 5020), (5038, 5038), (5893, 5893), (6304, 6304), (6759, 6759), (6761, 6763)),
        frozenset(range(12, 20)),
    ),
    Issuer("Mir", ((2200, 2204),), frozenset({16, 17, 18, 19})),
    Issuer("RuPay", ((60, 60), (82, 82), (508, 508)), frozenset({16})),
)

# The longest first: what is no card in 17 to 19 digits may be one in 16.
_SEPARATOR = r"(?P<sep>[ ._/+-]|  | - )"
_GROUPED = (
    rf"[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}(?P=sep)[0-9]{{4}}(?P=sep)[0-9]{{1,4}}(?:(?P=sep)[0-9]{{1,3}})?"
    r"|[0-9]{4}(?P<five>[ ._/+-])[0-9]{6}(?P=five)[0-9]{4,5}"
    r"|[0-9]{6}[ .-][0-9]{10,13}|[0-9]{8}[ .-][0-9]{8}"
)
_SIXTEEN = rf"[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}(?P=sep)[0-9]{{4}}(?P=sep)[0-9]{{4}}"
# ISO/IEC 7813: on track 1 a letter stands before the number, and a caret behind it.
_TRACK = r"%B(?P<datum>[2-68][0-9]{11,18})\^"


def luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of the others (ISO/IEC 7812-1 annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_card_number(digits: str) -> bool:
    """Tell whether digits are a number that one of ISSUERS gives out."""
    return luhn(digits) and any(
        len(digits) in issuer.lengths
        and any(first <= int(digits[: len(str(first))]) <= last for first, last in issuer.prefixes)
        for issuer in ISSUERS
    )


def _accept(match: re.Match[str]) -> bool:
    return is_card_number(digits_of(match["datum"]))


RULES = (
    *(Rule(CARD, by_number(digits, _accept, "234568")) for digits in (r"[2-68][0-9]{11,18}", _GROUPED, _SIXTEEN)),
    Rule(CARD, by_pattern(_TRACK, _accept)),
)
