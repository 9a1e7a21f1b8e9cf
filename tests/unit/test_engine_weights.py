"""Weights: views that multiply each amount with a factor, such as a model's price."""

from collections.abc import Mapping

import pytest
from opentelemetry.metrics import Observation

from telemetry.contract import Enum, MetricType, Take
from telemetry.engine import Weight
from tests.support.contracts import metric, provider, refused, values

KIND = {"kind": Enum(("a", "b"))}


def priced(attributes: Mapping[str, object]) -> float | None:
    """A price for one model."""
    return {"known": 0.5}.get(str(attributes["model"]))


WEIGHED = (
    metric("cost_usd", MetricType.COUNTER, Take.SUM, "tokens", KIND, weight="price"),
    metric("tokens_total", MetricType.COUNTER, Take.SUM, "tokens"),
    metric("unpriced_total", MetricType.COUNTER, Take.COUNT, "tokens", KIND, unless_weight="price"),
)


def test_a_weight_multiplies_and_what_has_none_is_counted_apart() -> None:
    """The price of a model: known, unknown, not told."""
    source = provider(*WEIGHED, weights={"price": Weight(("model",), priced)})
    tokens = source.get_meter("app").create_histogram("tokens")
    for amount, model in ((10, "known"), (20, "known"), (40, "unknown")):
        tokens.record(amount, {"kind": "a", "model": model})
    tokens.record(80, {"kind": "b"})
    assert values(source, "cost_usd") == {("a",): 15.0}
    assert values(source, "tokens_total") == {(): 150}
    assert values(source, "unpriced_total") == {("a",): 1, ("b",): 1}


def test_a_weight_holds_for_observations() -> None:
    """An observable counter of tokens costs what they cost."""
    source = provider(WEIGHED[0], weights={"price": Weight(("model",), priced)})
    told = [Observation(10, {"kind": "a", "model": "known"}), Observation(99, {"kind": "a"})]
    source.get_meter("app").create_observable_counter("tokens", [lambda _: told])
    assert values(source, "cost_usd") == {("a",): 5.0}


def test_without_the_weight_nothing_is_priced() -> None:
    """A provider that is given no prices counts everything as unpriced, and no cost of 0."""
    source = provider(*WEIGHED)
    source.get_meter("app").create_histogram("tokens").record(3, {"kind": "a"})
    assert (values(source, "cost_usd"), values(source, "unpriced_total")) == ({}, {("a",): 1})


@pytest.mark.parametrize("price", [float("nan"), float("inf"), -1.0, 1e300, "2", object()])
def test_a_weight_that_is_no_factor_is_refused(price: float) -> None:
    """It would ruin the sum for ever; the measurement counts as one without a price."""
    source = provider(*WEIGHED, weights={"price": Weight((), lambda _: price)})
    source.get_meter("app").create_histogram("tokens").record(3, {"kind": "a"})
    assert (values(source, "cost_usd"), values(source, "unpriced_total")) == ({}, {("a",): 1})
    assert refused(source)["a weight that is no factor"] > 0


def test_a_weight_that_raises_is_refused() -> None:
    """The application's table of prices may be broken."""
    source = provider(*WEIGHED, weights={"price": Weight(("model",), lambda found: float(str(found["model"])))})
    source.get_meter("app").create_histogram("tokens").record(3, {"kind": "a", "model": "x"})
    assert (values(source, "cost_usd"), values(source, "unpriced_total")) == ({}, {("a",): 1})
    assert refused(source)["a weight that raised"] > 0
