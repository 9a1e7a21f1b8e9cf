"""When the process is measured: from the pipeline's beginning to its end, and where it is not turned off."""

import asyncio
import gc
from collections.abc import Callable, Iterator

import pytest

from telemetry import watch_event_loop
from telemetry.engine import FIRST_BUCKET
from telemetry.lifecycle.pipeline import Occasion, Pipeline
from telemetry.runtime import event_loop
from telemetry.settings import Settings, SettingsError

Begin = Callable[..., Pipeline]
FIGURES = {
    "nodejs_heap_size_total_bytes",
    "nodejs_heap_size_used_bytes",
    "nodejs_gc_duration_seconds",
    "techsapo_memory_usage_bytes",
    "techsapo_memory_limit_bytes",
}
LAG = "nodejs_eventloop_lag_seconds"


@pytest.fixture
def pipeline() -> Iterator[Begin]:
    """What makes pipelines that neither push nor serve; they have ended with the test."""
    made: list[Pipeline] = []

    def make(**variables: str) -> Pipeline:
        made.append(Pipeline(Settings.from_environ({"OTEL_METRICS_EXPORTER": "none", **variables})))
        return made[-1]

    yield make
    for one in made:
        one.shutdown()
    event_loop.forget_loops()


def told(pipeline: Pipeline) -> set[str]:
    """Names of the figures of the process that there are."""
    names = {taken.metric.name for taken in pipeline.provider.snapshot()}
    return {name for name in names if name.startswith(("nodejs_", "techsapo_memory_"))}


def lags(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often a loop that is watched was looked at since the last time; no pause is left between."""
    monkeypatch.setattr(event_loop, "INTERVAL_SECONDS", 0.0)
    before = lag_count(pipeline)

    async def watched() -> None:
        watch_event_loop()
        for _ in range(10):
            await asyncio.sleep(0)

    asyncio.run(watched())
    return lag_count(pipeline) - before


def lag_count(pipeline: Pipeline) -> int:
    """How many lags there are."""
    cells = [value for taken in pipeline.provider.snapshot() if taken.metric.name == LAG for _, value in taken.points]
    return sum(int(sum(cell[FIRST_BUCKET:])) for cell in cells if isinstance(cell, list))


def test_the_process_is_measured_while_the_pipeline_runs(pipeline: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by its making, which is what happens at an import; again after an end, where it begins again."""
    callbacks = list(gc.callbacks)
    made = pipeline()
    assert (told(made), lags(made, monkeypatch), list(gc.callbacks)) == (set(), 0, callbacks)
    for _ in range(2):
        made.begin(Occasion.START)
        gc.collect()
        assert told(made) >= FIGURES
        assert lags(made, monkeypatch) > 0
        made.shutdown()
        assert told(made) <= {"nodejs_gc_duration_seconds", LAG}
        assert (lags(made, monkeypatch), list(gc.callbacks)) == (0, callbacks)


def test_nothing_is_measured_where_it_is_turned_off(pipeline: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even of a loop that the application asks to be watched."""
    callbacks = list(gc.callbacks)
    made = pipeline(TECHSAPO_RUNTIME_METRICS="off")
    made.begin(Occasion.START)
    gc.collect()
    assert (told(made), lags(made, monkeypatch), list(gc.callbacks)) == (set(), 0, callbacks)


def test_another_word_stops_the_start(pipeline: Begin) -> None:
    """With what would be right."""
    with pytest.raises(SettingsError, match="TECHSAPO_RUNTIME_METRICS: got 'some'; accepts on or off"):
        pipeline(TECHSAPO_RUNTIME_METRICS="some")


@pytest.mark.parametrize("begun", [True, False])
def test_a_supervisor_is_not_measured(begun: bool, pipeline: Begin) -> None:
    """It serves nobody; whether it measures something before it supervises, or after."""
    made = pipeline()
    if begun:
        made.begin(Occasion.RECORD)
    made.supervise()
    made.begin(Occasion.RECORD)
    assert told(made) <= {"nodejs_gc_duration_seconds"}


def test_the_child_of_a_fork_begins_from_zero(pipeline: Begin) -> None:
    """It is measured once it begins itself, even where its parent only supervised."""
    made = pipeline()
    made.begin(Occasion.START)
    gc.collect()
    callbacks = len(gc.callbacks)
    made.before_fork()
    made.after_fork_in_child()
    assert (told(made), len(gc.callbacks)) == (set(), callbacks - 1)
    made.supervise()
    made.after_fork_in_child()
    made.begin(Occasion.SERVER)
    assert told(made) >= FIGURES - {"nodejs_gc_duration_seconds"}
