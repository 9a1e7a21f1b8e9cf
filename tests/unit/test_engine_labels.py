"""Label values: what each domain makes of the attribute values that applications pass."""

import enum
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
import wrapt
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.contract import Bounded, Domain, Enum, Masked, Template
from telemetry.contract.domains import COMMAND, MODEL_NAME, PROVIDER_PAIR
from tests.support.contracts import counter, provider, refused, values

COLOURS = Enum(("red", "green", "200", "true"), aliases={"rouge": "red", "Grün": "green"})
ANY_CASE = Enum(("red", "green"), aliases={"rouge": "red"}, ignore_case=True)
NAMES = Bounded(50)
PAIRS = Bounded(50, pattern=PROVIDER_PAIR, sorted_pair=True)
COMMANDS = Bounded(50, pattern=COMMAND, known=("GET",), upper_case=True)
ROUTES = Template(50)


class Name(str):
    """A str that answers with something else where it can."""

    def __str__(self) -> str:
        """Not what it holds."""
        return "liar"

    def upper(self) -> str:
        """Not what it holds, either."""
        return "LIAR"


class Colour(str, enum.Enum):  # noqa: UP042  # this is what most code has, and its str() is another one
    """What frameworks pass for their constants."""

    ROUGE = "red"


class Code(enum.IntEnum):
    """The same for numbers."""

    OK = 200


class Silent:
    """An object that can be asked nothing."""

    def __getattribute__(self, name: str) -> object:
        """Whatever is asked for."""
        raise RuntimeError(name)

    def __hash__(self) -> int:
        """Not even this."""
        raise RuntimeError("no hash")

    def __eq__(self, other: object) -> bool:
        """Nor this."""
        raise RuntimeError("no comparison")


def made(value: object) -> object:
    """The value; for the class Silent an object of it, which pytest could not print."""
    return Silent() if value is Silent else value


def label(domain: Domain, value: object) -> str:
    """The label that an attribute's value becomes in a domain."""
    source = provider(counter({"x": domain}))
    source.get_meter("app").create_counter("things").add(1, {"x": made(value)})  # type: ignore[dict-item]  # any object is what is tested
    (labels,) = values(source, "things_total")
    return labels[0]


VALUES: Sequence[tuple[Domain, object, str]] = [
    (COLOURS, "red", "red"),
    (COLOURS, "rouge", "red"),
    (COLOURS, "Grün", "green"),
    (COLOURS, "Red", "other"),
    (COLOURS, "", "other"),
    (COLOURS, None, "other"),
    (COLOURS, 200, "200"),
    (COLOURS, 200.0, "200"),
    (COLOURS, Code.OK, "200"),
    (COLOURS, Decimal(200), "200"),
    (COLOURS, True, "true"),
    (COLOURS, 1, "other"),
    (COLOURS, Colour.ROUGE, "red"),
    (COLOURS, Name("red"), "red"),
    (COLOURS, wrapt.ObjectProxy("red"), "red"),
    (COLOURS, b"red", "other"),
    (COLOURS, ["red"], "other"),
    (ANY_CASE, "RED", "red"),
    (ANY_CASE, "Rouge", "red"),
    (ANY_CASE, "blue", "other"),
    (NAMES, "gpt-5", "gpt-5"),
    (NAMES, "GPT 5", "other"),
    (NAMES, "a" * 65, "other"),
    (NAMES, "line\n", "other"),
    (NAMES, "", "other"),
    (NAMES, None, "other"),
    (NAMES, 7, "7"),
    (NAMES, 7.5, "7.5"),
    (NAMES, 10**4_000, "other"),
    (NAMES, 10**5_000, "other"),
    (NAMES, Name("mine"), "mine"),
    (NAMES, {"a": 1}, "other"),
    (NAMES, object(), "other"),
    (NAMES, Silent, "other"),
    (NAMES, "\ud800", "other"),
    (NAMES, "192.0.2.1", "other"),
    (Bounded(9, pattern=MODEL_NAME), "someone@example.com", "other"),
    (Bounded(9, pattern=MODEL_NAME), "mistralai/mixtral-8x7b:free", "mistralai/mixtral-8x7b:free"),
    (COMMANDS, "get", "GET"),
    (COMMANDS, "config get", "CONFIG GET"),
    (COMMANDS, Name("ttl"), "TTL"),
    (COMMANDS, "get my secret key", "other"),
    (PAIRS, "openai:anthropic", "anthropic:openai"),
    (PAIRS, "anthropic:openai", "anthropic:openai"),
    (PAIRS, "openai", "other"),
    (ROUTES, "/users/{id}", "/users/{id}"),
    (ROUTES, "/", "/"),
    (ROUTES, "/users/12345", "unmatched"),
    (ROUTES, "/users/6f2a1c9e-0000-4000-8000-000000000000", "unmatched"),
    (ROUTES, "/mail/someone@example.com", "unmatched"),
    (ROUTES, "users", "unmatched"),
    (ROUTES, "/a b", "unmatched"),
    (ROUTES, "", "unmatched"),
    (ROUTES, None, "unmatched"),
    (ROUTES, "/" + "a" * 300, "unmatched"),
    (ROUTES, 5, "unmatched"),
    (Masked(), "10.1.2.3", "private"),
    (Masked(), "::1", "loopback"),
    (Masked(), "nobody", "invalid"),
    (Masked(), None, "invalid"),
    (Masked(), 7, "invalid"),
    (Masked(), ["10.1.2.3"], "invalid"),
    (Masked(), Silent, "invalid"),
    (Masked(), wrapt.ObjectProxy("10.1.2.3"), "private"),
]


@pytest.mark.parametrize(("domain", "value", "expected"), VALUES, ids=[str(row) for row in range(len(VALUES))])
def test_a_value_becomes_one_of_its_domain(domain: Domain, value: object, expected: str) -> None:
    """Text, numbers, enum members and proxies by what they hold; all else is not asked what it is."""
    assert label(domain, value) == expected


def test_a_missing_attribute_has_a_value_of_its_own() -> None:
    """None of the attributes, no attributes at all, a None: the same."""
    source = provider(counter({"e": COLOURS, "b": NAMES, "t": ROUTES, "m": Masked()}))
    things = source.get_meter("app").create_counter("things")
    things.add(1)
    things.add(2, {})
    things.add(4, {"e": None, "b": None})
    things.add(8, None)
    assert values(source, "things_total") == {("other", "other", "unmatched", "invalid"): 15}


@settings(max_examples=60, deadline=None)
@given(st.permutations([True, 1, 1.0, Decimal(1), "1", "true"]))
def test_equal_values_have_their_labels_whatever_the_order(order: list[object]) -> None:
    """True, 1 and 1.0 are one key of a dict; a look-up must not take one for the other."""
    source = provider(counter({"x": NAMES}))
    things = source.get_meter("app").create_counter("things")
    for value in (*order, *order):
        things.add(1, {"x": value})  # type: ignore[dict-item]  # Decimal is no plain value, and passed all the same
    assert values(source, "things_total") == {("true",): 4, ("1",): 8}


@settings(max_examples=60, deadline=None)
@given(st.permutations([10**16, 1e16, Decimal(10**16), Fraction(10**16), 0, 0.0, -0.0, Decimal(0)]))
def test_equal_numbers_have_the_same_label(order: list[object]) -> None:
    """Whichever comes first: what a dict takes for one value is one label."""
    source = provider(counter({"x": NAMES}))
    things = source.get_meter("app").create_counter("things")
    for value in (*order, *order):
        things.add(1, {"x": value})  # type: ignore[dict-item]  # see above
    assert values(source, "things_total") == {("10000000000000000",): 8, ("0",): 8}


class Broken(dict[str, object]):
    """Attributes that cannot be read."""

    def get(self, key: str, default: object = None) -> object:
        """Whatever is asked for."""
        raise RuntimeError(key, default)


@pytest.mark.parametrize("attributes", [5, "text", ["x"], object(), Broken(x="a"), Silent, {1, 2}, 1.5])
def test_what_is_no_mapping_is_refused_and_the_measurement_kept(attributes: object) -> None:
    """Said once, counted each time; the sum is right."""
    source = provider(counter({"x": NAMES, "y": NAMES}))
    things = source.get_meter("app").create_counter("things")
    for _ in range(3):
        things.add(2, made(attributes))  # type: ignore[arg-type]  # that is the test
    things.bind(made(attributes)).add(4)  # type: ignore[arg-type]  # the same
    assert values(source, "things_total") == {("other", "other"): 10}
    assert refused(source) == {"attributes that cannot be read": 4}


@pytest.mark.parametrize("value", [[], {}, set(), ["a"], Silent, bytearray(b"x")])
def test_values_that_cannot_be_looked_up_are_other(value: object) -> None:
    """Unhashable, or with a hash that raises: another look-up is made, and the measurement kept."""
    source = provider(counter({"x": NAMES, "y": NAMES}))
    things = source.get_meter("app").create_counter("things")
    for _ in range(3):
        things.add(1, {"x": made(value), "y": "kept"})  # type: ignore[dict-item]  # that is the test
    assert values(source, "things_total") == {("other", "kept"): 3}


def test_attributes_that_no_view_asks_for_are_not_touched() -> None:
    """Not read, compared or hashed: they may be anything."""
    source = provider(counter({"x": NAMES}))
    source.get_meter("app").create_counter("things").add(1, {"x": "a", "y": Silent()})  # type: ignore[dict-item]  # that is the test
    assert (values(source, "things_total"), refused(source)) == ({("a",): 1}, {})
