"""A SIGTERM that comes during the last push waits for it, whose locks it would wait for."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from telemetry.lifecycle.exits import Ends
from telemetry.lifecycle.pipeline import Occasion
from telemetry.lifecycle.pipeline import Pipeline as RealPipeline
from telemetry.settings import Settings


@pytest.fixture
def order() -> Iterator[list[str]]:
    """What was done, in this order; the application has a handler of its own."""
    done: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda *_: done.append("the application's handler"))
    try:
        yield done
    finally:
        signal.signal(signal.SIGTERM, before)


class Pipeline:
    """A push that holds a lock while it goes on, during which SIGTERM comes so often."""

    def __init__(self, done: list[str], signals: int) -> None:
        self.done = done
        self.signals = signals
        self.lock = threading.Lock()

    def shutdown(self) -> None:
        """Push, and end."""
        with self.lock:
            for _ in range(self.signals):
                signal.raise_signal(signal.SIGTERM)
            self.done.append("the last push")

    def flush_at_stop(self) -> None:
        """Push."""
        with self.lock:
            self.done.append("a push")


@pytest.mark.parametrize("signals", [1, 2])
def test_a_signal_during_the_last_push_waits_for_it(order: list[str], signals: int) -> None:
    """Its handler runs within the thread that pushes: it would hold up what it waits for."""
    ends = Ends(Pipeline(order, signals))
    ends.chain_sigterm()
    ends.exit()
    assert ["the last push", "a push", "the application's handler"] == order


def test_a_signal_at_another_time_pushes_first(order: list[str]) -> None:
    """Then it does what it did until now."""
    ends = Ends(Pipeline(order, 0))
    ends.chain_sigterm()
    signal.raise_signal(signal.SIGTERM)
    assert ["a push", "the application's handler"] == order


def test_a_last_push_that_fails_keeps_no_signal(order: list[str]) -> None:
    """The process is asked to end all the same."""

    class Failing(Pipeline):
        def shutdown(self) -> None:
            super().shutdown()
            raise LookupError

    ends = Ends(Failing(order, 1))
    ends.chain_sigterm()
    with pytest.raises(LookupError):
        ends.exit()
    assert "the application's handler" == order[-1]


def test_a_child_that_is_not_ready_has_nothing_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that it has is its parent's: the thread that would push it is not there, and would be waited for."""
    pipeline = RealPipeline(Settings.from_environ({"OTEL_METRICS_EXPORTER": "none"}))
    pipeline.begin(Occasion.START)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "flush_at_stop", lambda: pytest.fail("it pushed"))
        patch.setattr(os, "getpid", lambda: -1)
        pipeline.shutdown()
        pipeline.after_fork_in_child()
        with pytest.raises(pytest.fail.Exception):
            pipeline.shutdown()
    pipeline.shutdown()
