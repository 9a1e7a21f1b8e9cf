"""Callbacks that hang: the collection ends without them, and none is given up that comes back."""

import threading
from collections.abc import Iterable, Iterator

import pytest
from opentelemetry.metrics import CallbackOptions, Observation

from telemetry.contract import Combine, MetricType, Take
from telemetry.engine import MeterProvider
from telemetry.engine.callbacks import CallbackRunner, Registered
from tests.support.contracts import counter, metric, provider, refused, values
from tests.support.wait import until

DEPTH = metric("depth", MetricType.GAUGE, Take.LAST, "depth", combine=Combine.MAX)


def seven(_: CallbackOptions) -> list[Observation]:
    """A callback that does what it should."""
    return [Observation(7)]


def observed(callback: object, *, create: str = "create_observable_counter") -> MeterProvider:
    """A provider with a counter that the callback feeds, and a gauge beside it that is fed well."""
    source = provider(counter(), DEPTH)
    meter = source.get_meter("app")
    getattr(meter, create)("things", [callback])
    meter.create_observable_gauge("depth", [seven])
    return source


class Hanging:
    """A callback that hangs until it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = threading.Event()

    def __call__(self, _: CallbackOptions) -> Iterable[Observation]:
        """Wait, as for a database that does not answer."""
        self.asked += 1
        self.go.wait(30)
        return [Observation(1)]


def test_a_callback_that_hangs_is_left_behind_and_asked_again_when_it_has_returned() -> None:
    """The collection ends, the others are heard in the same one, and it waits for it only once."""
    hanging = Hanging()
    source = observed(hanging)
    try:
        for _ in range(3):
            assert (values(source, "things_total"), values(source, "depth")) == ({}, {(): 7})
        assert (hanging.asked, refused(source)) == (1, {"a callback that does not return": 1})
    finally:
        hanging.go.set()
    assert until(lambda: values(source, "things_total")) == {(): 1}


def test_several_callbacks_that_hang_leave_time_for_the_rest() -> None:
    """None of them uses the time up, and none that answers is blamed."""
    hanging = [Hanging() for _ in range(5)]
    source = provider(counter(), DEPTH)
    meter = source.get_meter("app")
    meter.create_observable_counter("things", [*hanging[:3], seven, *hanging[3:]])
    meter.create_observable_gauge("depth", [seven])
    try:
        assert source.snapshot(timeout_millis=200)
        assert (values(source, "things_total"), values(source, "depth")) == ({(): 7}, {(): 7})
        assert refused(source) == {"a callback that does not return": 5}
    finally:
        for each in hanging:
            each.go.set()


class Noticed(set[Registered]):
    """The callbacks that hang; notices when one is taken off."""

    def __init__(self) -> None:
        super().__init__()
        self.taken_off = threading.Event()

    def discard(self, registered: object) -> None:
        """Take it off, and notice it."""
        super().discard(registered)
        self.taken_off.set()


def test_a_callback_that_answers_as_its_time_ends_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left behind in the very moment in which it has answered: no reason to never ask it again."""
    source, go, hanging = provider(counter()), threading.Event(), Noticed()
    source._callbacks._hanging = hanging
    leave_behind = CallbackRunner._leave_behind

    def late(_: CallbackOptions) -> list[Observation]:
        go.wait(30)
        return [Observation(7)]

    def leave(self: CallbackRunner, registered: Registered, jobs: object) -> None:
        go.set()
        assert hanging.taken_off.wait(10)
        leave_behind(self, registered, jobs)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(CallbackRunner, "_leave_behind", leave)
    source.get_meter("app").create_observable_counter("things", [late])
    assert values(source, "things_total") == {}
    assert until(lambda: values(source, "things_total")) == {(): 7}


def test_a_generator_that_hangs_before_its_first_yield_hangs_no_application() -> None:
    """It is started when first asked, in the thread that callbacks run in."""
    go = threading.Event()

    def waiting() -> Iterator[list[Observation]]:
        go.wait(30)
        yield []

    source = observed(waiting())
    try:
        assert (values(source, "things_total"), values(source, "depth")) == ({}, {(): 7})
    finally:
        go.set()


def test_a_callback_that_collects_waits_in_vain_and_only_once() -> None:
    """A collection within a collection, from another thread: it is left behind like any that hangs."""
    made: list[MeterProvider] = []

    def collecting(_: CallbackOptions) -> list[Observation]:
        made[0].snapshot()
        return []

    source = observed(collecting)
    made.append(source)
    assert values(source, "depth") == {(): 7}
    assert refused(source) == {"a callback that does not return": 1}
