"""Two hundred calls at once: all together cost what they cost, exactly, and each is counted as what it was."""

import asyncio
import random
from collections import defaultdict
from fractions import Fraction

from app_integration import spending
from app_integration.budget import BudgetGuard
from telemetry.context import task_type
from tests.support.measured import Measured
from tests.support.providers import Asked, Providers, Reply
from tests.support.providers.bill import Bill
from tests.support.providers.calls import Call, answering
from tests.support.providers.cases import ANSWERS, AT_ONCE, BREAKS, REFUSALS, Case
from tests.support.providers.figures import Figures, differences, told
from tests.support.providers.places import AWAITED, THREADED
from tests.support.providers.sdks import Sdks
from tests.support.providers.surface import number_of
from tests.support.providers.surfaces import SURFACES

CALLS = 200
RETRIES = 1
CASES = (
    *(case for case in (*ANSWERS, *REFUSALS, *BREAKS) if case.retries <= RETRIES),
    Case("429 once", (Reply(status=429, headers=AT_ONCE), Reply())),
)


def calls_of_all_kinds() -> list[Call]:
    """Return every way to ask several times, with outcomes at random, the same ones each time."""
    chance = random.Random(5)
    surfaces = [SURFACES[number % len(SURFACES)] for number in range(CALLS)]
    return [
        Call(number, surface, chance.choice([case for case in CASES if case.fits(surface)]))
        for number, surface in enumerate(surfaces)
    ]


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
    figures, bill = Figures(), Bill()
    for call in calls:
        figures.add(bill, attempts[call.number], call.case.status_of(call.surface), call.task_type)
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
