"""Personal data in free text: find it, or mask each datum by its kind, `[email]`.

Overlaps: rules apply in the order of ALL_RULES, each from left to right; what one rule has taken is
out of reach of those that follow. So the password of a URL goes before the e-mail address that it
forms with its host, and a card number before the national phone number that its digits would be.

Rules look at what a text says, not at how it is written: see `reading`.
"""

import re
from typing import Final

from telemetry.privacy import (
    credentials,
    email_addresses,
    national_ids,
    network_addresses,
    payment_cards,
    phone_numbers,
)
from telemetry.privacy.reading import is_plain, read
from telemetry.privacy.rules import BLANK, Rule, Shadow, by_pattern

# A UUID's digits are no number. Its rule stands after those whose data may hold one, such as e-mail addresses.
_UUID = Rule(
    "",
    by_pattern(r"(?<![0-9A-Fa-f])(?P<datum>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})(?![0-9A-Fa-f])"),
)
ALL_RULES: Final = (
    *credentials.RULES,
    *email_addresses.RULES,
    *network_addresses.RULES,
    _UUID,
    *phone_numbers.INTERNATIONAL_RULES,
    *payment_cards.RULES,
    *national_ids.LETTER_RULES,
    *national_ids.DIGIT_RULES,
    *phone_numbers.NATIONAL_RULES,
)
KINDS: Final = tuple(dict.fromkeys(rule.kind for rule in ALL_RULES if rule.kind))

# The fewest digits that a number has, of those with a letter or a + and of all others, close enough to each other.
_SIX_DIGITS = re.compile(r"[0-9](?:[ .()/_+-]{0,3}[0-9]){5}")
_NINE_DIGITS = re.compile(r"[0-9](?:[ .()/_+-]{0,3}[0-9]){8}")
_MASK = re.compile(r"\[(?:" + "|".join(KINDS) + r")\]")
# Taking a datum can bring another within reach of an earlier rule: seldom, and never for long.
_MOST_PASSES = 4

_Datum = tuple[int, int, str]  # start, end, kind


def find_personal_data(text: str) -> str | None:
    """Return the kind (one of KINDS) of the first personal datum in a text, None when there is none."""
    found = _data(text)
    return found[0][2] if found else None


def mask(text: str) -> str:
    """Return the text with each personal datum replaced by its kind in brackets; what is masked stays as it is."""
    found = _data(text)
    if not found:
        return text
    pieces: list[str] = []
    position = 0
    for start, end, kind in found:
        pieces += (text[position:start], "[", kind, "]")
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


def _data(text: str) -> list[_Datum]:
    """Return the personal data of a text from left to right."""
    if BLANK in text:
        text = text.replace(BLANK, " ")
    if "[" in text:
        text = _MASK.sub(lambda masked: BLANK * len(masked[0]), text)
    found: list[_Datum] = []
    if not is_plain(text) and credentials.suspected(text):
        shadow = Shadow(text)
        for rule in credentials.ESCAPED_RULES:
            spans = rule.find(shadow)
            shadow.take(spans)
            found += [(start, end, rule.kind) for start, end in spans]
        text = shadow.text
    reading = read(text)
    rules = _rules_for(reading.text)
    if not rules:
        return sorted(found)
    shadow = Shadow(reading.text)
    for _ in range(_MOST_PASSES):
        known = len(found)
        for rule in rules:
            spans = rule.find(shadow)
            if spans:
                shadow.take(spans)
                if rule.kind:
                    found += [(*reading.place(start, end), rule.kind) for start, end in spans]
        if len(found) == known:
            break
    return sorted(found)


def _rules_for(text: str) -> tuple[Rule, ...]:
    """Return the rules that may find something: for an ordinary text none, after a few cheap looks."""
    rules: tuple[Rule, ...] = ()
    if credentials.suspected(text):
        rules = credentials.RULES
    if "@" in text:
        rules += email_addresses.RULES
    if text.count(":") >= 2 or text.count(".") >= 3:
        rules += network_addresses.RULES
    if _SIX_DIGITS.search(text):
        many = _NINE_DIGITS.search(text) is not None
        rules += (_UUID, *phone_numbers.INTERNATIONAL_RULES)
        if many:
            rules += payment_cards.RULES
        rules += national_ids.LETTER_RULES
        if many:
            rules += (*national_ids.DIGIT_RULES, *phone_numbers.NATIONAL_RULES)
    return rules
