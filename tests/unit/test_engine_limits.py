"""Limits: of a label and of a metric. What meets one is counted under `other`, and the sum is kept."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.metrics import Observation

from telemetry.contract import Bounded, Combine, Domain, Enum, Masked, MetricType, Take, Template
from tests.support.contracts import OVERFLOW, counter, gauge, histogram, metric, provider, values

OVERFLOWED = "techsapo_telemetry_overflow_total"


def test_past_its_limit_a_label_is_other_and_the_rest_of_the_labels_stay() -> None:
    """Only the label that is full loses its value; what met the limit is counted."""
    source = provider(counter({"model": Bounded(2), "status": Enum(("ok", "bad"))}), OVERFLOW)
    things = source.get_meter("app").create_counter("things")
    for model, status in (("a", "ok"), ("b", "ok"), ("c", "bad"), ("a", "bad"), ("c", "bad"), ("d", "ok")):
        things.add(1, {"model": model, "status": status})
    assert values(source, "things_total") == {
        ("a", "ok"): 1,
        ("b", "ok"): 1,
        ("a", "bad"): 1,
        ("other", "bad"): 2,
        ("other", "ok"): 1,
    }
    assert values(source, OVERFLOWED) == {("things_total",): 3}


def test_known_values_are_admitted_when_the_limit_is_reached() -> None:
    """A flood of new names cannot push out what the contract names."""
    source = provider(counter({"model": Bounded(2, known=("gpt",))}), OVERFLOW)
    things = source.get_meter("app").create_counter("things")
    for model in ("a", "b", "c", "gpt"):
        things.add(1, {"model": model})
    assert values(source, "things_total") == {("a",): 1, ("b",): 1, ("other",): 1, ("gpt",): 1}


def test_what_stands_for_missing_values_takes_none_of_the_limit() -> None:
    """`other` and `unmatched` are no values that an application made up, and no overflow."""
    source = provider(counter({"model": Bounded(1), "route": Template(1)}), OVERFLOW)
    things = source.get_meter("app").create_counter("things")
    things.add(1)
    things.add(2, {"model": "two words", "route": "no template"})
    things.add(4, {"model": "a", "route": "/a"})
    assert values(source, "things_total") == {("other", "unmatched"): 3, ("a", "/a"): 4}
    assert values(source, OVERFLOWED) == {}


def test_past_its_limit_a_route_is_other() -> None:
    """Not `unmatched`: it matched."""
    source = provider(counter({"route": Template(1)}), OVERFLOW)
    things = source.get_meter("app").create_counter("things")
    for route in ("/a", "/b", "nonsense"):
        things.add(1, {"route": route})
    assert values(source, "things_total") == {("/a",): 1, ("other",): 1, ("unmatched",): 1}


def test_past_the_limit_of_series_bounded_labels_are_other_and_addresses_stay() -> None:
    """Labels multiply: the metric has a limit too. `client_ip` keeps its bucket."""
    source = provider(counter({"route": Template(200), "ip": Masked()}, series_limit=2), OVERFLOW)
    things = source.get_meter("app").create_counter("things")
    for route, address in (("/a", "10.0.0.1"), ("/b", "127.0.0.1"), ("/c", "10.0.0.1"), ("/a", "127.0.0.1")):
        things.add(1, {"route": route, "ip": address})
    assert values(source, "things_total") == {
        ("/a", "private"): 1,
        ("/b", "loopback"): 1,
        ("other", "private"): 1,
        ("other", "loopback"): 1,
    }
    assert values(source, OVERFLOWED) == {("things_total",): 2}


def test_every_measurement_that_meets_a_limit_is_counted() -> None:
    """Each of the metrics that an instrument feeds counts for itself; bound instruments and histograms too."""
    source = provider(
        histogram({"model": Bounded(1)}),
        metric("sizes_total", MetricType.COUNTER, Take.COUNT, "size", {"model": Bounded(2)}),
        OVERFLOW,
    )
    size = source.get_meter("app").create_histogram("size")
    for model in ("a", "b", "c"):
        bound = size.bind({"model": model})
        for _ in range(10):
            bound.record(5)
    assert values(source, OVERFLOWED) == {("size",): 20, ("sizes_total",): 10}
    assert values(source, "sizes_total") == {("a",): 10, ("b",): 10, ("other",): 10}


def test_observations_that_meet_a_limit_are_counted() -> None:
    """At each collection anew: each is a measurement."""
    told = [Observation(amount, {"model": model}) for amount, model in ((1, "a"), (2, "b"), (4, "c"))]
    source = provider(counter({"model": Bounded(1)}), OVERFLOW)
    source.get_meter("app").create_observable_counter("things", [lambda _: told])
    assert values(source, "things_total") == {("a",): 1, ("other",): 6}
    assert values(source, OVERFLOWED) == {("things_total",): 4}


def test_an_overflow_of_the_overflow_counter_is_no_endless_one() -> None:
    """With more metrics than its own label takes, it counts them under `other`."""
    source = provider(
        *(metric(f"m{each}", MetricType.COUNTER, Take.SUM, f"i{each}", {"x": Bounded(1)}) for each in "abc"),
        metric(OVERFLOWED, MetricType.COUNTER, Take.SUM, "techsapo.telemetry.overflow", {"metric": Bounded(1)}),
    )
    for each in "abc":
        instrument = source.get_meter("app").create_counter(f"i{each}")
        for number in range(3):
            instrument.add(1, {"x": f"v{number}"})
    assert values(source, OVERFLOWED) == {("ma",): 2, ("other",): 4}


ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from([*"abcdefgh", "two words", "known", "", 7]),
        "route": st.sampled_from(["/a", "/b", "/c", "/d", "/users/12345", "nonsense", None]),
        "ip": st.sampled_from(["10.0.0.1", "::1", "nobody", "8.8.8.8"]),
        "dropped": st.integers(),
    },
)
AMOUNTS = st.integers(0, 1_000)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(AMOUNTS, ATTRIBUTES), max_size=60), st.integers(1, 12))
def test_sums_are_conserved_whatever_the_limits(
    records: list[tuple[int, dict[str, object]]], series_limit: int
) -> None:
    """Each measurement is in exactly one series, and each that met a limit in the overflow counter."""
    labels: dict[str, Domain] = {"model": Bounded(3, known=("known",)), "route": Template(2), "ip": Masked()}
    source = provider(
        counter(labels, series_limit=series_limit),
        metric("count_total", MetricType.COUNTER, Take.COUNT, "things", labels, series_limit=series_limit),
        OVERFLOW,
    )
    things = source.get_meter("app").create_counter("things")
    for amount, attributes in records:
        things.add(amount, attributes)  # type: ignore[arg-type]  # None as a value is what applications pass, too
    sums, counts = values(source, "things_total"), values(source, "count_total")
    assert (sum(map(float, sums.values())), sum(map(float, counts.values()))) == (  # type: ignore[arg-type]  # numbers, for counters
        sum(amount for amount, _ in records),
        len(records),
    )
    assert sums.keys() == counts.keys()
    overflowed = values(source, OVERFLOWED)
    assert overflowed.get(("things_total",), 0) == overflowed.get(("count_total",), 0)
    # Bounded: the limit, and `other` once for each bucket of an address.
    assert len(sums) <= series_limit + len({ip for _, _, ip in sums})
    distinct = Counter(model for model, _, _ in sums if model not in {"known", "other"})
    assert len(distinct) <= 3


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.sampled_from("abcdef")), min_size=1, max_size=40), st.booleans())
def test_other_of_a_gauge_is_combined_from_the_last_values(sets: list[tuple[int, str]], largest: bool) -> None:
    """The model: a dict of last values, of which all but the first two names are combined."""
    rule = Combine.MAX if largest else Combine.SUM
    source = provider(gauge({"queue": Bounded(2)}, rule))
    level = source.get_meter("app").create_gauge("level")
    last: dict[str, int] = {}
    for amount, queue in sets:
        level.set(amount, {"queue": queue})
        last[queue] = amount
    expected = {(queue,): amount for queue, amount in list(last.items())[:2]}
    behind = list(last.values())[2:]
    if behind:
        expected["other",] = max(behind) if largest else sum(behind)
    assert values(source, "level") == expected
