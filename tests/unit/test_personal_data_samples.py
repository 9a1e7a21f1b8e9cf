"""Personal data of every kind, 500 each, leaves nothing behind but its mask; what is nobody's stays as it is."""

import pytest

from telemetry.privacy import KINDS, find_personal_data, mask
from tests.support.harmless_texts import TEXTS
from tests.support.personal_data import GENERATORS, Datum, samples
from tests.support.personal_texts import composed

# What stands around a datum where people and programs write it.
CONTEXTS = (
    "{}",
    "seen {} here",
    '{{"value": "{}", "n": 1}}',
    "[{}]",
    "({})",
    "<{}>",
    "'{}'",
    "問い合わせ「{}」まで",
    "first\t{}\nlast",
    "first\\n{}\\nlast",
    "id 550e8400-e29b-41d4-a716-446655440000 {}, at 2025-08-07T12:34:56Z",
)


@pytest.mark.parametrize("kind", sorted(GENERATORS))
@pytest.mark.parametrize("context", CONTEXTS)
def test_nothing_is_left_of_a_datum_but_its_mask(kind: str, context: str) -> None:
    """Whatever the spelling, and whatever stands around it, all of the datum goes, and nothing else."""
    wrong = [
        (datum.text, masked)
        for datum in samples(kind)
        if (masked := mask(context.format(datum.text))) != context.format(datum.masked)
    ]
    assert wrong == []


def test_there_are_500_different_data_of_every_kind() -> None:
    """Each kind of personal data has a generator, and phone numbers one for each format."""
    kinds = {find_personal_data(datum.text) for kind in GENERATORS for datum in samples(kind)}
    assert kinds == set(KINDS)
    assert {kind: len(set(samples(kind))) for kind in GENERATORS} == dict.fromkeys(GENERATORS, 500)


def test_a_secret_is_a_part_of_its_datum_and_of_no_mask() -> None:
    """What a search for leaks looks for would be found in the datum, and is not in what is left of it."""
    data = [datum for kind in GENERATORS for datum in samples(kind)]
    assert [datum for datum in data if len(datum.secret) < 5 or datum.secret in datum.masked] == []
    escaped = [datum for datum in data if datum.secret not in datum.text]
    assert [datum for datum in escaped if "%" not in datum.text] == []


@pytest.mark.parametrize("sort", sorted(TEXTS))
@pytest.mark.parametrize("context", ["{}", "at {} of", '"{}",', "({})", "k={}", "first\\n{}"])
def test_what_is_nobodys_stays_as_it_is(sort: str, context: str) -> None:
    """Models, prices, versions, hashes, times, sizes, user agents, statements and the like give no false alarm."""
    assert [text for text in TEXTS[sort] if find_personal_data(context.format(text))] == []


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # No address ends in a template's name, or without a top-level domain.
        ("{user}@example.com", "{user}@example.com"),
        ("bob at example dot com", "bob at example dot com"),
        # In a URL these part what is before them; an address with one of them in it loses what follows.
        ("dept/bob@example.com", "dept/[email]"),
        ("?to=bob@example.com", "?to=[email]"),
        # Nine digits are a Social Security number where a word says so, three groups only with hyphens.
        ("200 15 1234", "200 15 1234"),
        ("123456789", "123456789"),
        # A number glued to letters may be a part of a hash.
        ("a4111111111111111", "a4111111111111111"),
        # 44 and 81 without a + are numbers like others.
        ("44 20 7946 0958", "44 20 7946 0958"),
        # A password that no URL has in it is known by its name alone, which sentences have too.
        ("password: required", "password: required"),
        # An address in a host's name has hyphens, as versions and dates have.
        ("ip-10-0-1-23.ec2.internal", "ip-10-0-1-23.ec2.internal"),
    ],
)
def test_what_cannot_be_told_is_decided(text: str, masked: str) -> None:
    """Where a text may be personal or not, this is what holds."""
    assert masked == mask(text)


def test_data_next_to_each_other_all_go() -> None:
    """A text of many data of all kinds is left with as many masks."""
    data: list[Datum] = [samples(kind)[number] for number in range(40) for kind in sorted(GENERATORS)]
    assert ", ".join(datum.masked for datum in data) == mask(", ".join(datum.text for datum in data))


def test_masking_twice_is_masking_once() -> None:
    """Nothing is left to find in texts put together at random once they are masked, nor are they masked otherwise."""
    masked = [mask(text) for text in composed(10_000)]
    assert [text for text in masked if mask(text) != text or find_personal_data(text)] == []
