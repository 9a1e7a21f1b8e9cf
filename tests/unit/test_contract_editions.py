"""Every wrong edition of a contract is an error, when the contract is made, that tells what is wrong."""

from dataclasses import replace

import pytest

from telemetry.contract import Contract, ContractError, Editions, MetricType, Take
from tests.support.contracts import metric

THINGS = metric("things_total", MetricType.COUNTER, Take.SUM, "things")
METRICS = (
    replace(THINGS, views=(replace(THINGS.views[0], instruments=("things", "new.things")),)),
    metric("both_total", MetricType.COUNTER, Take.SUM, "things"),
    metric("new_total", MetricType.COUNTER, Take.SUM, "new.things"),
    metric("others_total", MetricType.COUNTER, Take.SUM, "others"),
)
RIGHT = Editions("things", (("things",), ("new.things",)), apart="operation")


@pytest.mark.parametrize(
    ("metrics", "editions", "message"),
    [
        (METRICS[:1], [replace(RIGHT, names=(("things",),))], "editions of things: got (('things',),)"),
        (METRICS[:1], [replace(RIGHT, names=(("things",), ()))], "each of at least one instrument"),
        (METRICS[:1], [replace(RIGHT, apart="")], "editions of things: `apart` names no attribute"),
        (METRICS[:1], [replace(RIGHT, names=(("things",), ("thing",)))], "thing is an instrument that no view selects"),
        (METRICS[:1], [RIGHT, RIGHT], "editions: things is named 2 times"),
        (METRICS[:1], [replace(RIGHT, names=(("things",), ("things",)))], "editions: things is named 2 times"),
        (METRICS[:2], [RIGHT], "both_total is not fed by new.things, as by the other editions"),
        ((METRICS[0], METRICS[2]), [RIGHT], "new_total is not fed by things, as by the other editions"),
        ((METRICS[0], METRICS[3]), [replace(RIGHT, names=(("things",), ("others",)))], "others_total is not fed by"),
    ],
)
def test_wrong_editions_are_an_error(metrics: object, editions: list[Editions], message: str) -> None:
    """Refused at import; what a scope recorded under such an edition would be lost or counted twice."""
    with pytest.raises(ContractError) as error:
        Contract(metrics, tuple(editions))  # type: ignore[arg-type]  # a tuple of metrics, in a list of cases
    assert message in str(error.value)


def test_right_editions_are_none() -> None:
    """An edition may have several instruments, which feed a metric together."""
    both = replace(RIGHT, names=(("others",), ("new.things", "things")))
    everything = replace(THINGS, views=(replace(THINGS.views[0], instruments=("things", "new.things", "others")),))
    assert Contract(METRICS[:1], (RIGHT,)).editions == (RIGHT,)
    assert Contract((everything,), (both,)).editions == (both,)


def test_only_a_weight_is_given_attributes() -> None:
    """A label says itself where it comes from."""
    with pytest.raises(ContractError, match="given \\['type'\\], and has no weight"):
        Contract((replace(THINGS, views=(replace(THINGS.views[0], given={"type": "input"}),)),))
