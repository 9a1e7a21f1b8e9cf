"""Callbacks of asynchronous instruments: whatever one does, the collection ends and the others are heard."""

import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from telemetry.contract import Combine, MetricType, Take
from telemetry.engine import MeterProvider
from telemetry.engine.callbacks import MAX_OBSERVATIONS
from tests.support.contracts import counter, gauge, metric, provider, refused, values

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


def raising(_: CallbackOptions) -> list[Observation]:
    """The plainest fault."""
    raise KeyError("what")


def exiting(_: CallbackOptions) -> list[Observation]:
    """Even this ends nothing."""
    sys.exit(3)


def raising_late(_: CallbackOptions) -> Iterator[Observation]:
    """The fault comes when the callback's result is read."""
    yield Observation(1)
    raise ValueError


def ended() -> Iterator[list[Observation]]:
    """A generator that ends at once."""
    yield from ()


def broken() -> Iterator[list[Observation]]:
    """A generator that raises before its first yield."""
    yield from {"a": ()}["b"]


class Unreadable:
    """An observation that tells nothing."""

    @property
    def value(self) -> float:
        """Asked for by every collection."""
        raise RuntimeError


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        (raising, "a callback that raises KeyError"),
        (exiting, "a callback that raises SystemExit"),
        (raising_late, "a callback that raises ValueError"),
        (broken(), "a callback that raises KeyError"),
        (5, "a callback that raises TypeError"),
        (None, "a callback that raises TypeError"),
        (threading.Event().is_set, "a callback that raises TypeError"),
        (lambda _: None, "a callback that raises TypeError"),
        (lambda _: 5, "a callback that raises TypeError"),
        (lambda _: [5], "an amount of type NoneType"),
        (lambda _: "ab", "an amount of type NoneType"),
        (lambda _: [None], "an amount of type NoneType"),
        (lambda _: [Unreadable()], "an observation that cannot be read"),
    ],
)
def test_a_callback_that_fails_is_counted_and_the_others_are_heard(callback: object, reason: str) -> None:
    """It is asked again at each collection, and counted each time it fails."""
    source = observed(callback)
    for _ in range(2):
        assert (values(source, "things_total"), values(source, "depth")) == ({}, {(): 7})
    assert reason in refused(source)


def test_a_generator_that_has_ended_tells_nothing() -> None:
    """That is its right: no refusal."""
    source = observed(ended())
    assert (values(source, "things_total"), values(source, "depth"), refused(source)) == ({}, {(): 7}, {})


@pytest.mark.parametrize("callbacks", [seven, 5, None, []])
def test_what_is_no_list_of_callbacks_creates_an_instrument_all_the_same(callbacks: object) -> None:
    """A single function is passed by mistake: creating an instrument never raises."""
    source = provider(counter())
    source.get_meter("app").create_observable_counter("things", callbacks)  # type: ignore[arg-type]  # that is the test
    assert values(source, "things_total") == {}
    assert set(refused(source)) == ({"callbacks that are no list"} if callbacks in (seven, 5) else set())


def test_endless_observations_are_cut_off() -> None:
    """The first ones count; it is said and counted that there were more."""

    def endless(_: CallbackOptions) -> Iterator[Observation]:
        while True:
            yield Observation(1)

    source = observed(endless)
    assert values(source, "things_total") == {(): MAX_OBSERVATIONS}
    assert refused(source) == {"a callback with too many observations": 1}


def test_a_callback_that_observes_in_one_collection_is_not_heard_in_the_next() -> None:
    """Sums are told whole at each collection; nothing is added up over collections."""
    source = observed(seven)
    assert [values(source, "things_total") for _ in range(3)] == [{(): 7}] * 3


def test_one_callback_registered_again_is_asked_once() -> None:
    """An application that creates its instruments twice does not count twice."""

    class Pool:
        def tell(self, _: CallbackOptions) -> list[Observation]:
            return [Observation(2)]

    source, pool = provider(gauge()), Pool()
    for name in ("level", "level", "Level"):
        source.get_meter("app").create_observable_up_down_counter(name, [pool.tell, pool.tell])
    assert values(source, "level") == {(): 2}
    source.get_meter("other").create_observable_up_down_counter("level", [Pool().tell])
    assert values(source, "level") == {(): 4}


def test_a_callback_may_record_create_instruments_and_collect() -> None:
    """Whatever the engine holds while it asks, nothing waits for ever."""
    source = provider(counter(), DEPTH)
    meter = source.get_meter("app")

    def busy(_: CallbackOptions) -> list[Observation]:
        meter.create_counter("things").add(1)
        source.get_meter("other").create_observable_gauge("depth", [seven])
        source.stats()
        return [Observation(7)]

    meter.create_observable_gauge("depth", [busy])
    source.snapshot()
    assert (values(source, "things_total"), values(source, "depth")) == ({(): 2}, {(): 7})


def test_a_collection_that_can_start_no_thread_tells_what_was_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at the exit of the interpreter, from Python 3.12 on."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    source = observed(seven)
    source.get_meter("app").create_counter("things").add(3)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert (values(source, "things_total"), values(source, "depth")) == ({(): 3}, {})
    assert set(refused(source)) == {"a callback asked as the interpreter shuts down"}


def test_a_reader_can_collect_when_no_thread_starts_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that callbacks run in is there from the time at which a reader is attached."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    source, reader = observed(seven), InMemoryMetricReader()
    source.add_metric_reader(reader)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert (values(source, "things_total"), values(source, "depth")) == ({(): 7}, {(): 7})


@pytest.mark.parametrize(
    "create", [Meter.create_observable_counter, Meter.create_observable_up_down_counter, Meter.create_observable_gauge]
)
def test_callbacks_of_an_unknown_instrument_are_never_asked(create: Callable[..., object]) -> None:
    """Nobody wants to know."""
    asked: list[object] = []

    def ask(options: CallbackOptions) -> list[Observation]:
        asked.append(options)
        return []

    source = provider(counter())
    getattr(source.get_meter("app"), create.__name__)("unknown", [ask])
    source.snapshot()
    assert (asked, source.stats().dropped_instruments) == ([], 1)
