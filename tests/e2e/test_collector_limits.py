"""Limits hold for each instance: what is past one is `other`, the sum is kept, and no series ever falls."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping

import pytest
from opentelemetry.sdk.resources import Resource

from telemetry.contract import CONTRACT
from telemetry.engine import MeterProvider
from tests.conftest import StartCollector
from tests.support import otlp_payloads as otlp
from tests.support import wait
from tests.support.collector import SALT, Collector, Labels
from tests.support.collector_pages import figures

WALLBOUNCE = "techsapo_wallbounce_requests_total"
LLM = "techsapo_llm_requests_total"
ERRORS = "techsapo_errors_total"
HITS = "techsapo_rate_limit_hits_total"
LOGINS = "techsapo_auth_attempts_total"
REFUSED = "otelcol_processor_techsapo_policy_refused_points_total"
OVERFLOW = "otelcol_processor_techsapo_policy_overflow_points_total"

BORN = 1_790_000_000_000_000_000
KNOWN = ("openai", "anthropic", "gcp.gemini", "openrouter")

Born = Mapping[tuple[str, ...], tuple[int, int]]
"""Label sets, each with its birth and its value."""


def push(collector: Collector, metric: str, born: Born, instance: str, seed: int = 0) -> dict[Labels, float]:
    """Send cumulative points in a random order, and return what the page then tells of the metric."""
    names = [label.name for label in CONTRACT.by_name[metric].labels]
    points = [
        otlp.Number(dict(zip(names, values, strict=True)), value, BORN + birth)
        for values, (birth, value) in born.items()
    ]
    random.Random(seed).shuffle(points)
    collector.send(otlp.instance([otlp.counter(metric, points)], instance))
    return {labels: each.value for (name, labels), each in figures(collector, instance).items() if name == metric}


class Watched:
    """A cumulative sender: label sets come and grow, and the page is watched at each push."""

    def __init__(self, collector: Collector, metric: str, instance: str, *, births: bool = True) -> None:
        self.collector, self.metric, self.instance, self.births = collector, metric, instance, births
        self.born: dict[tuple[str, ...], tuple[int, int]] = {}
        self.page: dict[Labels, float] = {}

    def push(self, label_sets: Iterable[tuple[str, ...]]) -> dict[Labels, float]:
        """Count one to three in each label set, the new ones born in this order, and send all of them."""
        for number, values in enumerate(label_sets):
            birth, value = self.born.get(values, (self.births * (len(self.born) + 1), 0))
            self.born[values] = birth, value + 1 + number % 3
        page = push(self.collector, self.metric, self.born, self.instance, len(self.born))
        fallen = {
            labels: (value, page.get(labels)) for labels, value in self.page.items() if page.get(labels, 0) < value
        }
        assert fallen == {}
        assert sum(page.values()) == sum(value for _, value in self.born.values())
        self.page = page
        return page


def valued(page: Mapping[Labels, float], label: str) -> set[str]:
    """Return the values of a label on a page."""
    return {dict(labels)[label] for labels in page}


def test_a_hundred_providers_are_sixteen_and_other(collector: Collector) -> None:
    """Over pushes in which new ones keep coming; those that the contract knows are let in whenever they come."""
    sender = Watched(collector, WALLBOUNCE, "1")
    names = [f"p{number:02}" for number in random.Random(3).sample(range(100), 100)]
    for upto in range(7, 101, 7):
        page = sender.push([("basic", name, "success") for name in names[:upto]])
        assert valued(page, "provider") == {*names[: min(upto, 16)], *(["other"] if upto > 16 else [])}
    page = sender.push([("basic", name, "success") for name in [*names, *KNOWN]])
    assert valued(page, "provider") == {*names[:16], *KNOWN, "other"}
    page = sender.push([("premium", name, "timeout") for name in [*reversed(names), *KNOWN]])
    assert valued(page, "provider") == {*names[:16], *KNOWN, "other"}
    assert collector.own(OVERFLOW, metric=WALLBOUNCE) > 0


def test_of_equal_starts_those_that_came_first_stay(collector: Collector) -> None:
    """As a sender tells that knows only the start of its process: what has been let in is not pushed out."""
    sender = Watched(collector, WALLBOUNCE, "1", births=False)
    names = [f"p{number:02}" for number in range(100)]
    for number in range(10):
        page = sender.push([("basic", name, "success") for name in reversed(names[90 - 10 * number :])])
    assert valued(page, "provider") == {*names[90:], *names[80:86], "other"}


def test_known_values_that_come_first_take_of_the_limit(collector: Collector) -> None:
    """As in the process: sixteen values, four of them known; a known one is never `other`."""
    sender = Watched(collector, WALLBOUNCE, "1")
    names = [f"p{number:02}" for number in range(20)]
    page = sender.push([("basic", name, "success") for name in [*KNOWN, *names]])
    assert valued(page, "provider") == {*KNOWN, *names[:12], "other"}


def test_a_metric_has_a_limit_of_series(collector: Collector) -> None:
    """Labels multiply: 4,000 label sets, then `other` for provider and model; the other labels stay."""
    sender = Watched(collector, LLM, "1")
    providers, models = [f"p{number}" for number in range(16)], [f"m{number}" for number in range(64)]
    statuses, tasks = ("success", "error", "timeout", "rate_limited", "other"), ("basic", "premium", "critical")
    every = [(p, m, s, t) for p in providers for m in models for s in statuses for t in tasks]
    random.Random(5).shuffle(every)
    for upto in (3_000, 6_000, len(every)):
        page = sender.push(every[:upto])
    inside = {labels for labels in page if dict(labels)["provider"] != "other"}
    assert len(inside) == CONTRACT.by_name[LLM].series_limit
    rest = page.keys() - inside
    assert {(dict(labels)["provider"], dict(labels)["model"]) for labels in rest} == {("other", "other")}
    assert len(rest) == len(statuses) * len(tasks)


def test_past_the_limit_of_series_addresses_keep_their_bucket(collector: Collector) -> None:
    """`client_ip` never becomes `other`, and for no endpoint it has more than 515 values."""
    sender = Watched(collector, HITS, "1")
    choose = random.Random(7)
    buckets = [f"v{family}-{number:02x}" for family in (4, 6) for number in range(256)]
    every = [
        (f"/route-{route}", bucket) for route in range(60) for bucket in [*buckets, "private", "loopback", "invalid"]
    ]
    choose.shuffle(every)
    for upto in (15_000, len(every)):
        page = sender.push(every[:upto])
    assert "other" not in valued(page, "client_ip")
    by_endpoint = Counter(dict(labels)["endpoint"] for labels in page)
    assert by_endpoint.pop("other") == 515
    assert sum(by_endpoint.values()) == CONTRACT.by_name[HITS].series_limit


def random_births(seed: int) -> dict[tuple[str, ...], tuple[int, int]]:
    """Return errors of more types, services and label sets than the contract lets in, in the order of their births."""
    choose = random.Random(seed)
    born: dict[tuple[str, ...], tuple[int, int]] = {}
    while len(born) < 4_000:
        values = (
            f"Error{choose.randrange(choose.choice((40, 90)))}",
            choose.choice(("critical", "error", "warning", "info", "fatal")),
            f"s{choose.randrange(choose.choice((20, 50)))}",
        )
        born.setdefault(values, (len(born) + 1, choose.randrange(1, 9)))
    return born


@pytest.mark.parametrize("seed", range(3))
def test_the_collector_admits_what_the_process_admits(
    module_collector: Collector, make_collector: StartCollector, seed: int
) -> None:
    """For the same order of births, in one payload or in many, in whatever order the points arrive."""
    born = random_births(seed)
    engine = MeterProvider(CONTRACT, resource=Resource.get_empty(), salt=SALT.encode())
    errors = engine.get_meter("tests").create_counter("techsapo.errors")
    for (error_type, severity, service), (_, value) in born.items():
        errors.add(value, {"error_type": error_type, "severity": severity, "service": service})
    expected = {
        frozenset(series.attributes.items()): value
        for taken in engine.snapshot()
        for series, value in taken.points
        if taken.metric.name == ERRORS
    }
    assert push(module_collector, ERRORS, born, f"at once {seed}", seed=1) == expected
    assert push(make_collector(), ERRORS, born, f"at once {seed}", seed=2) == expected
    for upto in (500, 1_500, 3_900, 4_000):
        page = push(module_collector, ERRORS, dict(list(born.items())[:upto]), f"by and by {seed}", seed=upto)
    assert page == expected


def test_past_1000_instances_the_next_is_refused_until_one_expires(make_collector: StartCollector) -> None:
    """Its points are counted as refused; those that are known go on."""
    soon = (
        "{processors: {techsapo_policy: {instance_expiration: 5s}}, exporters: {prometheus: {metric_expiration: 5s}}}"
    )
    collector = make_collector(overlay=soon)
    logins = otlp.counter(LOGINS, [otlp.Number({"status": "success", "method": "jwt"}, 5)])
    collector.send(*(otlp.instance([logins], f"instance {number}") for number in range(1_000)))
    assert collector.own("otelcol_processor_techsapo_policy_instances") == 1_000
    collector.send(otlp.instance([logins, logins], "one more"), otlp.instance([logins], "instance 7"))
    assert collector.own(REFUSED, reason="too_many_instances") == 2
    shown = collector.values(LOGINS, "instance")
    assert len(shown) == 1_000
    assert "one more" not in shown
    wait.until(
        lambda: collector.send(otlp.instance([logins], "one more")).values(LOGINS, "instance") == {"one more": 5.0},
        20,
        "room for one more",
    )
    assert collector.own("otelcol_processor_techsapo_policy_instances") == 1
