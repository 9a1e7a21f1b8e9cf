"""Calls carry the task type of their analysis to wherever they are made, and streams to wherever they are read."""

from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app_integration.wallbounce import analysis
from telemetry.context import task_type
from tests.support.measured import Measured
from tests.support.providers import Providers, Reply
from tests.support.providers.bill import Bill
from tests.support.providers.calls import Call
from tests.support.providers.cases import Case
from tests.support.providers.figures import Figures, differences, told
from tests.support.providers.places import AWAITED, THREADED
from tests.support.providers.sdks import Sdks
from tests.support.providers.surface import Surface
from tests.support.providers.surfaces import SURFACES

BILL = Bill()
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


def _gpt(sdks: Sdks) -> Iterator[object]:
    create = sdks.gpt().chat.completions.create
    return iter(create(model="gpt-5", messages=[], stream=True, stream_options={"include_usage": True}))


def _responses(sdks: Sdks) -> Iterator[object]:
    return iter(sdks.gpt().responses.create(model="gpt-5", input="", stream=True))


def _claude(sdks: Sdks) -> Iterator[object]:
    create = sdks.claude().messages.create
    return iter(create(model="claude-sonnet-4-20250514", max_tokens=9, messages=[], stream=True))


def _gemini(sdks: Sdks) -> Iterator[object]:
    return iter(sdks.gemini().models.generate_content_stream(model="gemini-2.5-pro", contents=""))


@pytest.mark.parametrize("begin", [_gpt, _responses, _claude, _gemini], ids=by_name)
def test_a_stream_belongs_to_the_analysis_that_began_it(
    stub: Providers, sdks: Sdks, priced: Measured, begin: Callable[[Sdks], Iterator[object]]
) -> None:
    """It may be read elsewhere, and to its end in an analysis of another task type: its cost is the first one's."""
    stub.queue(Reply())
    with analysis(task_type="premium") as first:
        parts = begin(sdks)
        next(parts)
    with analysis(task_type="basic") as second, ThreadPoolExecutor(1) as pool:
        pool.submit(list, parts).result()
    expected = Figures()
    expected.add(BILL, stub.asked, "success", "premium")
    assert differences(expected, told(priced)) == {}
    assert (first.cost_picodollars, second.cost_picodollars) == (sum(expected.usd.values()) * 10**12, 0)
