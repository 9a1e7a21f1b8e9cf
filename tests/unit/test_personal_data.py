"""Personal data is found and masked: each kind, nothing else, once and for all, in linear time."""

import gc
import re
import time
import unicodedata
from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telemetry.contract import CONTRACT, Bounded, Enum, Masked
from telemetry.privacy import ALL_BUCKETS, KINDS, find_personal_data, mask
from telemetry.privacy.national_ids import is_dni, is_my_number, is_nir, is_tax_id
from telemetry.privacy.payment_cards import is_card_number, luhn

# One datum a kind, in a spelling that needs no context.
DATA = {
    "email": "bob@example.com",
    "phone": "(415) 555-2671",
    "card": "4111 1111 1111 1111",
    "us_ssn": "123-45-6789",
    "uk_nino": "AB 12 34 56 C",
    "jp_my_number": "1234-5678-9018",
    "de_tax_id": "36574261809",
    "fr_nir": "2 95 10 99 126 111 93",
    "es_dni": "54362315K",
    "ip": "2001:db8::1",
    "bearer_token": "Bearer abcDEF123456",
    "api_key": "sk-ant-" + "api03-abcdef",
    "jwt": "eyJhbGciOiJub25lIn0" + ".eyJzdWIiOiJib2IifQ.x",
    "url_password": "redis://:secret@",
}
MASKED = {kind: f"[{kind}]" for kind in DATA} | {
    "bearer_token": "Bearer [bearer_token]",
    "url_password": "redis://:[url_password]@",
}

moments = st.datetimes(datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2099-12-31"))

# Pieces that data, masks and what surrounds them are made of: put together at random they meet every boundary.
pieces = st.sampled_from(
    [
        *DATA.values(),
        *MASKED.values(),
        *("4155552671", "192.0.2.1", "+44 20 7946 0958", "0312345678", "612345678", "123456789", "4111", "1234", "0"),
        *(
            "a",
            "x@y.z",
            "@",
            "://",
            ":",
            "::",
            ".",
            "-",
            " ",
            "/",
            "(",
            ")",
            "+",
            "=",
            "%40",
            "%2B",
            "\0",
            "\n",
            "[",
            "]",
        ),
        *(
            "tel ",
            "phone=",
            "ssn ",
            "Authorization: ",
            "Bearer ",
            "sk-",
            "eyJ",
            "電話",
            "é",
            "１",
            '"',
            "'",
            "_",
            ",",
            "e",
        ),
        *(
            "%20",
            "%2540",
            "%25",
            "%e3%81%82",
            "%e3",
            "\\n",
            "\\u0040",
            "\\ud83d",
            "\\",
            "\u200b",
            "उ",
            "key=",
            "Basic ",
        ),
    ]
)
texts = st.lists(pieces, max_size=12).map("".join) | st.text(max_size=80)
# One after the other, each of which may come within reach when the one before it is masked.
chains = st.tuples(st.lists(pieces, min_size=1, max_size=4).map("".join), st.integers(2, 12)).map(
    lambda each: each[0] * each[1]
)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_and_masked(kind: str) -> None:
    """What is found is named by its kind, and nothing but the datum goes."""
    assert kind == find_personal_data(DATA[kind])
    assert f"before {MASKED[kind]} after" == mask(f"before {DATA[kind]} after")


@settings(max_examples=1_000)
@given(texts | chains)
@example("+1 415 555 2671 4155552671")
@example("bob@x.com4155552671")
@example("bob@example.com0312345678")
@example("415-555-2671." * 8)
@example("a@b." + "c" * 24 + "Bearer abc123def456")
@example("415.555.2671.1.2.3.4")
@example("phone@x.com 4155552671")
@example("1 2 3 4 5 6 7 8 9 10 4111 1111 1111 1111 0312345678")
def test_masking_twice_is_masking_once(text: str) -> None:
    """Nothing is left to find in a masked text."""
    masked = mask(text)
    assert masked == mask(masked)
    assert find_personal_data(masked) is None


@settings(max_examples=500)
@given(texts)
def test_what_is_found_is_what_is_masked_first(text: str) -> None:
    """`find_personal_data` and `mask` agree: None for a text that stays, else the kind of the first mask put in."""
    found, masked = find_personal_data(text), mask(text)
    assert (found is None) == (masked == text)
    if found is not None:
        start = next(n for n, (old, new) in enumerate(zip(text, masked, strict=False)) if old != new)
        # A text that goes on like the mask differs from it later than where the mask starts.
        assert any(masked.startswith(f"[{found}]", at) for at in range(max(0, start - 20), start + 1))


@given(st.sampled_from(sorted(DATA)), st.text(max_size=30), st.text(max_size=30))
def test_a_datum_is_masked_whatever_stands_around_it(kind: str, before: str, after: str) -> None:
    """Between blanks no text hides a datum, wherever it comes from."""
    assert DATA[kind] not in mask(f"{before} {DATA[kind]} {after}")


@given(st.sampled_from(sorted(DATA)))
def test_fullwidth_forms_are_read_as_ascii(kind: str) -> None:
    """What a Japanese keyboard types is found as well."""
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in DATA[kind])
    assert DATA[kind] == unicodedata.normalize("NFKC", wide)
    assert kind == find_personal_data(wide)


def label_values() -> list[str]:
    """Every value that the contract knows, and every word that it maps to one."""
    values = set(ALL_BUCKETS)
    for metric in CONTRACT.metrics:
        for label in metric.labels:
            match label.domain:
                case Enum(listed, aliases):
                    values.update(listed, aliases)
                case Bounded(known=known):
                    values.update(known)
                case Masked():
                    values.update(ALL_BUCKETS)
        values.update((metric.name, metric.unit, metric.description))
    return sorted(values)


def test_no_value_of_the_contract_looks_personal() -> None:
    """No known label value, metric name or description gives a false alarm."""
    assert [] == [value for value in label_values() if find_personal_data(value)]


def test_pairs_of_known_values_do_not_look_personal() -> None:
    """Nor do two known values joined as a provider pair or a path."""
    values = [value for value in label_values() if re.fullmatch(r"[\w.-]+", value)][::7]
    assert [] == [
        f"{one}{by}{two}" for one in values for two in values for by in ":/" if find_personal_data(f"{one}{by}{two}")
    ]


@given(st.integers(1_600_000_000, 1_999_999_999), st.sampled_from(["", "000", "123", "123456", "123456789"]))
def test_a_time_since_the_epoch_is_no_personal_data(seconds: int, fraction: str) -> None:
    """In seconds, milliseconds, microseconds or nanoseconds, until 2033."""
    assert find_personal_data(f"at {seconds}{fraction} sharp") is None
    assert find_personal_data(f"{seconds}.{fraction or 0}") is None


@given(moments, st.sampled_from(["T", " "]), st.sampled_from(["", "Z", "+09:00", "-0330"]))
def test_a_date_and_time_is_no_personal_data(moment: datetime, separator: str, zone: str) -> None:
    """ISO 8601 as log lines and model names have it."""
    text = str(moment).replace(" ", separator) + zone
    assert find_personal_data(text) is None
    assert find_personal_data(f"model-{text[:10]} at {text}: done") is None


@given(st.uuids(), st.binary(min_size=20, max_size=32))
def test_identifiers_and_hashes_are_no_personal_data(uuid: object, digest: bytes) -> None:
    """UUIDs whose groups are digits by chance are spared by their shape, hashes by being one word."""
    assert find_personal_data(f"id {uuid}") is None
    assert find_personal_data(f"sha {digest.hex()}x") is None


@given(st.floats(0, 1))
def test_a_score_is_no_personal_data(score: float) -> None:
    """The sixteen digits of a fraction are no card number."""
    assert find_personal_data(f"{score!r} of {score:.16f}") is None


@given(st.text("0123456789", min_size=11, max_size=18))
def test_the_check_digit_of_a_card_is_unique(payload: str) -> None:
    """Of ten last digits exactly one satisfies Luhn."""
    assert [True] == [valid for digit in "0123456789" if (valid := luhn(payload + digit))]


def test_published_examples_of_check_digits_hold() -> None:
    """Numbers that the issuing offices and validation libraries print as examples, and the same with an error."""
    assert (True, False) == (luhn("4111111111111111"), luhn("4111111111111112"))
    assert (True, False) == (is_card_number("378282246310005"), is_card_number("1763938800000000008"))
    assert (True, False) == (is_my_number("123456789018"), is_my_number("123456789019"))
    assert (True, False) == (is_tax_id("36574261809"), is_tax_id("36574261890"))
    assert (True, False) == (is_nir("295109912611193"), is_nir("295109912611199"))
    assert (True, False) == (is_dni("54362315K"), is_dni("54362315Z"))
    assert (True, False) == (is_dni("X2482300W"), is_dni("X2482300A"))


@pytest.mark.parametrize(
    "text", ["\ud800", "\udfff@\ud800.com", "\0", "\0" * 50, "[" * 50, "[email", "𝟜𝟙𝟙𝟙 1111 1111 1111"]
)
def test_broken_text_raises_nothing(text: str) -> None:
    """Lone surrogates, NULs and half masks come back as they are."""
    assert text == mask(text)


SEEDS = [
    "a@",
    "1.",
    "1:",
    "a@a.",
    "://a:b",
    "eyJa.",
    "_eyJ",
    "sk-a1",
    "bearer .",
    "+4",
    "01 ",
    "%40",
    "[email]",
    "é@",
    "g1:",
    "%25",
    "%e3%81",
    "\\u00e9",
    "a!",
    '"@',
    "?key=a1B",
    "api_key=",
    "eyJa.eyJ",
    "sk-*",
    "authorization:basic ",
    "(0)",
]


@pytest.mark.parametrize("seed", SEEDS)
def test_time_grows_with_the_length_of_the_text_and_no_faster(seed: str) -> None:
    """A megabyte of what almost matches costs eight times an eighth of it: were it quadratic, 64 times, every time."""

    def seconds(size: int) -> float:
        text = (seed * (size // len(seed) + 1))[:size]
        gc.disable()  # what it costs depends on all else that this process holds
        start = time.thread_time()
        mask(text)
        taken = time.thread_time() - start
        gc.enable()
        return taken

    eighth = max(min(seconds(1 << 17) for _ in range(3)), 1e-3)
    assert any(seconds(1 << 20) / eighth < 24 for _ in range(3))
