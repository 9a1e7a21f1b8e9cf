"""What the rendered page says of domains, sources, limits and sums: each kind of entry once."""

from types import MappingProxyType

import pytest

from telemetry.contract import (
    CONTRACT,
    Attribute,
    Bounded,
    Classified,
    Combine,
    Constant,
    Domain,
    Enum,
    FromContext,
    Label,
    Masked,
    Metric,
    MetricType,
    Overridden,
    Source,
    Take,
    Template,
    View,
)
from telemetry.render.words import (
    code,
    combined,
    limit_of,
    listed,
    number,
    source_of,
    stand_ins_of,
    taken_by,
    values_of,
)


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        (Enum(("open", "closed")), "`open`, `closed`"),
        (Enum(tuple(str(code) for code in range(100, 600))), "`100` to `599`"),
        (
            Enum(("a", "b"), aliases=MappingProxyType({"x": "a", "y": "a"}), ignore_case=True),
            "`a`, `b`. Also understood: `x`, `y` as `a`. In any case of letters",
        ),
        (
            Bounded(16, pattern="a|b", known=("a",)),
            "at most 16 values that match `a\\|b` and hold no personal data; always admitted: `a`",
        ),
        (
            Bounded(4, pattern="[A-Z]", upper_case=True),
            "at most 4 values that match `[A-Z]` and hold no personal data; put into upper case",
        ),
        (
            Bounded(4, pattern="a:b", sorted_pair=True),
            "at most 4 values that match `a:b` and hold no personal data; the two names sorted",
        ),
        (Template(200), "at most 200 route templates such as `/users/{user_id}`, never a concrete path"),
        (
            Masked(),
            (
                "one of 515 buckets: `v4-00` to `v4-ff`, `v6-00` to `v6-ff`, `private`, `loopback`, `invalid`; "
                "never an address"
            ),
        ),
    ],
)
def test_a_domain_is_told_with_its_values_and_limits(domain: Domain, words: str) -> None:
    """Whoever writes a query finds which values to ask for."""
    assert words == values_of(domain)


@pytest.mark.parametrize("metric", CONTRACT.metrics, ids=lambda metric: metric.name)
def test_the_value_for_a_missing_attribute_is_named(metric: Metric) -> None:
    """What the contract puts in place of a missing attribute is what the page says."""
    for label in metric.labels:
        assert stand_ins_of(label.domain).startswith(f"{code(label.domain.missing)}: ")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Attribute(("new", "old")), "`new`, else `old`"),
        (Constant("http"), "always `http`"),
        (
            Classified("error.type", "success", "error", MappingProxyType({"408": "timeout", "504": "timeout"})),
            "`success` without `error.type`; `timeout` for `408` or `504`; else `error`",
        ),
        (
            Overridden("server.address", MappingProxyType({"a.example": "a"}), Attribute(("name",))),
            "`a` where `server.address` is `a.example`; else `name`",
        ),
        (FromContext("key"), "`key` of the OpenTelemetry context, else of its baggage"),
    ],
)
def test_a_source_is_told(source: Source, words: str) -> None:
    """Whoever records finds which attributes to set."""
    assert words == source_of(source)


def test_a_view_is_told_with_all_that_it_leaves_out() -> None:
    """Conditions, scopes and weights are part of what a figure means."""
    view = View(
        ("amount",),
        Take.SUM,
        where=MappingProxyType({"system": ("a", "b")}),
        ignore_scopes=("wrong",),
        weight="price",
    )
    assert (
        "the sum of what is recorded; only where `system` is `a` or `b`; each amount times `price`, and left out "
        "where there is none; not from the scopes `wrong`"
    ) == taken_by(view)
    assert "how many measurements there are; only what has no `price`" == taken_by(
        View(("amount",), Take.COUNT, unless_weight="price")
    )


def metric_of(*labels: Label, combine: Combine | None = None) -> Metric:
    """Return a metric with these labels."""
    kind = MetricType.GAUGE if combine else MetricType.COUNTER
    return Metric("a_metric", kind, "A metric.", "1", (), labels, combine=combine, series_limit=3_000)


def test_a_limit_names_the_labels_that_change_and_those_that_do_not() -> None:
    """Past the limit of series an address keeps its bucket; a route does not."""
    route, method, client = Label("route", Template()), Label("method", Enum(("GET",))), Label("client_ip", Masked())
    assert "3,000 label sets in one process; past that `route` becomes `other`" == limit_of(metric_of(route))
    assert (
        "3,000 label sets in one process; past that `route` becomes `other` and `method` and `client_ip` keep theirs"
    ) == limit_of(metric_of(method, route, client))
    assert "as many as the enums' values make, no more" == limit_of(metric_of(method))
    assert "one label set: the metric has no labels" == limit_of(metric_of())


@pytest.mark.parametrize(
    ("combine", "words"),
    [
        (None, "summed over processes"),
        (Combine.SUM, "summed over processes"),
        (Combine.MAX, "the largest of the processes' values"),
        (Combine.STATE, "the worst of the states that the processes report holds"),
    ],
)
def test_it_is_told_how_a_metric_adds_up(combine: Combine | None, words: str) -> None:
    """Each rule of combination has its own words."""
    assert words == combined(metric_of(combine=combine))


def test_a_ratio_is_told_to_come_from_its_counter() -> None:
    """An average of ratios would be wrong, and the page says so."""
    assert (
        "the share of `result=hit` in `techsapo_cache_requests_total`: from the summed counters, "
        "never an average of ratios"
    ) == combined(CONTRACT.by_name["techsapo_cache_hit_ratio"])


def test_lists_and_numbers_read_as_people_write_them() -> None:
    """The smallest pieces of the page."""
    assert ["", "`a`", "`a` or `b`", "`a`, `b` or `c`"] == [listed("abc"[:size], " or ") for size in range(4)]
    assert ["16,777,216", "0.005", "1"] == [number(16777216.0), number(0.005), number(1.0)]
