"""Where an analysis holds: tasks, groups of them, threads and executors, and what it costs there."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from opentelemetry import context
from opentelemetry.context import get_value
from opentelemetry.instrumentation.threading import ThreadingInstrumentor

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


@pytest.fixture
def threads_carry_on() -> Iterator[None]:
    """As `app_integration.instrument()` has it."""
    ThreadingInstrumentor().instrument()
    yield
    ThreadingInstrumentor().uninstrument()


def task_type() -> object:
    """The task type that a call would have here."""
    return get_value(TASK_TYPE_KEY)


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
    assert (outer.cost_usd, inner.cost_usd) == (4.32e-9, 3e-10)


def test_an_account_around_an_analysis_is_told_too() -> None:
    """Once a call, however many analyses there are between; one within itself has its cost once."""
    told: list[int] = []
    token = context.attach(spending.on_account_of(lambda spent: told.append(spent.picodollars)))
    with analysis(task_type="basic") as outer, analysis(task_type="basic") as inner, outer:
        spend(7)
    context.detach(token)
    assert (told, outer.cost_picodollars, inner.cost_picodollars) == ([7], 7, 7)


def test_a_call_that_ends_late_belongs_where_it_began() -> None:
    """Its cost is the analysis' even after the end."""
    with analysis(task_type="basic") as bounce:
        began = context.get_current()
    spending.tell(spending.Spent(5, "openai", "gpt-5", began))
    assert bounce.cost_picodollars == 5


async def in_tasks_and_threads() -> tuple[int, list[object]]:
    """Spend in tasks, in a group, in threads and executors; return the cost and the task types that were seen."""
    seen: list[object] = []

    def work() -> None:
        seen.append(task_type())
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
        timer = threading.Timer(0, work)
        timer.start()
        timer.join()
    return bounce.cost_picodollars, seen


@pytest.mark.usefixtures("threads_carry_on")
def test_task_type_and_account_follow_into_tasks_and_threads() -> None:
    """By OpenTelemetry's own instrumentation of threads, which `app_integration.instrument()` turns on."""
    cost, seen = asyncio.run(in_tasks_and_threads())
    assert (cost, seen) == (34, ["critical"] * 34)


def test_without_that_instrumentation_they_follow_into_tasks_alone() -> None:
    """And into `asyncio.to_thread`, as the documentation says."""
    cost, seen = asyncio.run(in_tasks_and_threads())
    assert (cost, seen) == (21, ["critical"] * 21 + [None] * 13)


def test_analyses_side_by_side_do_not_mix(figures: Measured) -> None:
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
    assert figures.distribution(DURATION)[0] == 20


def test_an_analysis_is_told_from_any_thread(figures: Measured) -> None:
    """Nothing of what many say at once is lost."""
    with analysis(task_type="basic") as bounce:
        here = context.get_current()

        def work(_: int) -> None:
            for _ in range(1_000):
                spending.tell(spending.Spent(1, "openai", "gpt-5", here))
                bounce.participated("openai", "success")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
    assert bounce.cost_picodollars == 8_000
    assert figures.values("techsapo_wallbounce_requests_total") == {("basic", "openai", "success"): 8_000}


@pytest.mark.usefixtures("threads_carry_on")
def test_one_analysis_may_be_the_block_of_several_threads(figures: Measured, caplog: pytest.LogCaptureFixture) -> None:
    """It ends with the last of them, and each has back what was before."""
    begun, may_end = threading.Event(), threading.Event()
    seen: list[object] = []

    def work(bounce: Analysis) -> None:
        with bounce:
            begun.set()
            may_end.wait(10)
        seen.append(figures.distribution(DURATION)[0])

    with analysis(task_type="basic") as bounce:
        thread = threading.Thread(target=work, args=(bounce,))
        thread.start()
        assert begun.wait(10)
    seen += [task_type(), figures.distribution(DURATION)[0]]
    may_end.set()
    thread.join(10)
    assert seen == [None, 0, 1]
    assert caplog.records == []


@pytest.mark.usefixtures("threads_carry_on")
def test_whatever_ends_in_a_thread_leaves_its_starter_alone() -> None:
    """A thread has its own stack of analyses on top of what it was given."""

    def work(ended: Callable[[object], None]) -> None:
        with analysis(task_type="premium"):
            spend(1)
        ended(task_type())

    seen: list[object] = []
    with analysis(task_type="basic") as bounce:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(8):
                pool.submit(work, seen.append)
        assert task_type() == "basic"
    assert (seen, bounce.cost_picodollars) == (["basic"] * 8, 8)


def test_a_task_that_outlives_its_analysis_keeps_its_task_type() -> None:
    """An analysis of its own ends in it without taking that away."""

    async def later(over: asyncio.Event, seen: list[object]) -> None:
        await over.wait()
        with analysis(task_type="basic"):
            seen.append(task_type())
        seen.append(task_type())

    async def main() -> list[object]:
        over, seen = asyncio.Event(), list[object]()
        with analysis(task_type="critical"):
            task = asyncio.create_task(later(over, seen))
            await asyncio.sleep(0)
        over.set()
        await task
        return seen

    assert asyncio.run(main()) == ["basic", "critical"]
