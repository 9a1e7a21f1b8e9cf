"""Anything at all as amounts, attributes and contexts: nothing raises, and what is right is counted to the last."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.context import Context

from telemetry.contract import CONTRACT, MetricType
from telemetry.engine.instruments import Counter, Gauge, Histogram, UpDownCounter
from tests.support.contracts import provider

plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**400), 2**63, 0, -1]),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=5),
    st.decimals(),
    st.fractions(),
    st.complex_numbers(),
    st.builds(object),
    st.dates(),
    st.sampled_from([int, len, Ellipsis, "x" * 10_000, "\ud800", "192.0.2.7", "someone@example.com", "/a/{b}"]),
)
anything = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMES = sorted({name for metric in CONTRACT.metrics for view in metric.views for name in view.instruments})
READ = sorted(
    {
        name
        for metric in CONTRACT.metrics
        for view in metric.views
        for source in view.labels.values()
        for name in getattr(source, "names", ())
    }
)
attribute_sets = st.one_of(
    st.dictionaries(st.sampled_from(READ), anything, max_size=6),
    st.dictionaries(st.sampled_from(READ), st.sampled_from(["redis", "used", "GET", "a", "b", 200]), max_size=6),
    anything,
)
contexts = st.one_of(st.none(), st.builds(Context), st.just(Context({"techsapo.task_type": "basic"})), anything)


def counts(amount: object) -> bool:
    """Tell whether an amount is a real number from 0 up that a sum can take."""
    if isinstance(amount, (bool, int, float, Fraction)) or (isinstance(amount, Decimal) and amount.is_finite()):
        return 0 <= amount <= 10**290
    return False


@settings(max_examples=120, deadline=None)
@given(st.data(), st.booleans())
def test_nothing_raises_whatever_an_application_passes(data: st.DataObject, locked: bool) -> None:
    """Every instrument of the contract, of every kind, by attributes and bound, with collections in between."""
    source = provider(*CONTRACT.metrics, locked=locked)
    meter = source.get_meter(data.draw(st.sampled_from(["app", "", None])))  # type: ignore[arg-type]  # a missing name, too
    for _ in range(data.draw(st.integers(1, 6))):
        name, kind = data.draw(st.sampled_from(NAMES)), data.draw(st.integers(0, 3))
        amount, attributes, context = data.draw(anything), data.draw(attribute_sets), data.draw(contexts)
        create = (meter.create_counter, meter.create_up_down_counter, meter.create_histogram, meter.create_gauge)[kind]
        instrument: Counter | UpDownCounter | Histogram | Gauge = create(name)
        record = getattr(instrument, ("add", "add", "record", "set")[kind])
        record(amount, attributes, context)
        instrument.bind(attributes).add(amount)  # type: ignore[arg-type]  # anything is what is tested
        source.metrics_data()
    source.stats()


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(anything, attribute_sets, contexts), max_size=12))
def test_what_is_right_is_counted_whatever_comes_with_it(measured: list[tuple[object, object, object]]) -> None:
    """A count of requests: each right amount once, whatever its attributes, each wrong one not at all."""
    source = provider(*CONTRACT.metrics)
    duration = source.get_meter("app").create_histogram("http.server.request.duration")
    for amount, attributes, context in measured:
        duration.record(amount, attributes, context)  # type: ignore[arg-type]  # anything is what is tested
    expected = sum(counts(amount) for amount, _, _ in measured)
    found = {
        taken.metric.name: sum(sum(value[3:]) if isinstance(value, list) else value for _, value in taken.points)
        for taken in source.snapshot()
        if taken.metric.type is not MetricType.GAUGE
    }
    assert found == (
        {"techsapo_http_requests_total": expected, "techsapo_http_request_duration_seconds": expected}
        if expected
        else {}
    )
