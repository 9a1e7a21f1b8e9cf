"""Calls made at once and from everywhere: each has its task type, and all together cost what they cost, exactly."""

import asyncio
import random
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from fractions import Fraction

import pytest

import app_integration
from app_integration import spending
from app_integration.budget import BudgetGuard
from telemetry.context import task_type
from tests.support.measured import Measured
from tests.support.providers import Asked, Providers, Reply
from tests.support.providers.bill import Bill
from tests.support.providers.cases import ANSWERS, AT_ONCE, BREAKS, REFUSALS, Case
from tests.support.providers.figures import Figures, differences, told
from tests.support.providers.models import asked_by, fitted
from tests.support.providers.sdks import Sdks
from tests.support.providers.surface import Surface, number_of, numbered
from tests.support.providers.surfaces import SURFACES

CALLS = 200
TASK_TYPES = ("basic", "premium", "critical")
RETRIES = 1
CASES = (
    *(case for case in (*ANSWERS, *REFUSALS, *BREAKS) if case.retries <= RETRIES),
    Case("429 once", (Reply(status=429, headers=AT_ONCE), Reply())),
)
BILL = Bill()

Ask = Callable[[], object]


@pytest.fixture(scope="module")
def clients(stub: Providers) -> Iterator[Sdks]:
    """The clients."""
    made = Sdks(stub.url)
    yield made
    made.close()


@pytest.fixture
def sdks(clients: Sdks, priced: Measured) -> Iterator[Sdks]:
    """The same, instrumented as an application does it."""
    app_integration.instrument(priced.provider)
    try:
        yield clients
    finally:
        app_integration.uninstrument()


class Call:
    """One call of many: who is asked in which way, and what becomes of it."""

    def __init__(self, number: int, surface: Surface, case: Case) -> None:
        self.number = number
        self.surface = surface
        self.case = case
        self.replies = [fitted(reply.but(headers=AT_ONCE), surface) for reply in case.replies]
        self.task_type = TASK_TYPES[number % len(TASK_TYPES)]

    def is_async(self) -> bool:
        """Whether it has to be awaited."""
        return "async" in self.surface.name

    def ask(self, sdks: Sdks) -> None:
        """Make it in this thread; whatever it raises is part of it."""
        with numbered(self.number), suppress(Exception):
            self.surface.call(sdks, asked_by(self.surface))

    async def ask_async(self, sdks: Sdks) -> None:
        """Make it in this task."""
        with numbered(self.number), suppress(Exception):
            called = self.surface.call(sdks, asked_by(self.surface))
            assert isinstance(called, Awaitable)
            await called


def calls_of_all_kinds() -> list[Call]:
    """Return every way to ask several times, with outcomes at random, the same ones each time."""
    chance = random.Random(5)
    surfaces = [SURFACES[number % len(SURFACES)] for number in range(CALLS)]
    return [
        Call(number, surface, chance.choice([case for case in CASES if case.fits(surface)]))
        for number, surface in enumerate(surfaces)
    ]


def answering(calls: list[Call]) -> Callable[[Asked], Reply]:
    """Return a script that gives each call its own replies, the last one again and again."""
    attempts: defaultdict[int, int] = defaultdict(int)

    def script(asked: Asked) -> Reply:
        call = calls[number_of(asked)]
        attempts[call.number] += 1
        return call.replies[min(attempts[call.number], len(call.replies)) - 1]

    return script


async def in_thread(ask: Ask) -> None:
    """Call in a thread that the application starts itself."""
    thread = threading.Thread(target=ask)
    thread.start()
    while thread.is_alive():
        await asyncio.to_thread(thread.join, 1.0)


async def in_pool(ask: Ask) -> None:
    """Call in a pool of the application's own."""
    with ThreadPoolExecutor(2) as pool:
        await asyncio.wrap_future(pool.submit(ask))


async def in_executor(ask: Ask) -> None:
    """Call in the loop's executor."""
    await asyncio.get_running_loop().run_in_executor(None, ask)


async def in_map(ask: Ask) -> None:
    """Call through a pool's map."""
    with ThreadPoolExecutor(2) as pool:
        await asyncio.to_thread(lambda: list(pool.map(lambda _: ask(), (1,))))


async def in_timer(ask: Ask) -> None:
    """Call after a while."""
    timer = threading.Timer(0.001, ask)
    timer.start()
    await asyncio.to_thread(timer.join)


THREADED = (asyncio.to_thread, in_thread, in_pool, in_executor, in_map, in_timer)


async def in_task(asking: Coroutine[object, object, None]) -> None:
    """Await in a task of its own."""
    await asyncio.create_task(asking)


async def in_group(asking: Coroutine[object, object, None]) -> None:
    """Await in a group of tasks."""
    async with asyncio.TaskGroup() as group:
        group.create_task(asking)


async def in_gather(asking: Coroutine[object, object, None]) -> None:
    """Await together with others."""
    await asyncio.gather(asking, asyncio.sleep(0))


async def in_wait_for(asking: Coroutine[object, object, None]) -> None:
    """Await with a deadline."""
    await asyncio.wait_for(asking, 60)


AWAITED = (in_task, in_group, in_gather, in_wait_for)


async def make(sdks: Sdks, calls: list[Call]) -> None:
    """Make all calls at once, each with its task type, in turn from each place that a call can come from."""

    async def one(call: Call) -> None:
        with task_type(call.task_type):
            if call.is_async():
                await AWAITED[call.number % len(AWAITED)](call.ask_async(sdks))
            else:
                await THREADED[call.number % len(THREADED)](lambda: call.ask(sdks))

    await asyncio.gather(*map(one, calls))


def expected_of(calls: list[Call], asked: list[Asked]) -> Figures:
    """Return what the calls are to be told as, by what the stub has served to each."""
    attempts: defaultdict[int, list[Asked]] = defaultdict(list)
    for request in asked:
        attempts[number_of(request)].append(request)
    figures = Figures()
    for call in calls:
        figures.add(BILL, attempts[call.number], call.case.status_of(call.surface), call.task_type)
    return figures


def test_many_calls_at_once_cost_what_they_cost(stub: Providers, sdks: Sdks, priced: Measured) -> None:
    """Two hundred, of all providers, with outcomes of every kind: metrics, account and budget agree, to the digit."""
    calls = calls_of_all_kinds()
    stub.asked.clear()
    stub.script = answering(calls)
    sdks.retries = RETRIES
    spent: list[int] = []
    end = spending.subscribe(lambda one: spent.append(one.picodollars))
    guard = BudgetGuard(1_000)
    guard.start()
    try:
        sdks.run(make(sdks, calls))
    finally:
        guard.close()
        end()
        sdks.retries = 0
    expected = expected_of(calls, stub.asked)
    assert differences(expected, told(priced)) == {}
    exact = sum(expected.usd.values()) * 10**12
    assert exact > 0
    assert (sum(spent), guard.spent_today_picodollars) == (exact, exact)
    kinds = {labels[2] for labels in expected.requests}
    assert kinds == {"success", "error", "rate_limited"}
    assert Fraction(CALLS) == sum(expected.requests.values())
    assert len(stub.asked) > CALLS


ONE_EACH = [
    next(surface for surface in SURFACES if (surface.provider, surface.streams, "async" in surface.name) == kind)
    for kind in sorted({(surface.provider, surface.streams, "async" in surface.name) for surface in SURFACES})
]
PLACES = [(place, surface) for surface in ONE_EACH for place in (AWAITED if "async" in surface.name else THREADED)]


def by_name(value: object) -> str:
    """What pytest shows."""
    return f"{value.provider}: {value.name}" if isinstance(value, Surface) else getattr(value, "__name__", "")


@pytest.mark.parametrize(("place", "surface"), PLACES, ids=by_name)
def test_the_task_type_is_carried_along(
    stub: Providers,
    sdks: Sdks,
    priced: Measured,
    place: Callable[[object], Coroutine[object, object, None]],
    surface: Surface,
) -> None:
    """To wherever the analysis has its calls made; what comes after it has none."""
    call = Call(2, surface, Case("an answer", (Reply(),)))
    stub.queue(*call.replies)

    async def analyze() -> None:
        with task_type(call.task_type):
            await place(call.ask_async(sdks) if call.is_async() else lambda: call.ask(sdks))
        await place(call.ask_async(sdks) if call.is_async() else lambda: call.ask(sdks))

    sdks.run(analyze())
    expected = Figures()
    expected.add(BILL, stub.asked[:1], "success", "critical")
    expected.add(BILL, stub.asked[1:], "success")
    assert differences(expected, told(priced)) == {}
