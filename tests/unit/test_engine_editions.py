"""Editions: a scope that records the same under several names counts once, in whichever way it records."""

import logging

import pytest

from tests.support.contracts import refused, values
from tests.support.editions import NEW, NEWEST, OLD, REFUSED, counted, things, told


@pytest.mark.parametrize("name", [OLD, NEW, NEWEST])
def test_every_edition_counts_alone(name: str) -> None:
    """A library that knows one edition only is counted, whichever it is."""
    source = things()
    instrument = source.get_meter("library").create_counter(name)
    for _ in range(3):
        instrument.add(2, {"operation": "chat"})
    assert (counted(source), refused(source)) == (6, {})


@pytest.mark.parametrize(("first", "second"), [(OLD, NEW), (NEW, OLD), (NEWEST, OLD)])
def test_what_a_scope_records_under_two_editions_counts_once(first: str, second: str) -> None:
    """The first that it records wins, in whichever order it records them later; the rest is counted as refused."""
    source = things()
    meter = source.get_meter("library")
    winner, loser = meter.create_counter(first), meter.create_counter(second)
    winner.add(1, {"operation": "chat"})
    loser.add(1, {"operation": "chat"})
    loser.add(2, {"operation": "chat"})
    winner.add(2, {"operation": "chat"})
    assert (counted(source), refused(source)) == (3, {REFUSED: 2})


def test_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """With the names of both, and nothing that was recorded."""
    meter = things().get_meter("library")
    with caplog.at_level(logging.WARNING, "telemetry"):
        for _ in range(3):
            for name in (OLD, NEW):
                meter.create_counter(name).add(1, {"operation": "a secret"})
    said = "recorded beside another edition of the same; its scope has begun with things, which counts alone"
    assert caplog.messages == [f"new.things: {said}. Said once, counted from here on."]


def test_two_scopes_count_both() -> None:
    """Two libraries measure two calls, under whichever names; two meters of one name and two versions are one scope."""
    source = things()
    source.get_meter("library").create_counter(OLD).add(1)
    source.get_meter("another").create_counter(NEW).add(2)
    source.get_meter("library", "2.0").create_counter(NEW).add(4)
    assert counted(source) == 3


def test_each_operation_has_an_edition_of_its_own() -> None:
    """A library may use the newest name for one operation, and the older one for those that it was not made for."""
    source = things()
    meter = source.get_meter("library")
    meter.create_counter(OLD).add(1, {"operation": "embeddings"})
    meter.create_counter(NEW).add(2, {"operation": "chat"})
    meter.create_counter(OLD).add(4, {"operation": "chat"})
    meter.create_counter(OLD).add(8, {"operation": "embeddings"})
    assert counted(source) == 11


def test_more_operations_than_are_told_apart_share_one_edition() -> None:
    """An application that makes operations up fills no memory, and still counts once."""
    source = things()
    meter = source.get_meter("library")
    for number in range(200):
        for name in (OLD, NEW):
            meter.create_counter(name).add(1, {"operation": f"made up {number}"})
    (claims,) = source._editions._claims.values()
    assert (counted(source), len(claims.holders) < 100) == (200, True)


@pytest.mark.parametrize("operation", [None, 7, "x" * 5_000, ["chat"], object()])
def test_an_operation_may_be_anything(operation: object) -> None:
    """What is no text, and what is missing, has an edition of its own, too."""
    source = things()
    meter = source.get_meter("library")
    for _ in range(2):
        for name in (OLD, NEW):
            meter.create_counter(name).add(1, {"operation": operation})  # type: ignore[dict-item]  # on purpose
    assert counted(source) == 2


class _Raising:
    def get(self, name: str) -> object:
        """Fail, as an application's mapping may."""
        raise RuntimeError(name)


@pytest.mark.parametrize("attributes", [None, 5, _Raising()])
def test_attributes_may_be_anything(attributes: object) -> None:
    """Recording never raises; a measurement is kept."""
    source = things()
    meter = source.get_meter("library")
    for name in (OLD, NEW):
        meter.create_counter(name).add(1, attributes)  # type: ignore[arg-type]  # on purpose
    assert counted(source) == 1


def test_bound_instruments_count_once() -> None:
    """Bound before anything is recorded; which operation they measure is read when they are bound."""
    source = things()
    meter = source.get_meter("library")
    attributes = {"operation": "chat", "x": "a"}
    old, new = (meter.create_counter(name).bind(attributes) for name in (OLD, NEW))
    attributes["operation"] = "embeddings"
    new.add(1)
    old.add(1)
    new.add(2)
    meter.create_counter(OLD).add(4, {"operation": "chat", "x": "a"})
    assert values(source, "things_total") == {("a",): 3}


def test_histograms_and_counters_are_editions_of_each_other() -> None:
    """Tokens were a histogram, and are counters now."""
    source = things()
    meter = source.get_meter("library")
    meter.create_histogram(OLD).record(5)
    meter.create_counter(NEW).add(5)
    assert counted(source) == 5


def test_observations_count_once() -> None:
    """The callback that is asked first claims the edition."""
    source = things()
    meter = source.get_meter("library")
    meter.create_observable_counter(OLD, [told(1, 2)])
    meter.create_observable_counter(NEW, [told(1, 2, 4)])
    assert [counted(source), counted(source)] == [7, 7]


def test_one_callback_in_two_scopes_counts_for_both() -> None:
    """As two scopes that record do."""
    source = things()
    callback = told(3)
    for scope in ("library", "another"):
        source.get_meter(scope).create_observable_counter(OLD, [callback])
        source.get_meter(scope).create_observable_counter(OLD, [callback])
    assert counted(source) == 6


def test_what_has_no_editions_records_as_before() -> None:
    """Its compiled function is the method itself: nothing is asked on its way."""
    meter = things().get_meter("library")
    others, gated = meter.create_counter("others"), meter.create_counter(OLD)
    names = [instrument.add.__code__.co_name for instrument in (others, gated)]
    assert names == ["record", "counted_once"]
