"""Label values: what a raw attribute value becomes in the domain of a label."""

import re
from collections.abc import Callable
from typing import Protocol

from telemetry.contract import INVALID, OTHER, UNMATCHED, Bounded, Domain, Enum, Masked, Template
from telemetry.privacy import find_personal_data

LabelValue = Callable[[object], str]

# Longer text is no label; it is not searched, kept or hashed.
MAX_TEXT = 256

_UNFIT = "\0"
_TEMPLATE = re.compile(r"/[A-Za-z0-9._~{}:<>*$()+@!,;=%|\\^/\[\]-]{0,255}")
_CONCRETE_SEGMENT = re.compile(
    r"\d{5,}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|(?=.*\d)[0-9a-fA-F]{16,}"
)


class AddressBuckets(Protocol):
    """What turns a client address into its bucket."""

    def bucket(self, value: object) -> str:
        """Return one of the 515 buckets; never raises."""


def text_of(value: object) -> str | None:
    """Return an attribute value as text: None when it is missing, an unfit text when it can be no label."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        if isinstance(value, int):
            return int.__repr__(value)
        if isinstance(value, float):
            number = float.__float__(value)
            # As the equal int is written: dictionaries take the two for one.
            return repr(int(number)) if number.is_integer() else repr(number)
    except ValueError:
        return _UNFIT  # an integer of more digits than Python prints
    return _UNFIT


def label_value(domain: Domain, buckets: AddressBuckets) -> LabelValue:
    """Compile a domain to a function from a raw attribute value to a value of the domain."""
    match domain:
        case Enum():
            return _enum(domain)
        case Bounded():
            return _bounded(domain)
        case Template():
            return _template
        case Masked():
            return lambda raw: INVALID if raw is None else buckets.bucket(raw)


def _enum(domain: Enum) -> LabelValue:
    table = {value: value for value in domain.values} | dict(domain.aliases)
    if not domain.ignore_case:
        return lambda raw: table.get(text_of(raw) or "", OTHER)
    folded = {key.casefold(): value for key, value in table.items()}

    def resolve(raw: object) -> str:
        text = text_of(raw)
        return OTHER if text is None or len(text) > MAX_TEXT else folded.get(text.casefold(), OTHER)

    return resolve


def _bounded(domain: Bounded) -> LabelValue:
    known = frozenset(domain.known)
    matches = re.compile(domain.pattern).fullmatch

    def resolve(raw: object) -> str:
        text = text_of(raw)
        if text in known:
            return text
        if text is None or len(text) > MAX_TEXT:
            return OTHER
        if domain.upper_case:
            text = text.upper()
        if text in known:
            return text
        if not matches(text) or find_personal_data(text) is not None:
            return OTHER
        return ":".join(sorted(text.split(":"))) if domain.sorted_pair else text

    return resolve


def _template(raw: object) -> str:
    text = text_of(raw)
    if text is None or len(text) > MAX_TEXT or text in {UNMATCHED, OTHER}:
        return OTHER if text == OTHER else UNMATCHED
    if not _TEMPLATE.fullmatch(text):
        return UNMATCHED
    if any(_CONCRETE_SEGMENT.fullmatch(segment) for segment in text.split("/")):
        return UNMATCHED
    return UNMATCHED if find_personal_data(text) is not None else text
