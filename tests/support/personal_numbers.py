"""Made-up phone numbers, payment cards and national ids, in the ways that people write them, with their check digits.

Check digits are computed here, without the code under test.
"""

from collections.abc import Iterator
from itertools import count
from random import Random

from tests.support.personal_datum import Datum

_WIDE = {ord(char): ord(char) + 0xFEE0 for char in "0123456789-()+"} | {ord(" "): 0x3000}


def digits(choose: Random, length: int, first: str = "0123456789") -> str:
    """Return so many digits, the first of them one of `first`."""
    return choose.choice(first) + "".join(choose.choices("0123456789", k=length - 1))


def _filled(choose: Random, shape: str) -> str:
    """Return a shape with a digit for each `x`, one of 2 to 9 for each `N`, one of 2 to 8 for each `p`."""
    kinds = {"x": "0123456789", "N": "23456789", "p": "2345678"}
    return "".join(choose.choice(kinds.get(char, char)) for char in shape)


def _spelled(choose: Random, kind: str, shapes: tuple[str, ...]) -> Iterator[Datum]:
    """Yield numbers in each of the shapes in turn; where a shape has a | before the number, a word stands before it."""
    for number in count():
        before, _, shape = shapes[number % len(shapes)].rpartition("|")
        text = _filled(choose, shape)
        if number % 7 == 6 and "%" not in text:
            text = text.translate(_WIDE)
        yield Datum(before + text, f"{before}[{kind}]", text)


_E164 = (
    *("+1Np2Nxxxxxx", "+1 Np2 Nx3-xxxx", "+1 (Np2) Nx3-xxxx", "+1-Np2-Nx3-xxxx", "+1.Np2.Nx3.xxxx", "001 Np2 Nx3 xxxx"),
    *("+4420Nxxxxxxx", "+44 20 7xxx xxxx", "+44 (0)20 7xxx xxxx", "+44 7xxx xxxxxx", "0044 161 xxx xxxx"),
    *("+8190xxxxxxxx", "+81-90-xxxx-xxxx", "+81 3-Nxxx-xxxx", "+81 (0)3 Nxxx xxxx", "tel:|+81-3-Nxxx-xxxx"),
    *("+4930Nxxxxxxx", "+49 30 Nxxxxxxx", "+49 (0)30 Nxxxxx", "+49 (0) 171 Nxxxxxx", "0049 171 Nxxxxxx"),
    *("+336xxxxxxxx", "+33 6 xx xx xx xx", "+33 (0)1 xx xx xx xx", "0033 1 xx xx xx xx"),
    *("+346xxxxxxxx", "+34 6xx xxx xxx", "+34 91 xxx xx xx", "0034 6xx xxx xxx"),
    *("+5511Nxxxxxxxx", "+86 138 xxxx xxxx", "+91 9xxxx xxxxx", "+61 4 xxxx xxxx", "+41 44 Nxx xx xx"),
    *("%2B|4420Nxxxxxxx", "%2B|1%20Np2%20Nx3%20xxxx"),
)
_NATIONAL = {
    "us": ("Np2-Nx3-xxxx", "(Np2) Nx3-xxxx", "Np2.Nx3.xxxx", "Np2 Nx3 xxxx", "1-Np2-Nx3-xxxx", "tel |Np2Nx3xxxx"),
    "uk": (
        *(
            "020 7xxx xxxx",
            "(020) 8xxx xxxx",
            "0207xxxxxxx",
            "0161 Nxx xxxx",
            "01632 960xxx",
            "07xxx xxxxxx",
            "07xxx xxx xxx",
        ),
        *("0800 Nxx xxxx", "(0)20 7xxx xxxx", "020-7xxx-xxxx", "020.7xxx.xxxx", "(01632) 960xxx"),
    ),
    "jp": (
        *(
            "03-Nxxx-xxxx",
            "090-xxxx-xxxx",
            "(03) Nxxx-xxxx",
            "03(Nxxx)xxxx",
            "045-Nxx-xxxx",
            "0120-xxx-xxx",
            "0422-Nx-xxxx",
        ),
        *("090xxxxxxxx", "080 xxxx xxxx", "06-Nxxx-xxxx", "050-xxxx-xxxx", "電話|03-Nxxx-xxxx"),
    ),
    "de": (
        *(
            "030 Nxxxxxxx",
            "030/Nxxxxxx",
            "(030) Nxxxxxxx",
            "089-Nxxxxx",
            "(0221) Nxxxxx",
            "0171 Nxxxxxx",
            "0171/Nxxxxxx",
        ),
        *("0151 Nxxxxxxx", "0511 Nxxxxx-xx", "0221 Nx xx xx", "(0 30) Nx xx xx", "030 / Nxxxxx"),
    ),
    "fr": ("0N xx xx xx xx", "06.xx.xx.xx.xx", "01-xx-xx-xx-xx", "07xxxxxxxx", "0 8xx xxx xxx", "tél. |06 xx xx xx xx"),
    "es": (
        *("6xx xxx xxx", "6xx-xxx-xxx", "6xx.xxx.xxx", "6xx xx xx xx", "91 xxx xx xx", "93-xxx-xx-xx", "900 xxx xxx"),
        "móvil: |6xxxxxxxx",
    ),
}


def e164(choose: Random) -> Iterator[Datum]:
    """Yield numbers with their country's code."""
    return (_as_escaped(datum) for datum in _spelled(choose, "phone", _E164))


def national(country: str) -> "Numbers":
    """Return a generator of a country's numbers as they are written there."""
    return Numbers(country)


class Numbers:
    """A generator of a country's phone numbers."""

    def __init__(self, country: str) -> None:
        self.shapes = _NATIONAL[country]

    def __call__(self, choose: Random) -> Iterator[Datum]:
        """Yield numbers."""
        return _spelled(choose, "phone", self.shapes)


def _as_escaped(datum: Datum) -> Datum:
    """Return a number whose escaped + is a part of it."""
    return Datum(datum.text, datum.masked.removeprefix("%2B"), datum.secret)


_ISSUERS = (
    *(("4", 16), ("4", 13), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15)),
    *(
        ("6011", 16),
        ("644", 16),
        ("65", 16),
        ("65", 19),
        ("3528", 16),
        ("3589", 16),
        ("300", 14),
        ("36", 14),
        ("38", 16),
    ),
    *(("62", 16), ("62", 17), ("62", 18), ("62", 19), ("81", 16), *(("6759", length) for length in range(12, 20))),
    *(("5018", length) for length in range(12, 20)),
)


def cards(choose: Random) -> Iterator[Datum]:
    """Yield card numbers of every issuer and length, plain and grouped."""
    for number in count():
        prefix, length = _ISSUERS[number % len(_ISSUERS)]
        payload = prefix + digits(choose, length - 1 - len(prefix))
        doubled = (str(int(digit) * (2 if at % 2 == 0 else 1)) for at, digit in enumerate(reversed(payload)))
        plain = payload + str(-sum(int(digit) for each in doubled for digit in each) % 10)
        text = _grouped(plain, number // len(_ISSUERS))
        yield Datum(text, "[card]", text)


def _grouped(plain: str, turn: int) -> str:
    separator = (" ", "", "-", "\u00a0", ".", "")[turn % 6]
    groups = {14: (4, 6, 4), 15: (4, 6, 5), 16: (4, 4, 4, 4), 19: (4, 4, 4, 4, 3), 13: (4, 4, 4, 1)}.get(len(plain), ())
    pieces, position = [], 0
    for length in groups:
        pieces.append(plain[position : position + length])
        position += length
    return separator.join(pieces) or plain


def social_security_numbers(choose: Random) -> Iterator[Datum]:
    """Yield US numbers, which have no check digit: with hyphens, or behind their name."""
    for number in count():
        area = choose.choice([each for each in range(1, 900) if each != 666])
        parts = (f"{area:03}", f"{choose.randrange(1, 100):02}", f"{choose.randrange(1, 10_000):04}")
        before, separator = (("", "-"), ("", "-"), ("SSN ", " "), ("ssn=", ""), ("social security number: ", "-"))[
            number % 5
        ]
        text = separator.join(parts)
        yield Datum(before + text, f"{before}[us_ssn]", text)


def insurance_numbers(choose: Random) -> Iterator[Datum]:
    """Yield UK National Insurance numbers, which have no check digit."""
    for number in count():
        prefix = choose.choice("ABCEGHJKLMNOPRSTWXYZ") + choose.choice("ABCEGHJKLMNPRSTWXYZ")
        if prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}:
            one, two, three, suffix = (*(digits(choose, 2) for _ in range(3)), choose.choice("ABCD"))
            compact, paired = f"{prefix}{one}{two}{three}{suffix}", f"{prefix} {one} {two} {three} {suffix}"
            spellings = (
                compact,
                paired,
                paired.replace(" ", "-"),
                f"{prefix} {one}{two}{three} {suffix}",
                paired.lower(),
            )
            text = spellings[number % 5]
            yield Datum(text, "[uk_nino]", text)


def my_numbers(choose: Random) -> Iterator[Datum]:
    """Yield individual numbers of Japan."""
    for number in count():
        # Some that start with 1 or 2 are a date as well, some with 5 or 6 a card of Maestro.
        payload = digits(choose, 11, "34789")
        weighed = sum(
            int(digit) * (at + 1 if at < 7 else at - 5) for at, digit in enumerate(reversed(payload), start=1)
        )
        plain = payload + str(11 - weighed % 11 if weighed % 11 > 1 else 0)
        separator = ("", "-", " ", "")[number % 4]
        text = separator.join((plain[:4], plain[4:8], plain[8:]))
        if number % 4 == 3:
            text = text.translate(_WIDE)
        yield Datum(text, "[jp_my_number]", text)


def tax_ids(choose: Random) -> Iterator[Datum]:
    """Yield German tax ids: of the first ten digits one occurs twice."""
    for number in count():
        payload = choose.sample("0123456789", 10)
        payload[choose.randrange(1, 10)] = payload[0]
        choose.shuffle(payload)
        if payload[0] == "0":
            continue
        product = 10
        for digit in payload:
            product = ((int(digit) + product) % 10 or 10) * 2 % 11
        plain = "".join(payload) + str((11 - product) % 10)
        text = (
            plain,
            f"{plain[:2]} {plain[2:5]} {plain[5:8]} {plain[8:]}",
            f"{plain[:2]}/{plain[2:5]}/{plain[5:8]}/{plain[8:]}",
        )[number % 3]
        yield Datum(text, "[de_tax_id]", text)


def registry_numbers(choose: Random) -> Iterator[Datum]:
    """Yield French NIR, Corsican ones among them."""
    for number in count():
        department = ("2A", "2B", f"{choose.randrange(1, 96):02}", f"{choose.randrange(21, 96):02}")[number % 4]
        parts = [
            choose.choice("12"),
            digits(choose, 2),
            f"{choose.randrange(1, 13):02}",
            department,
            digits(choose, 3),
            digits(choose, 3),
        ]
        counted = "".join(parts).replace("2A", "19").replace("2B", "18")
        parts.append(f"{97 - int(counted) % 97:02}")
        text = (" " if number % 3 else "").join(parts)
        yield Datum(text, "[fr_nir]", text)


def identity_numbers(choose: Random) -> Iterator[Datum]:
    """Yield Spanish DNI and NIE."""
    for number in count():
        plain = digits(choose, 8)
        letter = "TRWAGMYFPDXBNJZSQVHLCKE"[int(plain) % 23]
        dotted = f"{plain[:2]}.{plain[2:5]}.{plain[5:]}-{letter}"
        first, rest = choose.choice("XYZ"), digits(choose, 7)
        foreign = "TRWAGMYFPDXBNJZSQVHLCKE"[int(str("XYZ".index(first)) + rest) % 23]
        spellings = (
            plain + letter,
            f"{plain}-{letter}",
            dotted,
            f"{first}{rest}{foreign}",
            f"{first}-{rest}-{foreign}",
            plain + letter.lower(),
        )
        text = spellings[number % 6]
        yield Datum(text, "[es_dni]", text)
