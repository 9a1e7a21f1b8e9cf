"""Analyses: what an application says of one, and what is counted."""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import context
from opentelemetry.context import get_value
from opentelemetry.instrumentation.threading import ThreadingInstrumentor

from app_integration import spending
from app_integration.wallbounce import analysis, refusals
from telemetry.context import TASK_TYPE_KEY
from tests.support.measured import Measured

CONFIDENCE = "techsapo_wallbounce_consensus_confidence"
DURATION = "techsapo_wallbounce_processing_duration_seconds"
REQUESTS = "techsapo_wallbounce_requests_total"
AGREEMENT = "techsapo_llm_agreement_score"


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test hear what is said once."""
    monkeypatch.setattr(refusals, "_said", set())


class RateLimitError(Exception):
    """What an SDK raises for 429."""

    status_code = 429


def spend(picodollars: int) -> None:
    """A call that ends now and began here."""
    spending.tell(spending.Spent(picodollars, "openai", "gpt-5", context.get_current()))


def test_an_analysis_tells_who_took_part_and_what_came_out(figures: Measured) -> None:
    """Participation, agreement, consensus and duration, each under its labels."""
    with analysis(task_type="premium") as bounce:
        with bounce.participation("openai"):
            pass
        bounce.participated("anthropic", "timeout")
        bounce.agreement("openai", "anthropic", 0.83)
        bounce.agreement("anthropic", "openai", 0.5)
        bounce.consensus(0.6)
        bounce.consensus(0.9)
    assert figures.values(REQUESTS) == {("premium", "openai", "success"): 1, ("premium", "anthropic", "timeout"): 1}
    times, total = figures.distribution(AGREEMENT, "anthropic:openai")
    assert (times, round(total, 9)) == (2, 1.33)
    assert figures.distribution(CONFIDENCE) == (1, 0.9)
    assert figures.distribution(DURATION)[0] == 1


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (TimeoutError(), "timeout"),
        (RateLimitError(), "rate_limited"),
        (ValueError(), "error"),
        (asyncio.CancelledError(), "other"),
    ],
)
def test_how_a_participation_ends_is_its_status(raised: BaseException, status: str, figures: Measured) -> None:
    """The exception goes on its way, through the analysis as well, whose duration is recorded."""
    with pytest.raises(type(raised)) as caught, analysis(task_type="basic") as bounce, bounce.participation("openai"):
        raise raised
    assert caught.value is raised
    assert figures.values(REQUESTS) == {("basic", "openai", status): 1}
    assert figures.distribution(DURATION)[0] == 1
    assert figures.distribution(CONFIDENCE)[0] == 0


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf"), 10**400, None, "0.5", [0.5]])
def test_what_is_no_share_is_refused_and_said_once(
    value: object, figures: Measured, caplog: pytest.LogCaptureFixture
) -> None:
    """It is counted nowhere, and raises nothing."""
    with caplog.at_level(logging.WARNING), analysis(task_type="basic") as bounce:
        for _ in range(2):
            bounce.consensus(value)  # type: ignore[arg-type]  # what an application may pass
            bounce.agreement("a", "b", value)  # type: ignore[arg-type]  # as above
    assert len(caplog.records) == 2
    assert figures.values(AGREEMENT) == {}
    assert figures.distribution(CONFIDENCE)[0] == 0


@given(st.floats(0, 1))
def test_every_share_is_taken(value: float) -> None:
    """From 0 to 1, both included."""
    assert refusals.share(value, "a test") == value


def test_other_misuse_is_refused_too(figures: Measured, caplog: pytest.LogCaptureFixture) -> None:
    """A pair of one provider, a status that is none, a consensus when all is over, an analysis begun twice."""
    with analysis(task_type="basic") as bounce:
        bounce.agreement("openai", "openai", 1.0)
        bounce.participated("openai", "lost")  # type: ignore[arg-type]  # a word that is not known
        bounce.participated("openai", ["success"])  # type: ignore[arg-type]  # no word at all
    bounce.consensus(0.5)
    with bounce:
        pass
    assert figures.values(REQUESTS) == figures.values(AGREEMENT) == {}
    assert figures.distribution(DURATION)[0] == 1
    assert len(caplog.records) >= 4


def test_an_unknown_task_type_is_other(figures: Measured) -> None:
    """Free text never becomes a label."""
    with analysis(task_type="whatever I like") as bounce:
        bounce.participated("openai", "success")
    assert figures.values(REQUESTS) == {("other", "openai", "success"): 1}


def test_the_cost_is_that_of_calls_that_began_within() -> None:
    """Of an inner analysis both; what is told outside goes to nobody."""
    spend(1)
    with analysis(task_type="basic") as outer:
        spend(20)
        with analysis(task_type="critical") as inner:
            spend(300)
        spend(4_000)
    spend(50_000)
    assert (outer.cost_picodollars, inner.cost_picodollars) == (4_320, 300)
    assert outer.cost_usd == pytest.approx(4.32e-9)


async def in_tasks_and_threads() -> tuple[int, list[object]]:
    """Spend in tasks, in a group, in threads and executors; return the cost and the task types that were seen."""
    seen: list[object] = []

    def work() -> None:
        seen.append(get_value(TASK_TYPE_KEY))
        spend(1)

    async def task() -> None:
        await asyncio.sleep(0)
        work()

    with analysis(task_type="critical") as bounce:
        await asyncio.gather(*(task() for _ in range(10)))
        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(task())
        await asyncio.to_thread(work)
        with ThreadPoolExecutor(4) as pool:
            for future in [pool.submit(work) for _ in range(10)]:
                future.result()
            await asyncio.get_running_loop().run_in_executor(pool, work)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    return bounce.cost_picodollars, seen


def test_task_type_and_account_follow_into_tasks_and_threads() -> None:
    """By OpenTelemetry's own instrumentation of threads, which `app_integration.instrument()` turns on."""
    ThreadingInstrumentor().instrument()
    try:
        cost, seen = asyncio.run(in_tasks_and_threads())
    finally:
        ThreadingInstrumentor().uninstrument()
    assert (cost, seen) == (33, ["critical"] * 33)


def test_analyses_side_by_side_do_not_mix() -> None:
    """Each task of one loop has its own."""

    async def one(number: int) -> int:
        with analysis(task_type="basic") as bounce:
            for _ in range(5):
                spend(number)
                await asyncio.sleep(0)
        return bounce.cost_picodollars

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*map(one, range(20)))

    assert asyncio.run(all_of_them()) == [5 * number for number in range(20)]


def test_no_cost_is_lost_among_threads() -> None:
    """Many threads spend on one account at once."""
    with analysis(task_type="basic") as bounce:
        here = context.get_current()

        def work(_: int) -> None:
            for _ in range(1_000):
                spending.tell(spending.Spent(1, "openai", "gpt-5", here))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
    assert bounce.cost_picodollars == 8_000


def test_a_listener_that_raises_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; the others are told."""
    told: list[int] = []

    def broken(_: spending.Spent) -> None:
        raise ValueError

    ends = [spending.subscribe(broken), spending.subscribe(lambda spent: told.append(spent.picodollars))]
    spend(7)
    for end in ends:
        end()
    spend(8)
    assert told == [7]
    assert len(caplog.records) == 1
