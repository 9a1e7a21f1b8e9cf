"""Circuit breakers: of the three states of each one holds, at any time."""

import asyncio
import concurrent.futures
import gc
import threading

import pybreaker
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_integration import circuit_breaker
from app_integration.circuit_breaker import BreakerListener, record_breaker_state
from tests.support.measured import Measured

STATE = "techsapo_circuit_breaker_state"


def states(figures: Measured, service: str) -> dict[str, float]:
    """The states of a breaker that are told."""
    return {labels[1]: value for labels, value in figures.values(STATE).items() if labels[0] == service}


def holding(state: str) -> dict[str, float]:
    """The three states, of which one holds."""
    return {each: float(each == state) for each in ("open", "half_open", "closed")}


def breaker_of(service: str, **options: float) -> pybreaker.CircuitBreaker:
    """Return a breaker that opens at the first error and may be tried at once."""
    options = {"fail_max": 1, "reset_timeout": 0, **options}
    return pybreaker.CircuitBreaker(
        fail_max=int(options["fail_max"]),
        reset_timeout=options["reset_timeout"],
        listeners=[BreakerListener(service)],
        throw_new_error_on_trip=False,
    )


def test_of_a_breakers_states_one_holds(figures: Measured) -> None:
    """Closed from the beginning, and exactly one after each change."""
    breaker = breaker_of("openai")
    assert states(figures, "openai") == holding("closed")
    with pytest.raises(ZeroDivisionError):
        breaker.call(lambda: 1 / 0)
    assert states(figures, "openai") == holding("open")
    breaker.half_open()
    assert states(figures, "openai") == holding("half_open")
    breaker.call(lambda: 1)
    assert states(figures, "openai") == holding("closed")


def test_a_breaker_that_begins_in_another_state_says_so(figures: Measured) -> None:
    """One whose state is kept elsewhere; pybreaker's spelling will do."""
    listener = BreakerListener("stored", "half-open")  # type: ignore[arg-type]  # as pybreaker spells it
    assert states(figures, "stored") == holding("half_open")
    assert listener.service == "stored"


def test_of_several_breakers_before_a_service_the_worst_is_told(figures: Measured) -> None:
    """And none of those that are gone."""
    sound, broken = breaker_of("several"), breaker_of("several")
    broken.open()
    assert states(figures, "several") == holding("open")
    broken.half_open()
    assert states(figures, "several") == holding("half_open")
    del broken
    gc.collect()
    assert states(figures, "several") == holding("closed")
    sound.open()
    assert states(figures, "several") == holding("open")
    del sound
    gc.collect()
    assert states(figures, "several") == {}


def test_breakers_of_other_libraries_tell_by_a_function(figures: Measured) -> None:
    """Each by its name; a word that is no state is `other`, and the three do not hold."""
    record_breaker_state("redis", "open")
    record_breaker_state("mysql", "closed")
    assert states(figures, "redis") == holding("open")
    assert states(figures, "mysql") == holding("closed")
    record_breaker_state("redis", "melted")  # type: ignore[arg-type]  # no such state
    assert states(figures, "redis") == {**holding("none"), "other": 1}


def test_services_without_end_are_not_remembered(figures: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were there first are told, past the label's limit as `other`."""
    monkeypatch.setattr(circuit_breaker, "_recorded", {})
    for number in range(1_000):
        record_breaker_state(f"service-{number}", "open")
    services = {labels[0] for labels in figures.values(STATE)}
    assert len(services) <= 33
    assert len(circuit_breaker._recorded) == 100
    assert states(figures, "other") == holding("open")


@given(st.lists(st.sampled_from(["open", "half_open", "close"]), max_size=8))
def test_the_state_that_holds_is_the_breakers_own(changes: list[str]) -> None:
    """Whatever it goes through."""
    figures = Measured()
    breaker = breaker_of("any")
    listener = breaker.listeners[0]
    assert isinstance(listener, BreakerListener)
    for change in changes:
        getattr(breaker, change)()
        assert listener.state == breaker.current_state.replace("-", "_")
    assert figures.values(STATE) == {}


def test_one_state_holds_at_any_time(figures: Measured) -> None:
    """Whoever looks while a breaker changes sees one, never none and never two."""
    breaker, over = breaker_of("changing"), threading.Event()

    def change() -> None:
        while not over.is_set():
            breaker.open()
            breaker.half_open()
            breaker.close()

    with concurrent.futures.ThreadPoolExecutor() as pool:
        changing = pool.submit(change)
        seen = [states(figures, "changing") for _ in range(300)]
        over.set()
        changing.result()
    assert {(len(told), sum(told.values())) for told in seen} == {(3, 1)}


def test_calls_that_wait_side_by_side_leave_the_state_of_the_last(figures: Measured) -> None:
    """A breaker holds no lock over an await, and lets several through when half open: each may change its state."""
    breaker = breaker_of("waiting")

    async def call(waits: int, error: Exception | None = None) -> dict[str, float]:
        with breaker.calling():
            for _ in range(waits):
                await asyncio.sleep(0)
            if error is not None:
                raise error
        return states(figures, "waiting")

    async def calls() -> list[object]:
        with pytest.raises(OSError, match="first"):
            await call(0, OSError("first"))
        # All of these are tried: the breaker may be tried at once.
        return list(await asyncio.gather(call(1), call(3, OSError()), call(5), return_exceptions=True))

    told = asyncio.run(calls())
    assert told[0] == holding("closed")
    assert isinstance(told[1], OSError)
    assert told[2] == holding("closed")
    assert states(figures, "waiting") == holding(breaker.current_state.replace("-", "_"))
