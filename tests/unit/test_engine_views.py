"""Semantic views: what each kind of instrument gives, several views on one instrument, conditions, scopes, context."""

from collections.abc import Iterable, Mapping

import pytest
from opentelemetry import baggage, context
from opentelemetry.metrics import CallbackOptions, Observation

from telemetry.contract import (
    Bounded,
    Classified,
    Combine,
    Constant,
    Enum,
    FromContext,
    MetricType,
    Overridden,
    Source,
    Take,
)
from telemetry.contract import attribute as attr
from tests.support.contracts import OVERFLOW, counter, gauge, histogram, metric, provider, refused, values

KIND = {"kind": Enum(("a", "b"))}


def test_a_counter_sums() -> None:
    """Ints stay ints; what has the same labels goes to one series."""
    source = provider(counter(KIND))
    things = source.get_meter("app").create_counter("things")
    things.add(1, {"kind": "a"})
    things.add(2, {"kind": "a", "unasked": "x"})
    things.add(0.5, {"kind": "b"})
    assert values(source, "things_total") == {("a",): 3, ("b",): 0.5}


def test_an_up_down_counter_sums_either_sign() -> None:
    """A gauge shows the sum."""
    source = provider(gauge(KIND, take=Take.SUM))
    level = source.get_meter("app").create_up_down_counter("level")
    level.add(3, {"kind": "a"})
    level.add(-5, {"kind": "a"})
    assert values(source, "level") == {("a",): -2}


def test_an_up_down_counter_sums_where_the_view_takes_the_last_value() -> None:
    """How an application tells the level is its choice."""
    source = provider(gauge(take=Take.LAST))
    level = source.get_meter("app").create_up_down_counter("level")
    level.add(3)
    level.add(-1)
    assert values(source, "level") == {(): 2}


def test_a_gauge_sets_where_the_view_takes_a_sum() -> None:
    """The other way round, too."""
    source = provider(gauge(take=Take.SUM))
    level = source.get_meter("app").create_gauge("level")
    level.set(3)
    level.set(-1.5)
    assert values(source, "level") == {(): -1.5}


def test_a_histogram_counts_into_buckets() -> None:
    """Sum, least, greatest, then one count a bucket: a boundary belongs to the bucket that it ends."""
    source = provider(histogram())
    size = source.get_meter("app").create_histogram("size")
    for amount in (0, 1, 1.5, 10.0, 11):
        size.record(amount)
    assert values(source, "size") == {(): [23.5, 0, 11, 2, 2, 1]}


def test_a_histogram_feeds_a_count_and_a_sum() -> None:
    """Three metrics of one instrument, each with its own labels."""
    source = provider(
        metric("sizes_total", MetricType.COUNTER, Take.COUNT, "size", KIND),
        metric("bytes_total", MetricType.COUNTER, Take.SUM, "size"),
        histogram({"other": Enum(("x",))}),
    )
    size = source.get_meter("app").create_histogram("size")
    size.record(2, {"kind": "a", "other": "x"})
    size.record(20, {"kind": "b", "other": "x"})
    assert values(source, "sizes_total") == {("a",): 1, ("b",): 1}
    assert values(source, "bytes_total") == {(): 22}
    assert values(source, "size") == {("x",): [22, 2, 20, 0, 1, 1]}


def test_observable_instruments_tell_their_values_when_collected() -> None:
    """All three kinds; a function, a generator function and a generator."""

    def tell(_: CallbackOptions) -> list[Observation]:
        return [Observation(5, {"kind": "a"}), Observation(7, {"kind": "b"})]

    def tell_one_by_one(_: CallbackOptions) -> Iterable[Observation]:
        yield Observation(-1)

    def endless() -> Iterable[list[Observation]]:
        total = 0
        yield []
        while True:
            total += 1
            yield [Observation(total)]

    source = provider(
        counter(KIND),
        gauge(take=Take.SUM),
        metric("depth", MetricType.GAUGE, Take.LAST, "depth", combine=Combine.MAX),
    )
    meter = source.get_meter("app")
    meter.create_observable_counter("things", [tell])
    meter.create_observable_up_down_counter("level", [tell_one_by_one])
    meter.create_observable_gauge("depth", [endless()])  # type: ignore[list-item]  # typed by the API as a started one
    assert values(source, "things_total") == {("a",): 5, ("b",): 7}
    assert values(source, "level") == {(): -1}
    assert values(source, "depth") == {(): 3}


def test_an_observation_lives_for_one_collection() -> None:
    """What a callback no longer tells is no longer shown."""
    told = [Observation(5, {"kind": "a"})]
    source = provider(gauge(KIND))
    source.get_meter("app").create_observable_gauge("level", [lambda _: told])
    assert values(source, "level") == {("a",): 5}
    told[:] = [Observation(6, {"kind": "b"})]
    assert values(source, "level") == {("b",): 6}


def test_synchronous_and_observed_values_of_one_metric_add_up() -> None:
    """By the rule of the metric: here a sum."""
    source = provider(gauge(KIND))
    meter = source.get_meter("app")
    meter.create_gauge("level").set(1, {"kind": "a"})
    meter.create_observable_gauge("level", [lambda _: [Observation(2, {"kind": "a"}), Observation(4, {"kind": "a"})]])
    assert values(source, "level") == {("a",): 7}


def test_a_label_may_come_from_an_attribute_of_another_name() -> None:
    """Renamed, and the newer of two names first."""
    source = provider(
        metric("t", MetricType.COUNTER, Take.SUM, "things", KIND, sources={"kind": attr("new.kind", "old.kind")})
    )
    things = source.get_meter("app").create_counter("things")
    things.add(1, {"old.kind": "a"})
    things.add(2, {"old.kind": "a", "new.kind": "b"})
    assert values(source, "t") == {("a",): 1, ("b",): 2}


def test_a_label_may_be_a_constant_a_class_or_overridden() -> None:
    """The sources beside plain attributes."""
    sources: Mapping[str, Source] = {
        "constant": Constant("x"),
        "status": Classified("error", absent="ok", otherwise="error", table={"429": "limited"}),
        "provider": Overridden("address", {"gateway": "b"}, attr("name")),
    }
    domains = {
        "constant": Enum(("x",)),
        "status": Enum(("ok", "error", "limited")),
        "provider": Enum(("a", "b")),
    }
    source = provider(metric("t", MetricType.COUNTER, Take.SUM, "things", domains, sources=sources))
    things = source.get_meter("app").create_counter("things")
    things.add(1, {"name": "a"})
    things.add(2, {"name": "a", "address": "gateway", "error": 429})
    things.add(4, {"name": "a", "address": "elsewhere", "error": "KeyError"})
    assert values(source, "t") == {("x", "ok", "a"): 1, ("x", "limited", "b"): 2, ("x", "error", "a"): 4}


def test_a_condition_selects_measurements() -> None:
    """What one view leaves out, another one may take."""
    source = provider(
        metric("reds_total", MetricType.COUNTER, Take.SUM, "things", where={"colour": ("red", "7")}),
        metric("all_total", MetricType.COUNTER, Take.SUM, "things"),
    )
    things = source.get_meter("app").create_counter("things")
    for amount, colour in ((1, "red"), (2, "blue"), (4, 7), (8, ["red"])):
        things.add(amount, {"colour": colour})
    things.add(16)
    assert (values(source, "reds_total"), values(source, "all_total")) == ({(): 5}, {(): 31})


def test_a_condition_selects_observations() -> None:
    """The same for what callbacks tell."""
    source = provider(metric("reds_total", MetricType.COUNTER, Take.SUM, "things", where={"colour": ("red",)}))
    told = [Observation(1, {"colour": "red"}), Observation(2, {"colour": "blue"}), Observation(4)]
    source.get_meter("app").create_observable_counter("things", [lambda _: told])
    assert values(source, "reds_total") == {(): 1}


def test_a_scope_that_measures_wrongly_is_ignored() -> None:
    """Only that meter's instrument; it is not counted as dropped, for the contract knows it."""
    source = provider(metric("t", MetricType.COUNTER, Take.SUM, "things", ignore_scopes=("wrong",)))
    ignored = source.get_meter("wrong").create_counter("things")
    ignored.add(1)
    source.get_meter("right").create_counter("things").add(2)
    assert values(source, "t") == {(): 2}
    assert (ignored.enabled(), source.stats().dropped_instruments) == (False, 0)


FROM_CONTEXT = metric(
    "t", MetricType.COUNTER, Take.SUM, "things", {"task": Bounded(9)}, sources={"task": FromContext("app.task")}
)


def test_a_label_may_come_from_the_context() -> None:
    """The context that is passed, else the current one, else its baggage, else `other`."""
    source = provider(FROM_CONTEXT)
    things = source.get_meter("app").create_counter("things")
    passed = context.set_value("app.task", "passed")
    things.add(1, None, passed)
    things.add(2, {}, context=baggage.set_baggage("app.task", "carried"))
    things.add(4, {}, context=baggage.set_baggage("app.task", "hidden", passed))
    things.add(8)
    token = context.attach(context.set_value("app.task", "current"))
    things.add(16)
    context.detach(token)
    assert values(source, "t") == {("passed",): 5, ("carried",): 2, ("other",): 8, ("current",): 16}


def test_an_observation_brings_its_context() -> None:
    """The API lets a callback tell one for each observation."""
    source = provider(FROM_CONTEXT)
    told = [Observation(3, None, context.set_value("app.task", "passed"))]
    source.get_meter("app").create_observable_counter("things", [lambda _: told])
    assert values(source, "t") == {("passed",): 3}


@pytest.mark.parametrize("broken", [5, "text", object()])
def test_what_is_no_context_is_refused(broken: object) -> None:
    """The measurement is kept."""
    source = provider(FROM_CONTEXT)
    source.get_meter("app").create_counter("things").add(1, {}, broken)  # type: ignore[arg-type]  # that is the test
    assert (values(source, "t"), refused(source)) == ({("other",): 1}, {"a context that cannot be read": 1})


@pytest.mark.parametrize("create", ["create_up_down_counter", "create_gauge", "create_histogram", "create_counter"])
def test_a_wrong_kind_of_instrument_is_dropped(create: str) -> None:
    """A counter cannot come from a gauge, nor a distribution from a counter; it is said, and counted."""
    wanted = histogram() if create == "create_counter" else gauge() if create == "create_histogram" else counter()
    (view,) = wanted.views
    source = provider(wanted, OVERFLOW)
    instrument = getattr(source.get_meter("app"), create)(*view.instruments)
    record = {"create_gauge": "set", "create_histogram": "record"}.get(create, "add")
    getattr(instrument, record)(1)
    assert (values(source, wanted.name), instrument.enabled()) == ({}, False)
    assert source.stats().dropped_instruments == 1


def test_enabled_tells_whether_a_measurement_goes_anywhere() -> None:
    """So that an application can spare itself the work of measuring."""
    meter = provider(counter()).get_meter("app")
    assert [meter.create_counter(name).enabled() for name in ("things", "Things", "unknown")] == [True, True, False]
