"""Every wrong entry of a contract is an error, when the contract is made, that names the entry."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from telemetry.contract import (
    Bounded,
    Combine,
    Constant,
    Contract,
    ContractError,
    Enum,
    Label,
    Metric,
    MetricType,
    Ratio,
    Source,
    Take,
    Template,
    View,
    attribute,
)

PLAIN = Metric(
    name="techsapo_things_total",
    type=MetricType.COUNTER,
    description="Things.",
    unit="{thing}",
    labels=(Label("kind", Enum(("a", "b"))),),
    views=(View(("techsapo.things",), Take.SUM, {"kind": attribute("kind")}),),
)
SIZED = Metric(
    name="techsapo_size_bytes",
    type=MetricType.HISTOGRAM,
    description="Sizes.",
    unit="By",
    boundaries=(1.0, 2.0),
    views=(View(("techsapo.size",), Take.DISTRIBUTION),),
)
LEVEL = Metric(
    name="techsapo_level",
    type=MetricType.GAUGE,
    description="A level.",
    unit="1",
    combine=Combine.SUM,
    views=(View(("techsapo.level",), Take.LAST),),
)
SHARE = Metric(
    name="techsapo_share",
    type=MetricType.GAUGE,
    description="A share.",
    unit="1",
    combine=Combine.RATIO,
    ratio=Ratio("techsapo_things_total", "kind", "a"),
    views=(),
)
STATE = Metric(
    name="techsapo_state",
    type=MetricType.GAUGE,
    description="A state.",
    unit="1",
    labels=(Label("state", Enum(("bad", "good"))),),
    combine=Combine.STATE,
    one_hot="state",
    views=(View(("techsapo.state",), Take.LAST, {"state": attribute("state")}),),
)


def labelled(domain: object, name: str = "kind") -> Metric:
    """A counter with one label of a domain, which may be wrong."""
    label = Label(name, domain)  # type: ignore[arg-type]  # wrong ones are what is tested
    return replace(PLAIN, labels=(label,), views=(replace(PLAIN.views[0], labels={name: attribute(name)}),))


def viewing(**changes: object) -> Metric:
    """The plain counter with a changed view."""
    return replace(PLAIN, views=(replace(PLAIN.views[0], **changes),))  # type: ignore[arg-type]  # fields by name, checked by the tests that use them


def fed_by(sources: Mapping[str, Source]) -> Metric:
    """A counter of labels `kind` and `other_kind` fed by the given sources."""
    labels = (Label("kind", Enum(("a", "b"))), Label("other_kind", Enum(("a", "b"))))
    return replace(PLAIN, labels=labels, views=(replace(PLAIN.views[0], labels=sources),))


def test_entries_that_the_wrong_ones_are_made_from_are_right() -> None:
    """Otherwise a wrong entry might be refused for another reason."""
    assert len(Contract((PLAIN, SIZED, LEVEL, SHARE, STATE)).metrics) == 5


WRONG: Mapping[str, tuple[tuple[Metric, ...], str]] = {
    "duplicate name": ((PLAIN, PLAIN), "declared 2 times"),
    "name with a capital": ((replace(PLAIN, name="Things"),), "lower-case"),
    "name of a histogram's series": ((SIZED, replace(PLAIN, name="techsapo_size_bytes_count")), "own series"),
    "no description": ((replace(PLAIN, description=" "),), "no description"),
    "no room for series": ((replace(PLAIN, series_limit=0),), "series_limit is 0"),
    "label declared twice": ((replace(PLAIN, labels=PLAIN.labels * 2),), "label 'kind' is declared 2 times"),
    "reserved label": ((labelled(Enum(("a",)), "le"),), "label 'le' is reserved"),
    "label with a capital": ((labelled(Enum(("a",)), "Kind"),), "label 'Kind'"),
    "label without a domain": ((labelled(None),), "label 'kind' has no domain"),
    "label with a domain of another kind": ((labelled("a|b"),), "label 'kind' has no domain"),
    "counter with a free label": ((labelled(Bounded(9, pattern=".*")),), "lets free text through"),
    "free label of a line": ((labelled(Bounded(9, pattern=r"[^\n]+")),), "lets free text through"),
    "free label of words": ((labelled(Bounded(9, pattern=r"[a-z ]+")),), "lets free text through"),
    "pattern that is none": ((labelled(Bounded(9, pattern="(")),), "no regular expression"),
    "empty enum": ((labelled(Enum(())),), "at least one value"),
    "value listed twice": ((labelled(Enum(("a", "a"))),), "each once"),
    "alias of nothing": ((labelled(Enum(("a",), aliases={"b": "c"})),), "['c']"),
    "bounded by nothing": ((labelled(Bounded(0)),), "the limit is 0"),
    "more known than the limit": ((labelled(Bounded(1, known=("a", "b"))),), "2 known values exceed"),
    "known but not matching": ((labelled(Bounded(9, known=("A B",))),), "'A B' does not match"),
    "no templates": ((labelled(Template(0)),), "the limit is 0"),
    "boundaries that fall": ((replace(SIZED, boundaries=(1.0, 3.0, 2.0)),), "3.0 is followed by 2.0"),
    "boundary twice": ((replace(SIZED, boundaries=(1.0, 1.0)),), "1.0 is followed by 1.0"),
    "int boundary": ((replace(SIZED, boundaries=(1, 2.0)),), "boundary 1 is no float"),
    "infinite boundary": ((replace(SIZED, boundaries=(1.0, float("inf"))),), "not finite"),
    "boundary that is no number": ((replace(SIZED, boundaries=(float("nan"),)),), "not finite"),
    "histogram without boundaries": ((replace(SIZED, boundaries=()),), "has boundaries"),
    "counter with boundaries": ((replace(PLAIN, boundaries=(1.0,)),), "has boundaries"),
    "gauge that does not combine": ((replace(LEVEL, combine=None),), "declares how it combines"),
    "counter that combines": ((replace(PLAIN, combine=Combine.SUM),), "declares how it combines"),
    "fed by nothing": ((replace(PLAIN, views=()),), "neither a view nor a ratio"),
    "view of no instrument": ((viewing(instruments=()),), "selects no instrument"),
    "instrument with a capital": ((viewing(instruments=("techsapo.Things",)),), "lower case"),
    "counter of last values": ((viewing(take=Take.LAST),), "cannot feed a counter"),
    "histogram of sums": ((replace(SIZED, views=(View(("techsapo.size",), Take.SUM),)),), "cannot feed a histogram"),
    "gauge of a count": ((replace(LEVEL, views=(View(("techsapo.level",), Take.COUNT),)),), "cannot feed a gauge"),
    "label that the view does not feed": ((viewing(labels={}),), "feeds labels []"),
    "label that only the view has": (
        (viewing(labels={"kind": attribute("kind"), "more": Constant("b")}),),
        "['kind', 'more']",
    ),
    "attribute read twice": ((fed_by({"kind": attribute("x"), "other_kind": attribute("y", "x")}),), "'x' 2 times"),
    "attribute without a name": ((viewing(labels={"kind": attribute("")}),), "empty attribute"),
    "condition that nothing meets": ((viewing(where={"x": ()}),), "no value of 'x'"),
    "instrument taken twice": ((replace(PLAIN, views=PLAIN.views * 2),), "two views take techsapo.things"),
    "conditions that overlap": (
        (
            replace(
                PLAIN,
                views=(
                    replace(PLAIN.views[0], where={"x": ("1", "2")}),
                    replace(PLAIN.views[0], where={"x": ("2", "3")}),
                ),
            ),
        ),
        "two views take techsapo.things",
    ),
    "weighed count": ((viewing(take=Take.COUNT, weight="price"),), "only a sum has a weight"),
    "weighed and unless weighed": ((viewing(weight="price", unless_weight="price"),), "excludes the other"),
    "one-hot without a state": ((replace(STATE, combine=Combine.MAX),), "belong together"),
    "state without a one-hot": ((replace(LEVEL, combine=Combine.STATE),), "belong together"),
    "one-hot of no label": ((replace(STATE, one_hot="kind"),), "'kind'"),
    "one-hot of a label that is no enum": (
        (replace(STATE, labels=(Label("state", Bounded(9)),)),),
        "none of its labels that are enums",
    ),
    "one-hot instrument that feeds another": ((STATE, replace(LEVEL, views=STATE.views, labels=STATE.labels)), "too"),
    "ratio without its rule": ((PLAIN, replace(SHARE, combine=Combine.MAX)), "belong together"),
    "rule without a ratio": ((replace(LEVEL, combine=Combine.RATIO),), "belong together"),
    "ratio of nothing": ((SHARE,), "'techsapo_things_total', which is no counter"),
    "ratio of a gauge": ((LEVEL, replace(SHARE, ratio=Ratio("techsapo_level", "kind", "a"))), "no counter"),
    "ratio over other labels": ((PLAIN, replace(SHARE, ratio=Ratio("techsapo_things_total", "x", "a"))), "'x'"),
    "ratio of an unlisted value": (
        (PLAIN, replace(SHARE, ratio=Ratio("techsapo_things_total", "kind", "c"))),
        "kind=c",
    ),
}


@pytest.mark.parametrize(("metrics", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_entry_is_an_error_that_names_it(metrics: tuple[Metric, ...], message: str) -> None:
    """Refused when the contract is made, which is at import; the error says which entry and what is wrong with it."""
    with pytest.raises(ContractError) as error:
        Contract(metrics)
    assert any(str(error.value).startswith(f"{metric.name}: ") for metric in metrics)
    assert message in str(error.value)


def test_two_views_on_one_instrument_may_take_different_measurements() -> None:
    """Conditions that no measurement meets at once keep views apart."""
    views = tuple(replace(PLAIN.views[0], where={"x": (value,)}) for value in ("1", "2"))
    assert Contract((replace(PLAIN, views=views),)).by_name["techsapo_things_total"].views == views


def test_a_ratio_has_the_domains_of_its_counter() -> None:
    """Else one of them would tell two label sets apart where the other does not."""
    counter = replace(
        PLAIN,
        labels=(*PLAIN.labels, Label("cache", Bounded(9))),
        views=(replace(PLAIN.views[0], labels={"kind": attribute("kind"), "cache": attribute("cache")}),),
    )
    with pytest.raises(ContractError, match="other domains"):
        Contract((counter, replace(SHARE, labels=(Label("cache", Bounded(8)),))))
