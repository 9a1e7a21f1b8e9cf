"""Gauges: one-hot states, ratios of counters, and how values behind `other` combine."""

import threading

import pytest
from opentelemetry.metrics import Observation

from telemetry.contract import CONTRACT, Bounded, Combine, Enum, MetricType, Take
from telemetry.engine import MeterProvider, Series
from telemetry.engine.observed import Observed
from tests.support.contracts import OVERFLOW, gauge, metric, provider, values

BREAKER = metric(
    "breaker",
    MetricType.GAUGE,
    Take.LAST,
    "breaker",
    {"service": Bounded(2), "state": Enum(("open", "half_open", "closed"))},
    combine=Combine.STATE,
    one_hot="state",
)
STATES = ("open", "half_open", "closed")


def states(source: MeterProvider, service: str) -> tuple[object, ...]:
    """Values of a service's states: open, half open, closed, and `other` where it is shown."""
    found = values(source, "breaker")
    shown = [found[service, state] for state in STATES]
    return (*shown, *([found[service, "other"]] if (service, "other") in found else []))


def test_setting_one_state_sets_the_others_to_0() -> None:
    """A state excludes the others, without the application telling that."""
    source = provider(BREAKER)
    breaker = source.get_meter("app").create_gauge("breaker")
    breaker.set(1, {"service": "db", "state": "open"})
    assert states(source, "db") == (1, 0, 0)
    breaker.set(1, {"service": "db", "state": "closed"})
    breaker.set(1, {"service": "llm", "state": "half_open"})
    assert (states(source, "db"), states(source, "llm")) == ((0, 0, 1), (0, 1, 0))


def test_setting_a_state_to_0_leaves_the_others() -> None:
    """An application that tells all three, one by one, is understood."""
    source = provider(BREAKER)
    breaker = source.get_meter("app").create_gauge("breaker")
    for state in ("closed", "open", "half_open", "closed"):
        breaker.set(1 if state == "open" else 0, {"service": "db", "state": state})
    assert states(source, "db") == (1, 0, 0)


def test_a_service_of_which_no_state_holds_is_shown_so() -> None:
    """What the application has told, and nothing made up."""
    source = provider(BREAKER)
    breaker = source.get_meter("app").create_gauge("breaker")
    breaker.set(0, {"service": "db", "state": "open"})
    assert values(source, "breaker") == {("db", "open"): 0}


def test_an_unknown_state_is_left_when_a_known_one_holds() -> None:
    """`other` is a state like the rest: two never hold at once."""
    source = provider(BREAKER)
    breaker = source.get_meter("app").create_gauge("breaker")
    breaker.set(1, {"service": "db", "state": "melted"})
    assert states(source, "db") == (0, 0, 0, 1)
    breaker.set(1, {"service": "db", "state": "closed"})
    assert states(source, "db") == (0, 0, 1, 0)


def test_past_the_limit_the_worst_state_holds() -> None:
    """`other` stands for several breakers: it is open while one of them is."""
    source = provider(BREAKER, OVERFLOW)
    breaker = source.get_meter("app").create_gauge("breaker")
    for service, state in (("a", "closed"), ("b", "closed"), ("c", "open"), ("d", "closed"), ("e", "half_open")):
        breaker.set(1, {"service": service, "state": state})
    assert states(source, "other") == (1, 0, 0)
    breaker.set(1, {"service": "c", "state": "closed"})
    assert states(source, "other") == (0, 1, 0)
    breaker.set(1, {"service": "e", "state": "closed"})
    assert states(source, "other") == (0, 0, 1)
    assert values(source, "techsapo_telemetry_overflow_total") == {("breaker",): 5}


def test_observed_states_exclude_each_other() -> None:
    """The same for a callback that tells the state of each service."""
    told = {"a": "closed", "b": "open", "c": "closed", "d": "half_open"}
    source = provider(BREAKER)
    source.get_meter("app").create_observable_gauge(
        "breaker",
        [lambda _: [Observation(1, {"service": service, "state": state}) for service, state in told.items()]],
    )
    assert [states(source, service) for service in ("a", "b", "other")] == [(0, 0, 1), (1, 0, 0), (0, 1, 0)]
    told["b"] = "closed"
    assert states(source, "b") == (0, 0, 1)


def test_a_bound_gauge_sets_its_state() -> None:
    """A breaker keeps one bound instrument for each state."""
    source = provider(BREAKER)
    breaker = source.get_meter("app").create_gauge("breaker")
    bound = {state: breaker.bind({"service": "db", "state": state}) for state in STATES}
    for state in ("open", "closed", "half_open"):
        bound[state].set(1)
    assert states(source, "db") == (0, 1, 0)


def test_an_up_down_counter_is_no_state() -> None:
    """What is added up cannot tell which state holds: dropped, and said."""
    source = provider(BREAKER)
    source.get_meter("app").create_up_down_counter("breaker").add(1, {"service": "db", "state": "open"})
    assert (values(source, "breaker"), source.stats().dropped_instruments) == ({}, 1)


def test_a_state_that_changes_while_it_is_collected_is_seen_before_or_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never in between: no collection finds that no state holds."""
    source = provider(BREAKER)
    breaker = source.get_meter("app").create_gauge("breaker")
    for state in ("open", "closed"):
        breaker.set(1, {"service": "db", "state": state})
    opening = threading.Thread(target=breaker.set, args=(1, {"service": "db", "state": "open"}))

    class Opening(dict[Series, int]):
        def __contains__(self, series: object) -> bool:
            if isinstance(series, Series) and series.labels == ("db", "half_open"):
                opening.start()
                opening.join(0.2)
            return False

    with monkeypatch.context() as patched:
        patched.setattr(Observed, "of", lambda *_: Opening())
        seen = values(source, "breaker")
    opening.join()
    assert seen == {("db", "open"): 0, ("db", "half_open"): 0, ("db", "closed"): 1}
    assert states(source, "db") == (1, 0, 0)


@pytest.mark.parametrize(("combine", "expected"), [(Combine.SUM, 7 + 11), (Combine.MAX, 11)])
@pytest.mark.parametrize("create", ["create_gauge", "create_up_down_counter"])
def test_values_behind_other_combine_by_the_rule_of_the_gauge(combine: Combine, expected: int, create: str) -> None:
    """Of each label set the value counts that it has now, whether it was set or added up."""
    source = provider(gauge({"queue": Bounded(1)}, combine))
    level = getattr(source.get_meter("app"), create)("level")
    record = level.set if create == "create_gauge" else level.add
    for amount, queue in ((1, "a"), (3, "b"), (11, "c"), (4 if create.endswith("counter") else 7, "b")):
        record(amount, {"queue": queue})
    assert values(source, "level") == {("a",): 1, ("other",): expected}


@pytest.mark.parametrize(("combine", "expected"), [(Combine.SUM, 21), (Combine.MAX, 16)])
def test_what_has_no_label_combines_with_what_met_the_limit(combine: Combine, expected: int) -> None:
    """A missing attribute is `other` as well: neither value is lost."""
    source = provider(gauge({"queue": Bounded(1)}, combine))
    level = source.get_meter("app").create_gauge("level")
    level.set(1, {"queue": "a"})
    level.set(16)
    level.set(5, {"queue": "b"})
    assert values(source, "level") == {("a",): 1, ("other",): expected}


@pytest.mark.parametrize(("combine", "expected"), [(Combine.SUM, 12), (Combine.MAX, 7)])
def test_observations_behind_other_combine_by_the_rule_of_the_gauge(combine: Combine, expected: int) -> None:
    """The same for what callbacks tell."""
    told = [Observation(amount, {"queue": queue}) for amount, queue in ((1, "a"), (7, "b"), (5, "c"))]
    source = provider(gauge({"queue": Bounded(1)}, combine))
    source.get_meter("app").create_observable_gauge("level", [lambda _: told])
    assert values(source, "level") == {("a",): 1, ("other",): expected}


def test_a_flood_of_label_sets_behind_other_is_bounded() -> None:
    """The up-down counter's sum is kept, however many label sets it came from."""
    source = provider(gauge({"queue": Bounded(1)}, take=Take.SUM))
    level = source.get_meter("app").create_up_down_counter("level")
    for number in range(5_001):
        level.add(1, {"queue": f"q{number}"})
    assert values(source, "level") == {("q0",): 1, ("other",): 5_000}
    table = source._tables["level"]
    assert max(len(series.merged) for series in table.series()) <= 1_001


def test_a_gauge_begins_with_what_it_was_set_to() -> None:
    """Nobody sees a 0 that was never set: a negative maximum stays one."""
    source = provider(gauge({"queue": Bounded(1)}, Combine.MAX))
    level = source.get_meter("app").create_gauge("level")
    for queue in "abc":
        level.set(-5, {"queue": queue})
    assert values(source, "level") == {("a",): -5, ("other",): -5}


def test_a_ratio_is_the_share_of_its_counter() -> None:
    """The hit ratio of each cache, from the counter of look-ups; none where nothing was looked up."""
    source = provider(*CONTRACT.metrics)
    requests = source.get_meter("app").create_counter("techsapo.cache.requests")
    for times, cache, result in (
        (3, "redis", "hit"),
        (1, "redis", "miss"),
        (2, "memory", "miss"),
        (0, "embedding", "hit"),
    ):
        requests.add(times, {"cache_type": cache, "result": result})
    assert values(source, "techsapo_cache_hit_ratio") == {("redis",): 0.75, ("memory",): 0.0}


def test_a_ratio_of_what_met_the_limit_is_that_of_the_sums() -> None:
    """Never a sum, a mean or a maximum of ratios."""
    source = provider(*CONTRACT.metrics)
    requests = source.get_meter("app").create_counter("techsapo.cache.requests")
    for number in range(16):
        requests.add(1, {"cache_type": f"c{number}", "result": "hit"})
    requests.add(30, {"cache_type": "x", "result": "hit"})
    requests.add(70, {"cache_type": "y", "result": "miss"})
    assert values(source, "techsapo_cache_hit_ratio")["other",] == 0.3
