"""Lag of event loops, in loops whose clock the tests move."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator
from contextvars import ContextVar
from typing import cast

import pytest

from telemetry.runtime import event_loop, watch_event_loop
from telemetry.runtime.event_loop import INTERVAL_SECONDS, start_watching, stop_watching
from tests.support import wait

Loop = asyncio.SelectorEventLoop
_request: ContextVar[object] = ContextVar("request")


class Clocked(Loop):
    """A loop whose time goes on by itself, and by what is added to `ahead`: a block that takes the test no time."""

    ahead = 0.0

    def time(self) -> float:
        """Return the loop's time in seconds."""
        return super().time() + self.ahead

    def pass_time(self, seconds: float) -> None:
        """Let so much time pass while the loop does something else, then let it run what is due."""
        self.ahead += seconds
        for _ in range(3):
            self.run_until_complete(asyncio.sleep(0))


@pytest.fixture
def lags() -> Iterator[list[float]]:
    """What is recorded of the loops that this test watches."""
    recorded: list[float] = []
    event_loop.forget_loops()
    start_watching(recorded.append)
    yield recorded
    stop_watching()
    event_loop.forget_loops()


@pytest.fixture
def loop() -> Iterator[Clocked]:
    """A loop of this test."""
    made = Clocked()
    yield made
    made.close()


@pytest.mark.parametrize("block", [0.3, 1.0, 20.0])
def test_a_block_of_the_loop_is_one_lag(block: float, loop: Clocked, lags: list[float]) -> None:
    """As long as it was, less what was left until the timer; not one for each time that the timer was missed."""
    watch_event_loop(loop)
    loop.pass_time(0)
    loop.pass_time(block)
    assert lags == [pytest.approx(block - INTERVAL_SECONDS, abs=0.1)]
    loop.pass_time(0.0)
    assert len(lags) == 1


def test_a_timer_in_time_is_a_lag_of_nothing(loop: Clocked, lags: list[float]) -> None:
    """And it is set again each time."""
    watch_event_loop(loop)
    loop.pass_time(0)
    for _ in range(5):
        loop.pass_time(INTERVAL_SECONDS)
    assert len(lags) == 5
    assert sum(lags) < INTERVAL_SECONDS


def test_a_loop_that_is_watched_twice_is_measured_once(loop: Clocked, lags: list[float]) -> None:
    """By a server and by the application, say."""
    for _ in range(3):
        watch_event_loop(loop)
        loop.pass_time(0)
    loop.pass_time(1)
    assert len(lags) == 1


def test_loops_are_measured_while_the_telemetry_runs(loop: Clocked, lags: list[float]) -> None:
    """Not before it starts, not after it ends, and again where it starts again; with one timer throughout."""
    stop_watching()
    watch_event_loop(loop)
    loop.pass_time(1)
    assert lags == []
    for measured in (1, 2):
        start_watching(lags.append)
        start_watching(lags.append)
        loop.pass_time(0)
        loop.pass_time(1)
        assert len(lags) == measured
        stop_watching()
        loop.pass_time(1)
        loop.pass_time(1)
        assert len(lags) == measured


def test_a_loop_of_another_thread_is_woken(lags: list[float]) -> None:
    """One that waits for nothing would never come to a timer that is set from outside."""
    loop = Loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        wait.until(loop.is_running, 10, "the loop")
        watch_event_loop(loop)
        wait.until(lambda: lags, 10, "a lag")
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("closed", [True, False])
def test_a_loop_that_is_gone_is_kept_by_nobody(lags: list[float], closed: bool) -> None:
    """Its timer goes with it, closed or forgotten."""
    loop = Clocked()
    watch_event_loop(loop)
    loop.pass_time(0)
    loop.pass_time(1)
    assert len(lags) == 1
    gone = weakref.ref(loop)
    if closed:
        loop.close()
    del loop
    gc.collect()
    assert gone() is None
    start_watching(lags.append)
    assert len(lags) == 1


def test_what_the_caller_had_at_hand_is_not_kept(loop: Clocked, lags: list[float]) -> None:
    """A request in whose course the loop came to be watched ends, and its context with it."""

    class Request:
        pass

    async def serve() -> "weakref.ref[Request]":
        request = Request()
        _request.set(request)
        watch_event_loop()
        return weakref.ref(request)

    gone = loop.run_until_complete(serve())
    loop.pass_time(1)
    assert len(lags) == 1
    gc.collect()
    assert gone() is None


class Public:
    """A loop of someone else: nothing but what asyncio documents, as little of it as is needed."""

    def __init__(self, loop: Clocked) -> None:
        self.is_closed = loop.is_closed
        self.time = loop.time
        self.call_at = loop.call_at
        self.call_soon_threadsafe = loop.call_soon_threadsafe


def test_any_loop_will_do(loop: Clocked, lags: list[float]) -> None:
    """Such as uvloop's, which shares no code with asyncio's."""
    other = Public(loop)
    watch_event_loop(cast("asyncio.AbstractEventLoop", other))
    loop.pass_time(0)
    loop.pass_time(1)
    assert lags == [pytest.approx(1 - INTERVAL_SECONDS, abs=0.1)]


class Unreferable:
    """A loop of someone else to which no weak reference can be made."""

    __slots__ = ()


def test_a_loop_that_cannot_be_followed_is_said(caplog: pytest.LogCaptureFixture, lags: list[float]) -> None:
    """An application's start does not fail for it."""
    watch_event_loop(cast("asyncio.AbstractEventLoop", Unreferable()))
    assert (["Unreferable" in line for line in caplog.messages], lags) == ([True], [])


def test_a_closed_loop_is_not_measured_and_a_missing_one_is_told(lags: list[float]) -> None:
    """Without a loop there is nothing to watch, which is the caller's mistake."""
    loop = Clocked()
    loop.close()
    watch_event_loop(loop)
    with pytest.raises(RuntimeError):
        watch_event_loop()
    assert lags == []
