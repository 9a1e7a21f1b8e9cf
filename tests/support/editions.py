"""A small contract whose instrument has had three names."""

from collections.abc import Callable
from dataclasses import replace

from opentelemetry.metrics import CallbackOptions, Observation

from telemetry.contract import Bounded, Editions, MetricType, Take
from telemetry.engine import MeterProvider
from tests.support.contracts import Value, counter, metric, provider, values

OLD, NEW, NEWEST = "things", "new.things", "newest.things"
EDITIONS = Editions("things", ((OLD,), (NEW,), (NEWEST,)), apart="operation")
REFUSED = "recorded beside another edition of the same"


def things(*, locked: bool | None = None) -> MeterProvider:
    """A provider of `things_total` by `x`, the sum of any of three editions, and of `others_total`, which has none."""
    base = counter({"x": Bounded(9)})
    views = (replace(base.views[0], instruments=(OLD, NEW, NEWEST)),)
    others = metric("others_total", MetricType.COUNTER, Take.SUM, "others")
    return provider(replace(base, views=views), others, editions=[EDITIONS], locked=locked)


def counted(source: MeterProvider) -> Value:
    """The sum of `things_total` without an `x`."""
    return values(source, "things_total").get(("other",), 0)


def told(*amounts: int) -> Callable[[CallbackOptions], list[Observation]]:
    """A callback that observes an amount for each of the operations 0, 1, 2..."""
    return lambda _: [Observation(amount, {"operation": str(at)}) for at, amount in enumerate(amounts)]
