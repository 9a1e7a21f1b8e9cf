"""Memory: flat, whatever an application or those who attack it make up."""

import gc
import tracemalloc
from collections.abc import Callable, Iterable

import psutil
import pytest
from opentelemetry.metrics import CallbackOptions, Observation

from telemetry.contract import CONTRACT, Bounded, FromContext, Masked, MetricType, Take, Template
from telemetry.engine import MeterProvider
from telemetry.engine.plan import MEMO_LIMIT
from tests.support.contracts import OVERFLOW, counter, metric, provider, values

WARM = 100_000
ALL = 1_000_000
MIB = 2**20


def address(number: int) -> str:
    """One of all IPv4 addresses; each number has another one."""
    mixed = number * 2_654_435_761 % 2**32
    return f"{mixed >> 24}.{mixed >> 16 & 255}.{mixed >> 8 & 255}.{mixed & 255}"


def remembered(source: MeterProvider) -> int:
    """How many attribute sets the memories of the instruments hold at most."""
    return max(size for plan, _ in source._plans.values() for size in (len(plan.fast), len(plan._typed)))


def total(source: MeterProvider, name: str) -> float:
    """The sum over a counter's series."""
    return sum(value for value in values(source, name).values() if isinstance(value, int))


def traced_after(work: Callable[[], None]) -> int:
    """Bytes in use after some work that were not in use before it."""
    tracemalloc.start()
    try:
        work()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_a_million_client_addresses_leave_memory_flat() -> None:
    """515 buckets at most, whoever attacks; the sum over them is the number of hits. Resident memory is compared."""
    source = provider(*CONTRACT.metrics)
    hits = source.get_meter("app").create_counter("techsapo.rate_limit.hits")

    def hit(numbers: Iterable[int]) -> int:
        for number in numbers:
            hits.add(1, {"client.address": address(number), "http.route": "/ask"})
        return psutil.Process().memory_info().rss

    warm = hit(range(WARM))
    assert hit(range(WARM, ALL)) < warm + 8 * MIB
    assert len(values(source, "techsapo_rate_limit_hits_total")) <= 515
    assert total(source, "techsapo_rate_limit_hits_total") == ALL
    assert remembered(source) <= MEMO_LIMIT


@pytest.mark.parametrize(
    "made_up",
    [
        lambda number: f"name-{number}",
        lambda number: f"/route/{'x' * (number % 200)}/{number}",
        lambda number: number,
        lambda number: number / 7,
        lambda number: 10**300 + number,
        lambda number: float("nan") if number else 0.0,
        lambda number: [number],
        lambda number: "y" * 1_000 + str(number),
    ],
)
def test_values_made_up_without_end_are_bounded(made_up: Callable[[int], object]) -> None:
    """Names, routes, numbers, what is no number, lists, texts longer than a label: series and memories stay bounded."""
    source = provider(counter({"name": Bounded(16), "route": Template(20), "ip": Masked()}), OVERFLOW)
    things = source.get_meter("app").create_counter("things")

    def work() -> None:
        for number in range(12_000):
            value = made_up(number)
            things.add(1, {"name": value, "route": value, "ip": value})  # type: ignore[dict-item]  # of any kind, that is the test

    # 4,096 sets of three values, each of which may be a text of 256 characters, are remembered twice.
    assert traced_after(work) < 8 * MIB
    assert total(source, "things_total") == 12_000
    assert len(values(source, "things_total")) <= 17 * 22
    assert remembered(source) <= MEMO_LIMIT


def test_values_of_a_megabyte_are_not_kept() -> None:
    """Neither as labels, nor in a memory; the measurements are counted."""
    source = provider(
        counter({"name": Bounded(16), "route": Template(20), "ip": Masked()}),
        metric(
            "tasks_total", MetricType.COUNTER, Take.SUM, "tasks", {"t": Bounded(9)}, sources={"t": FromContext("key")}
        ),
    )
    things = source.get_meter("app").create_counter("things")

    def work() -> None:
        for number in range(200):
            text = f"{number}" * MIB
            things.add(1, {"name": text, "route": f"/{text}", "ip": text, "dropped": text})
            things.add(1, {"name": 10**100_000 + number, "route": text.encode(), "ip": [text]})
            things.bind({"name": text}).add(1)

    assert traced_after(work) < MIB
    assert values(source, "things_total") == {
        ("other", "unmatched", "invalid"): 600,
    }


def test_observations_without_end_are_bounded() -> None:
    """Callbacks that tell another label set each time fill no more than the limits allow."""
    source = provider(counter({"name": Bounded(16)}), OVERFLOW)
    calls = iter(range(10**9))

    def tell(_: CallbackOptions) -> list[Observation]:
        return [Observation(1, {"name": f"n{next(calls)}"}) for _ in range(1_000)]

    source.get_meter("app").create_observable_counter("things", [tell])

    def work() -> None:
        for _ in range(20):
            source.snapshot()

    assert traced_after(work) < MIB
    assert len(values(source, "things_total")) <= 17


def test_refused_measurements_fill_no_memory() -> None:
    """They are counted by their reason."""
    source = provider(counter())
    things = source.get_meter("app").create_counter("things")

    def work() -> None:
        for number in range(20_000):
            things.add(-1 - number)
            things.add(str(number))  # type: ignore[arg-type]  # that is the test

    assert traced_after(work) < 100_000
