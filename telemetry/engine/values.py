"""Label values: what a raw attribute value becomes in the domain of a label."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from telemetry.contract import INVALID, OTHER, UNMATCHED, Bounded, Domain, Enum, Masked, Template
from telemetry.engine.amounts import exact
from telemetry.privacy import find_personal_data

LabelValue = Callable[[object], str]

# Longer text is no label; it is not searched, kept or hashed.
MAX_TEXT = 256

# Texts of which a label remembers what they became: a search for personal data costs more than the rest.
_REMEMBERED = 1_024

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
    """Return an attribute value as text: None when it is missing, an unfit text when it can be no label.

    Values that are equal, and so stand for each other in a dict, give one text: 200, 200.0 and Decimal(200).
    """
    if value is None or type(value) is str:
        return value
    try:
        if isinstance(value, str):
            # A subclass may override its methods; a proxy, which only says that it is a str, has nothing else.
            return str.__str__(value) if issubclass(type(value), str) else str(value)
        if isinstance(value, bool):
            return "true" if value else "false"
        number = exact(value)
        if type(number) is float and not number.is_integer():
            return float.__repr__(number)
        return _UNFIT if number is None else int.__repr__(int(number))
    except Exception:  # noqa: BLE001  # an object of the application's may raise anything, and ints of 4,300 digits do
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
            return lambda raw: INVALID if raw is None else buckets.bucket(text_of(raw))


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

    @lru_cache(_REMEMBERED)
    def admit(text: str) -> str:
        if text == OTHER:
            return OTHER
        as_it_came = text
        if domain.upper_case:
            text = text.upper()
        if text in known:
            return text
        # An API key in upper case has no longer the shape of one.
        if not matches(text) or find_personal_data(as_it_came) or find_personal_data(text):
            return OTHER
        return ":".join(sorted(text.split(":"))) if domain.sorted_pair else text

    def resolve(raw: object) -> str:
        text = text_of(raw)
        return OTHER if text is None or len(text) > MAX_TEXT else admit(text)

    return resolve


def _template(raw: object) -> str:
    text = text_of(raw)
    return UNMATCHED if text is None or len(text) > MAX_TEXT else _template_of(text)


@lru_cache(_REMEMBERED)
def _template_of(text: str) -> str:
    if text == OTHER:
        return OTHER
    if not _TEMPLATE.fullmatch(text) or any(map(_CONCRETE_SEGMENT.fullmatch, text.split("/"))):
        return UNMATCHED
    return UNMATCHED if find_personal_data(text) is not None else text
