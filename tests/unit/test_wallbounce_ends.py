"""Analyses that end out of their order, or elsewhere than they began: generators, streams, threads."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, aclosing

import pytest
from opentelemetry import context
from opentelemetry.context import get_value

from app_integration import spending
from app_integration.wallbounce import Analysis, analysis, refusals
from telemetry.context import TASK_TYPE_KEY
from tests.support.measured import Measured
from tests.support.spends import spend

DURATION = "techsapo_wallbounce_processing_duration_seconds"


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test hear what is said once."""
    monkeypatch.setattr(refusals, "_said", set())


def task_type() -> object:
    """The task type that a call would have here."""
    return get_value(TASK_TYPE_KEY)


def generator(kind: str, bounces: list[Analysis]) -> Iterator[None]:
    """Run an analysis step by step."""
    with analysis(task_type=kind) as bounce:
        bounces.append(bounce)
        yield
        spend(1)
        yield


@pytest.mark.parametrize("first_that_ends", [0, 1, 2])
def test_generators_that_take_turns_leave_nothing_behind(first_that_ends: int, figures: Measured) -> None:
    """Whichever ends first; and what was around them holds again."""
    bounces: list[Analysis] = []
    with analysis(task_type="premium") as outer:
        steps = [generator(kind, bounces) for kind in ("basic", "critical", "basic")]
        for step in steps:
            next(step)
        for step in steps[first_that_ends:] + steps[:first_that_ends]:
            assert list(step) == [None]
        assert task_type() == "premium"
        spend(10)
    assert task_type() is None
    assert spending.account_of(context.get_current()) is None
    assert outer.cost_picodollars == 13
    assert figures.distribution(DURATION)[0] == 4


@pytest.mark.parametrize("times", [0, 1])
def test_an_analysis_that_ends_more_often_than_it_begins_is_said(
    times: int, figures: Measured, caplog: pytest.LogCaptureFixture
) -> None:
    """And it is measured as often as it began, and the application's own error is what the application gets."""
    bounce = analysis(task_type="basic")
    with analysis(task_type="premium"):
        with ExitStack() as stack:
            for _ in range(times):
                stack.enter_context(bounce)
        bounce.__exit__(None, None, None)
        assert task_type() == "premium"
    bounce.__exit__(None, None, None)
    assert task_type() is None
    assert figures.distribution(DURATION)[0] == 1 + times
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        "an analysis that ends where it has not begun is refused"
    ]


def test_an_analysis_that_ends_in_another_thread_is_measured_and_said(
    figures: Measured, caplog: pytest.LogCaptureFixture
) -> None:
    """As of a web framework that runs the two halves of a generator in threads; once, and without a traceback."""
    for _ in range(2):
        stack = ExitStack()
        with ThreadPoolExecutor(1) as pool:
            bounce = pool.submit(stack.enter_context, analysis(task_type="basic")).result()
            bounce.consensus(0.5)
            stack.close()
            assert pool.submit(task_type).result() == "basic"  # nobody but that thread can take it away

            def next_one() -> tuple[int, object]:
                with analysis(task_type="critical") as following:
                    spend(3)
                return following.cost_picodollars, task_type()

            assert pool.submit(next_one).result() == (3, None)
        assert bounce.cost_picodollars == 0
    assert figures.distribution(DURATION)[0] == 4
    assert [(record.levelno, record.exc_info) for record in caplog.records] == [(logging.WARNING, None)]
    assert "another thread or task" in caplog.text


async def stream() -> AsyncGenerator[int]:
    """Stream an analysis, part by part."""
    with analysis(task_type="critical"):
        for number in range(3):
            yield number


def test_a_stream_that_is_closed_where_it_was_read_leaves_nothing_behind(
    figures: Measured, caplog: pytest.LogCaptureFixture
) -> None:
    """Though it was not read to its end."""

    async def main() -> object:
        async with aclosing(stream()) as parts:
            async for _ in parts:
                break
        return task_type()

    assert asyncio.run(main()) is None
    assert figures.distribution(DURATION)[0] == 1
    assert caplog.records == []


def test_a_stream_that_is_left_to_the_loop_is_measured_and_said(
    figures: Measured, caplog: pytest.LogCaptureFixture
) -> None:
    """What it leaves behind in its reader's context goes with the next analysis."""

    async def main() -> tuple[object, object]:
        async for _ in stream():
            break
        for _ in range(3):  # the loop closes it meanwhile
            await asyncio.sleep(0)
        left = task_type()
        with analysis(task_type="basic"):
            pass
        return left, task_type()

    assert asyncio.run(main()) == ("critical", None)
    assert figures.distribution(DURATION)[0] == 2
    assert len(caplog.records) == 1
