"""Bound instruments: one attribute set, looked up once."""

import gc

from opentelemetry import context
from opentelemetry.sdk.resources import Resource

from telemetry.contract import Bounded, FromContext, MetricType, Take
from tests.support.contracts import counter, gauge, histogram, metric, provider, refused, values


def test_all_kinds_record_through_a_bound_instrument() -> None:
    """The method has the name that the instrument's own has."""
    source = provider(counter({"x": Bounded(9)}), gauge(), histogram())
    meter = source.get_meter("app")
    meter.create_counter("things").bind({"x": "a", "dropped": 1}).add(2)
    meter.create_up_down_counter("level").bind().add(-1)
    meter.create_gauge("level").bind({}).set(5)
    meter.create_histogram("size").bind(None).record(2)
    assert values(source, "things_total") == {("a",): 2}
    assert (values(source, "level"), values(source, "size")) == ({(): 5}, {(): [2, 2, 2, 0, 1, 0]})


def test_bound_and_unbound_records_go_to_one_series() -> None:
    """They are one instrument."""
    source = provider(counter({"x": Bounded(9)}))
    things = source.get_meter("app").create_counter("things")
    bound = [things.bind({"x": "a"}) for _ in range(2)]
    for each in (*bound, *bound):
        each.add(1)
        things.add(1, {"x": "a"})
    assert values(source, "things_total") == {("a",): 8}


def test_binding_makes_no_series() -> None:
    """One is born by its first measurement."""
    source = provider(counter({"x": Bounded(9)}), gauge())
    meter = source.get_meter("app")
    bound = (meter.create_counter("things").bind({"x": "a"}), meter.create_gauge("level").bind())
    assert (len(bound), source.snapshot()) == (2, [])


def test_what_is_done_to_the_attributes_after_binding_changes_nothing() -> None:
    """The set was remembered, not the dict."""
    source = provider(counter({"x": Bounded(9)}))
    attributes = {"x": "a"}
    bound = source.get_meter("app").create_counter("things").bind(attributes)
    attributes["x"] = "b"
    bound.add(1)
    assert values(source, "things_total") == {("a",): 1}


def test_a_bound_instrument_follows_the_context() -> None:
    """What comes from the context is asked for at each record."""
    source = provider(
        metric(
            "t", MetricType.COUNTER, Take.SUM, "things", {"task": Bounded(9)}, sources={"task": FromContext("app.task")}
        )
    )
    bound = source.get_meter("app").create_counter("things").bind()
    for task, times in (("a", 1), ("b", 2), ("a", 4)):
        token = context.attach(context.set_value("app.task", task))
        bound.add(times)
        context.detach(token)
    assert values(source, "t") == {("a",): 5, ("b",): 2}


def test_binding_to_an_unknown_instrument_records_nothing() -> None:
    """And raises nothing."""
    source = provider(counter())
    source.get_meter("app").create_counter("unknown").bind({"x": "a"}).add(1)
    assert source.snapshot() == []


def test_attributes_that_cannot_be_read_are_refused_when_bound() -> None:
    """Once for the set, not at each record."""
    source = provider(counter({"x": Bounded(9)}))
    bound = source.get_meter("app").create_counter("things").bind(5)  # type: ignore[arg-type]  # that is the test
    for _ in range(3):
        bound.add(1)
    assert values(source, "things_total") == {("other",): 3}
    assert refused(source) == {"attributes that cannot be read": 1}


def test_a_bound_function_kept_alone_counts_after_a_restart() -> None:
    """`add = counter.bind(...).add` is what a hot loop keeps; the child of a fork must not lose its counts."""
    source = provider(counter({"x": Bounded(9)}))
    add = source.get_meter("app").create_counter("things").bind({"x": "a"}).add
    add(5)
    source.restart(Resource({}))
    add(1)
    assert values(source, "things_total") == {("a",): 1}


def test_bound_instruments_that_nobody_keeps_are_let_go() -> None:
    """Binding for each request is no leak."""
    source = provider(counter({"x": Bounded(9)}))
    things = source.get_meter("app").create_counter("things")
    for _ in range(200):
        things.bind({"x": "a"}).add(1)
    gc.collect()
    assert (values(source, "things_total"), len(source._bound)) == ({("a",): 200}, 0)
