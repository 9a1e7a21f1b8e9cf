"""The vectors that both engines are tested with: the Python side against them, and they against the contract."""

import hashlib
import json
from collections import Counter
from ipaddress import ip_address, ip_network
from itertools import count
from pathlib import Path

import pytest

from telemetry.contract import CONTRACT, Bounded, Domain, Enum, Masked, Template
from telemetry.contract.networks import client_ip_buckets
from telemetry.engine.series import SeriesTable
from telemetry.engine.values import label_value
from telemetry.privacy import ALL_BUCKETS, KINDS, find_personal_data, mask

VECTORS = Path(__file__).parents[2] / "vectors"

Input = str | int | float | bool | None
Vector = dict[str, Input]
Sequence = dict[str, str | list[Input]]


def read(name: str) -> list[Vector]:
    """Return the vectors of a file."""
    vectors: list[Vector] = json.loads((VECTORS / name).read_text(encoding="utf-8"))["vectors"]
    return vectors


def salt(name: str) -> bytes:
    """Return the salt of a file's vectors."""
    text: str = json.loads((VECTORS / name).read_text(encoding="utf-8"))["salt"]
    return text.encode()


def sequences() -> list[Sequence]:
    """Return the sequences of values that come one after the other."""
    found: list[Sequence] = json.loads((VECTORS / "domains.json").read_text(encoding="utf-8"))["sequences"]
    return found


def name_of(vector: Vector | Sequence) -> str:
    """Return the name of a vector, as the test's id."""
    return str(vector["name"])


def domain_of(vector: Vector | Sequence) -> Domain:
    """Return the domain of the label that a vector names."""
    metric = CONTRACT.by_name[str(vector["metric"])]
    return next(label.domain for label in metric.labels if label.name == vector["label"])


ADDRESSES = read("addresses.json")
HASHED = [vector for vector in ADDRESSES if "canonical" in vector]
TEXTS = read("personal_data.json")
VALUES = read("domains.json")
BUCKETS = client_ip_buckets(salt("addresses.json"))


@pytest.mark.parametrize("vector", ADDRESSES, ids=name_of)
def test_an_address_gets_its_bucket(vector: Vector) -> None:
    """The bucket is the vector's, and it is one of the 515."""
    assert vector["expected"] == BUCKETS.bucket(vector["input"])
    assert vector["expected"] in ALL_BUCKETS


@pytest.mark.parametrize("vector", HASHED, ids=name_of)
def test_a_bucket_is_the_hash_of_salt_and_canonical_text(vector: Vector) -> None:
    """The documented bytes, hashed here without the code under test, give the vector's bucket."""
    canonical = str(vector["canonical"])
    digits = hashlib.sha256(salt("addresses.json") + canonical.encode("ascii")).hexdigest()[:2]
    assert vector["expected"] == f"{'v6' if ':' in canonical else 'v4'}-{digits}"


@pytest.mark.parametrize("vector", HASHED, ids=name_of)
def test_the_canonical_text_is_the_standard_librarys(vector: Vector) -> None:
    """A dotted quad, or an IPv6 network of 64 bits in its shortest form."""
    canonical = str(vector["canonical"])
    assert canonical == str(ip_network(canonical) if "/" in canonical else ip_address(canonical))
    assert ("/" not in canonical) or canonical.endswith("/64")


def test_there_are_vectors_enough_of_addresses() -> None:
    """At least 80, and some for each bucket that has a name."""
    kinds = Counter(str(vector["expected"]).split("-")[0] for vector in ADDRESSES)
    assert len(ADDRESSES) >= 80
    assert {"v4", "v6", "private", "loopback", "invalid"} == set(kinds)
    assert min(kinds.values()) >= 8


@pytest.mark.parametrize("vector", TEXTS, ids=name_of)
def test_a_text_is_masked(vector: Vector) -> None:
    """What is left of the text, and the kind of what was found first, are the vector's."""
    text = str(vector["input"])
    assert vector["expected"] == mask(text)
    assert vector["kind"] == find_personal_data(text)


def test_there_are_vectors_enough_of_each_kind() -> None:
    """At least 20 of each kind of personal data, and more of none."""
    kinds = Counter(vector["kind"] for vector in TEXTS)
    assert {*KINDS, None} == set(kinds)
    assert [] == [kind for kind, times in kinds.items() if times < 20]
    assert kinds[None] >= 200


@pytest.mark.parametrize("vector", VALUES, ids=name_of)
def test_a_value_becomes_one_of_its_labels_domain(vector: Vector) -> None:
    """Enum, bounded, template and masked values are the vector's."""
    resolve = label_value(domain_of(vector), client_ip_buckets(salt("domains.json")))
    assert vector["expected"] == resolve(vector["input"])


def test_the_vectors_meet_every_sort_of_domain() -> None:
    """None of the four is left out."""
    assert {Enum, Bounded, Template, Masked} == {type(domain_of(vector)) for vector in VALUES}


@pytest.mark.parametrize("sequence", sequences(), ids=name_of)
def test_values_past_the_limit_become_other(sequence: Sequence) -> None:
    """Known values always, others up to the label's limit, in the order in which they come."""
    metric = CONTRACT.by_name[str(sequence["metric"])]
    table = SeriesTable(metric, count(1).__next__)
    resolve = label_value(domain_of(sequence), BUCKETS)
    assert list(sequence["expected"]) == [table.find((resolve(raw),))[0].labels[0] for raw in sequence["inputs"]]


@pytest.mark.parametrize("name", ["addresses.json", "personal_data.json", "domains.json"])
def test_each_vector_has_a_name_of_its_own(name: str) -> None:
    """A failure names one line of the file."""
    assert [] == [each for each, times in Counter(map(name_of, read(name))).items() if times > 1]
