"""National identity numbers, each with what its country lets one check."""

import re
from collections import Counter

from telemetry.privacy.rules import WORD_ENDS, WORD_STARTS, Rule, by_number, by_pattern, digits_of

US_SSN = "us_ssn"
UK_NINO = "uk_nino"
JP_MY_NUMBER = "jp_my_number"
DE_TAX_ID = "de_tax_id"
FR_NIR = "fr_nir"
ES_DNI = "es_dni"

# US Social Security: no check digit; 000, 666, 900-999, group 00 and serial 0000 are never given out.
# Without its hyphens it is a number like any other, unless a word before it says what it is.
_AREA = r"(?!000|666|9)[0-9]{3}"
_SSN = rf"{_AREA}-(?!00)[0-9]{{2}}-(?!0000)[0-9]{{4}}"
_NAMED_SSN = (
    r"(?i:ssn|social[ _-]security)(?i:[ _-]?(?:number|no|nr|num))?[.]?[\"']?[ :=#]{0,3}[\"']?"
    rf"(?P<datum>{_AREA} ?(?!00)[0-9]{{2}} ?(?!0000)[0-9]{{4}}){WORD_ENDS}"
)

# UK National Insurance: no check digit; HMRC manual NIM39110 lists the prefixes. QQ is the one of its examples.
_NINO_PREFIX = r"(?!BG|GB|KN|NK|NT|TN|ZZ)(?:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]|QQ)"
_PAIRS = r"[0-9]{2}(?P=sep)[0-9]{2}(?P=sep)[0-9]{2}(?P=sep)[A-D]"
_NINO = rf"{WORD_STARTS}(?P<datum>{_NINO_PREFIX}(?:(?P<sep>[ -]?){_PAIRS}| ?[0-9]{{6}} ?[A-D])){WORD_ENDS}"
# In lower case nine characters together may be a hash.
_SMALL_NINO = rf"(?i:{WORD_STARTS}(?P<datum>{_NINO_PREFIX}(?P<sep>[ -]){_PAIRS}){WORD_ENDS})"

_MY_NUMBER = r"[0-9]{4}(?P<sep>[ -]?)[0-9]{4}(?P=sep)[0-9]{4}"
_MINUTE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]")

_TAX_ID = r"[1-9][0-9](?P<sep>[ ./-]?)[0-9]{3}(?P=sep)[0-9]{3}(?P=sep)[0-9]{3}"

# Sex, year, month, department, municipality, order, key; months past 12 stand for an uncertain date of birth.
_NIR = (
    r"[1-478][ .-]?[0-9]{2}[ .-]?(?:0[1-9]|1[0-2]|[2-9][0-9])"
    r"[ .-]?(?:[0-9]{2}|2[ABab])[ .-]?[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{2}"
)

_DNI = r"(?:[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3})-?[A-Za-z]"
_NIE = rf"{WORD_STARTS}(?P<datum>[XYZxyz]-?[0-9]{{7}}-?[A-Za-z]){WORD_ENDS}"
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def is_my_number(digits: str) -> bool:
    """Tell whether 12 digits are an individual number of Japan (ordinance 85 of 2014, article 5)."""
    if len(set(digits)) == 1:
        return False
    weighed = sum(
        int(digit) * (position + 1 if position <= 6 else position - 5)
        for position, digit in enumerate(reversed(digits[:11]), start=1)
    )
    remainder = weighed % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


def is_tax_id(digits: str) -> bool:
    """Tell whether 11 digits are a Steuer-Identifikationsnummer (section 139b AO; ISO/IEC 7064, MOD 11,10).

    Of the first ten digits exactly one occurs twice or three times.
    """
    repeated = [times for times in Counter(digits[:10]).values() if times > 1]
    if len(repeated) != 1 or repeated[0] > 3:
        return False
    product = 10
    for digit in digits[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return int(digits[10]) == (11 - product) % 10


def is_nir(text: str) -> bool:
    """Tell whether 15 characters are a numéro d'inscription au répertoire (INSEE): key = 97 - number mod 97.

    The departments of Corsica, 2A and 2B, count as 19 and 18.
    """
    number = text[:13].replace("2A", "19").replace("2B", "18")
    return int(text[13:]) == 97 - int(number) % 97


def is_dni(text: str) -> bool:
    """Tell whether 8 characters and a letter are a DNI or NIE (Orden INT/2058/2008): letter = number mod 23."""
    number = text[:8].translate(str.maketrans("XYZ", "012"))
    return text[8] == _DNI_LETTERS[int(number) % 23]


def _is_my_number(match: re.Match[str]) -> bool:
    digits = digits_of(match["datum"])
    return is_my_number(digits) and (bool(match["sep"]) or _MINUTE.fullmatch(digits) is None)


def _compact(match: re.Match[str]) -> str:
    return re.sub(r"[ .-]", "", match["datum"]).upper()


# Numbers with a letter: they have fewer digits, or fewer in a row, than the others.
LETTER_RULES = (
    Rule(FR_NIR, by_number(_NIR, lambda match: is_nir(_compact(match)), "123478")),
    Rule(UK_NINO, by_pattern(_NINO)),
    Rule(UK_NINO, by_pattern(_SMALL_NINO)),
    Rule(ES_DNI, by_number(_DNI, lambda match: is_dni(_compact(match)))),
    Rule(ES_DNI, by_pattern(_NIE, lambda match: is_dni(_compact(match)))),
)

DIGIT_RULES = (
    Rule(JP_MY_NUMBER, by_number(_MY_NUMBER, _is_my_number)),
    Rule(DE_TAX_ID, by_number(_TAX_ID, lambda match: is_tax_id(digits_of(match["datum"])))),
    Rule(US_SSN, by_number(_SSN)),
    Rule(US_SSN, by_pattern(_NAMED_SSN)),
)
