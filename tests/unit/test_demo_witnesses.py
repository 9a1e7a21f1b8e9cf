"""Those who know what the demo's figures must be: answers, providers, the system; and what must have moved."""

import os
from collections.abc import Mapping

import pytest

from app_integration.demo import system
from app_integration.demo.answers import Answers
from app_integration.demo.command import SCENARIO_NAMES
from app_integration.demo.comparison import Claim
from app_integration.demo.exchanges import Exchanges
from app_integration.demo.figures import Figures
from app_integration.demo.movement import still, unwitnessed
from app_integration.demo.providers import Providers
from app_integration.demo.scenarios import SCENARIOS
from telemetry.contract import CONTRACT, MetricType

ANSWER: Mapping[str, object] = {
    "cached": False,
    "confidence": 0.9,
    "agreements": {"anthropic:openai": 0.9},
    "providers": [{"provider": "openai", "status": "success"}, {"provider": "anthropic", "status": "timeout"}],
}


def by_metric(claims: list[Claim]) -> dict[str, Mapping[str, float]]:
    """What is claimed of each metric."""
    return {claim.metric: claim.sent for claim in claims}


def test_answers_tell_who_took_part_and_what_came_out() -> None:
    """One from the cache is no analysis; a refusal tells in its words who failed."""
    answers = Answers()
    answers.analysed("basic", ANSWER)
    answers.analysed("basic", {**ANSWER, "cached": True})
    answers.failed("premium", "fewer than two providers answered (openai: error, gcp.gemini: rate_limited)")
    claims = by_metric(answers.claims())
    assert claims["techsapo_wallbounce_requests_total"] == {
        "basic openai success": 1,
        "basic anthropic timeout": 1,
        "premium openai error": 1,
        "premium gcp.gemini rate_limited": 1,
    }
    assert claims["techsapo_wallbounce_processing_duration_seconds_count"] == {"": 2}
    assert claims["techsapo_wallbounce_consensus_confidence_count"] == {"": 1}
    assert claims["techsapo_llm_agreement_score_sum"] == {"anthropic:openai": 0.9}


def test_providers_tell_calls_tokens_and_what_they_cost() -> None:
    """At the packaged prices; a stream that was cut before it told its tokens has none."""
    from app_integration.simulator.served import Told

    providers = Providers()
    served = providers._simulator.served
    served.count("openai", "gpt-5", "success", "gpt-5-2025-08-07", Told(700, 300, 500, 400))
    served.count("openai", "gpt-5", "cut", "gpt-5-2025-08-07", Told())
    served.count("openai", "gpt-5", "rate_limited")
    claims = by_metric(providers.claims())
    assert claims["techsapo_llm_requests_total"] == {
        "openai gpt-5 success": 1,
        "openai gpt-5 error": 1,
        "openai gpt-5 rate_limited": 1,
    }
    assert claims["techsapo_llm_token_usage_total"] == {"openai input": 1_000, "openai output": 500}
    assert claims["techsapo_wallbounce_cost_usd"] == {"openai": pytest.approx((700 * 1.25 + 300 * 0.125 + 5_000) / 1e6)}
    assert claims["techsapo_llm_unpriced_calls_total"] == {"openai": 1}
    assert providers.failures() == {"openai": 2}


def test_the_system_tells_what_is_resident() -> None:
    """Of a process that is there; of another one nothing."""
    assert {claim.metric for claim in system.claims(os.getpid(), 10)} == {
        "nodejs_eventloop_lag_seconds_count",
        "nodejs_heap_size_total_bytes",
        "techsapo_memory_usage_bytes",
    }
    assert system.claims(2**30, 10) == []


def moving(*left_out: str) -> Figures:
    """Figures in which every metric has moved but these."""
    return Figures.of_samples(
        (
            (metric.name if metric.type is not MetricType.HISTOGRAM else f"{metric.name}_count", {}, 1.0)
            for metric in CONTRACT.metrics
            if metric.name not in left_out
        ),
        1.0,
    )


def test_what_stands_still_is_named() -> None:
    """Unless there is a reason: nothing went wrong, or there is no such server."""
    redis, cost = "techsapo_redis_operations_total", "techsapo_wallbounce_cost_usd"
    unpriced = "techsapo_llm_unpriced_calls_total"
    figures = moving(redis, cost, unpriced)
    excused, unmoved = still(figures, 10, redis=True, mysql=True)
    assert (set(excused), set(unmoved)) == ({unpriced}, {redis, cost})
    excused, unmoved = still(figures, 10, redis=False, mysql=True)
    assert (set(excused), set(unmoved)) == ({unpriced, redis}, {cost})
    assert still(moving(), 10, redis=True, mysql=True) == ({}, ())


def test_what_moved_and_nobody_else_knows_is_named() -> None:
    """A histogram is known by any of its samples."""
    claimed = [metric.name for metric in CONTRACT.metrics if metric.type is not MetricType.HISTOGRAM]
    claimed += [f"{metric.name}_sum" for metric in CONTRACT.metrics if metric.type is MetricType.HISTOGRAM]
    assert unwitnessed(moving(), claimed) == ()
    claimed.remove("nodejs_gc_duration_seconds_sum")
    assert unwitnessed(moving(), claimed) == ("nodejs_gc_duration_seconds",)
    assert unwitnessed(moving("nodejs_gc_duration_seconds"), claimed) == ()


def test_a_counter_that_is_zero_has_not_moved() -> None:
    """A gauge may be."""
    zero = Figures.of_samples([("techsapo_errors_total", {}, 0.0), ("techsapo_queue_size", {}, 0.0)], 1.0)
    _, unmoved = still(zero, 10, redis=True, mysql=True)
    assert "techsapo_errors_total" in unmoved
    assert "techsapo_queue_size" not in unmoved


def test_a_short_demo_excuses_what_had_no_time() -> None:
    """Somebody stopped it at once."""
    excused, unmoved = still(moving("techsapo_rate_limit_hits_total"), 1, redis=True, mysql=True)
    assert (excused, unmoved) == ({"techsapo_rate_limit_hits_total": "there was little time"}, ())


@pytest.mark.parametrize("errors", [False, True])
def test_errors_stand_still_where_nobody_knows_of_any(errors: bool) -> None:
    """Where somebody does, they were not counted."""
    excused, unmoved = still(moving("techsapo_errors_total"), 60, redis=True, mysql=True, errors=errors)
    assert (() if not errors else ("techsapo_errors_total",)) == unmoved
    assert ({} if errors else {"techsapo_errors_total": "nothing went wrong"}) == excused


def test_scenarios_are_those_that_the_command_names() -> None:
    """And the kinds of requests that they change are there."""
    assert tuple(SCENARIOS) == SCENARIO_NAMES
    kinds = set(Exchanges.kinds(Exchanges.__new__(Exchanges)))
    assert set() == {kind for scenario in SCENARIOS.values() for kind in scenario.shares} - kinds
