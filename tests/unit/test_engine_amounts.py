"""Amounts: what is added, what is converted first, what is refused, said once and counted."""

import enum
import logging
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from unittest import mock

import pytest
import wrapt
from opentelemetry.metrics import Observation

from telemetry.contract import Take
from tests.support.contracts import counter, gauge, histogram, provider, refused, values

NAN, INFINITY = float("nan"), float("inf")
HUGE = 10**400


class Measured(float):
    """A float with units, as numeric libraries have them: its arithmetic is Python code."""

    def __radd__(self, other: float) -> float:
        """Never to be called."""
        raise AssertionError

    __add__ = __mul__ = __rmul__ = __lt__ = __gt__ = __float__ = __radd__  # type: ignore[assignment]  # whatever is called is wrong


class Count(enum.IntEnum):
    """An int that is an enum's."""

    TWO = 2


class Wrong(Fraction):
    """A number that cannot be converted."""

    def __float__(self) -> float:
        """Asked for by conversions."""
        raise RuntimeError


RIGHT = [
    (2, 2),
    (2.5, 2.5),
    (0, 0),
    (True, 1),
    (Count.TWO, 2),
    (Measured(2.5), 2.5),
    (Decimal("2.5"), 2.5),
    (Fraction(5, 2), 2.5),
    (wrapt.ObjectProxy(2.5), 2.5),
    (2**63, float(2**63)),
    (10**100, 1e100),
]
WRONG: list[tuple[object, str]] = [
    (NAN, "an amount of NaN"),
    (INFINITY, "an infinite or too large amount"),
    (1e300, "an infinite or too large amount"),
    (HUGE, "an infinite or too large amount"),
    (Decimal("NaN"), "an amount of NaN"),
    (Decimal("sNaN"), "an amount of type Decimal"),
    (Decimal("1e400"), "an infinite or too large amount"),
    (Fraction(HUGE), "an amount of type Fraction"),
    (Wrong(1), "an amount of type Wrong"),
    ("2", "an amount of type str"),
    (None, "an amount of type NoneType"),
    (b"2", "an amount of type bytes"),
    ([2], "an amount of type list"),
    (2j, "an amount of type complex"),
    (object(), "an amount of type object"),
    (mock.Mock(spec=float), "an amount of type Mock"),
    (mock.Mock(spec=int), "an amount of type Mock"),
]
NEGATIVE: list[tuple[object, str]] = [(amount, "a negative amount") for amount in (-1, -0.5, Decimal(-1), Measured(-1))]
WRONG_IDS = [str(row) for row in range(len(WRONG + NEGATIVE))]


def exported(amount: object) -> object:
    """What a stock reader is given for a counter that an amount was added to."""
    source = provider(counter())
    source.get_meter("app").create_counter("things").add(amount)  # type: ignore[arg-type]  # any object is what is tested
    data = source.metrics_data()
    if data is None:
        return None
    (point,) = data.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points
    return point.value  # type: ignore[union-attr]  # a number's, for a counter


@pytest.mark.parametrize(("amount", "expected"), RIGHT, ids=[str(row) for row in range(len(RIGHT))])
def test_real_numbers_are_added_as_exact_ints_and_floats(amount: object, expected: float) -> None:
    """A subclass by the value that it holds; an int that OTLP cannot carry leaves as a float."""
    found = exported(amount)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(("amount", "reason"), WRONG + NEGATIVE, ids=WRONG_IDS)
def test_a_counter_refuses_what_would_ruin_its_sum(amount: object, reason: str) -> None:
    """And goes on counting."""
    source = provider(counter())
    things = source.get_meter("app").create_counter("things")
    bound = things.bind()
    things.add(1)
    things.add(amount)  # type: ignore[arg-type]  # that is the test
    bound.add(amount)  # type: ignore[arg-type]  # the same
    bound.add(1)
    assert (values(source, "things_total"), refused(source)) == ({(): 2}, {reason: 2})


@pytest.mark.parametrize(("amount", "reason"), WRONG + NEGATIVE, ids=WRONG_IDS)
def test_a_histogram_refuses_what_would_ruin_it(amount: object, reason: str) -> None:
    """Sum, least, greatest and counts stay."""
    source = provider(histogram())
    size = source.get_meter("app").create_histogram("size")
    size.record(5)
    size.record(amount)  # type: ignore[arg-type]  # that is the test
    assert (values(source, "size"), refused(source)) == ({(): [5, 5, 5, 0, 1, 0]}, {reason: 1})


@pytest.mark.parametrize(("amount", "reason"), WRONG, ids=WRONG_IDS[: len(WRONG)])
@pytest.mark.parametrize("take", [Take.SUM, Take.LAST])
def test_a_gauge_refuses_what_is_no_number(take: Take, amount: object, reason: str) -> None:
    """Set or added up; a refused amount makes no series."""
    source = provider(gauge(take=take))
    meter = source.get_meter("app")
    (meter.create_up_down_counter("level").add if take is Take.SUM else meter.create_gauge("level").set)(amount)  # type: ignore[arg-type]  # that is the test
    assert (values(source, "level"), refused(source)) == ({}, {reason: 1})


@pytest.mark.parametrize(("amount", "reason"), WRONG + NEGATIVE, ids=WRONG_IDS)
def test_an_observation_with_a_wrong_amount_is_refused(amount: object, reason: str) -> None:
    """The other observations of the callback are taken."""
    told = [Observation(amount), Observation(3)]  # type: ignore[arg-type]  # that is the test
    source = provider(counter())
    source.get_meter("app").create_observable_counter("things", [lambda _: told])
    assert (values(source, "things_total"), refused(source)) == ({(): 3}, {reason: 1})


@pytest.mark.parametrize("amount", [-1, -0.5, -(10**100), 1e290, -1e290])
def test_a_gauge_takes_either_sign(amount: float) -> None:
    """Up to amounts that no sum of measurements can reach infinity with."""
    source = provider(gauge())
    source.get_meter("app").create_gauge("level").set(amount)
    assert values(source, "level") == {(): amount}


def test_a_refusal_is_said_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """One line in the log, with the instrument, what was wrong and what would be right; no value."""
    source = provider(counter())
    things = source.get_meter("app").create_counter("things")
    with caplog.at_level(logging.WARNING, "telemetry"):
        for _ in range(100):
            things.add("secret")  # type: ignore[arg-type]  # that is the test
    assert refused(source) == {"an amount of type str": 100}
    assert [record.getMessage() for record in caplog.records] == [
        "things: an amount of type str; a finite int or float is needed. Said once, counted from here on."
    ]


def test_a_broken_log_handler_reaches_nobody() -> None:
    """The application's logging may raise; recording does not."""

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError(record)

    handler = Broken()
    logging.getLogger("telemetry").addHandler(handler)
    try:
        source = provider(counter())
        source.get_meter("app").create_counter("things").add(NAN)
    finally:
        logging.getLogger("telemetry").removeHandler(handler)
    assert refused(source) == {"an amount of NaN": 1}


def test_types_made_up_as_the_application_goes_fill_no_memory() -> None:
    """The reason names the type; a type for each amount meets a bound."""
    source = provider(counter())
    things = source.get_meter("app").create_counter("things")
    for number in range(2_000):
        things.add(type(f"Type{number}", (), {})())
    assert len(refused(source)) <= 1_000


@pytest.mark.parametrize("amounts", [lambda: [10**18] * 50, lambda: [1e289] * 50, lambda: [0.1] * 10])
def test_sums_beyond_int64_leave_as_floats(amounts: Callable[[], list[float]]) -> None:
    """The exporters' format holds int64 and double: neither overflows nor becomes infinite."""
    source = provider(counter(), histogram())
    meter = source.get_meter("app")
    things, size = meter.create_counter("things"), meter.create_histogram("size")
    for amount in amounts():
        things.add(amount)
        size.record(amount)
    data = source.metrics_data()
    assert data is not None
    total, distribution = (metric.data.data_points[0] for metric in data.resource_metrics[0].scope_metrics[0].metrics)
    assert total.value == pytest.approx(sum(amounts()))  # type: ignore[union-attr]  # a number's
    assert distribution.sum == pytest.approx(sum(amounts()))  # type: ignore[union-attr]  # a histogram's
    assert -(2**63) <= total.value < 2**63 or isinstance(total.value, float)  # type: ignore[union-attr]  # a number's
