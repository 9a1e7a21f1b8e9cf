"""The reference app under `opentelemetry-instrument`: figures, computed again from its answers and the simulator."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

import pytest

from app_integration.simulator import UNPRICED_MODEL
from tests.support import ports
from tests.support.instrumented import environment, under_instrument
from tests.support.processes import Server
from tests.support.reference_app import Labels, Page, Traffic, send

APP = "app_integration.reference_app:app"
TASK_TYPES = ("basic", "premium", "critical")

# USD per million tokens as the providers publish them: input, input from the cache, output.
PRICES = {
    "openai": (1.25, 0.125, 10.0),
    "anthropic": (3.0, 0.3, 15.0),
    "gcp.gemini": (1.25, 0.125, 10.0),
    "openrouter": (0.26, 0.13, 0.38),
}
BUDGET_USD = 50.0

Calls = list[dict[str, object]]
Figures = tuple[Page, Traffic, Calls]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """The figures after some analyses of each kind; nothing moves any more."""
    port, page = ports.free_port(), ports.free_port()
    env = environment(
        OTEL_EXPORTER_PROMETHEUS_PORT=str(page),
        REFERENCE_APP_LATENCY_SECONDS="0",
        REFERENCE_APP_PROVIDER_TIMEOUT_SECONDS="1",
        REFERENCE_APP_BREAKER_FAILURES="3",
        REFERENCE_APP_BREAKER_SECONDS="3600",
        REFERENCE_APP_RATE_LIMIT="1000",
        REFERENCE_APP_BUDGET_USD=str(BUDGET_USD),
        REFERENCE_APP_SIMULATOR_BEHAVIOUR=" ".join(
            f"{provider}.{each}" for provider in PRICES for each in ("disagreement=0.3", "cached_share=0.25")
        ),
    )
    # Keys of whoever runs the tests would make it call the real providers.
    env = {name: value for name, value in env.items() if not name.endswith("_API_KEY")}
    directory = tmp_path_factory.mktemp("figures")
    server = Server(
        under_instrument("uvicorn", APP, "--port", str(port)),
        output=directory / "log",
        ready=lambda: ports.is_listening(port),
        env=env,
    )
    with server:
        traffic = Traffic(f"http://{ports.LOOPBACK}:{port}")
        simulator = str(send(f"{traffic.url}/health")[1]["providers"])
        drive(traffic, simulator)
        calls = send(f"{simulator}/simulator/stats")[1]["calls"]
        assert isinstance(calls, list)
        return Page(page), traffic, calls


def drive(traffic: Traffic, simulator: str) -> None:
    """Ask on a good day, then with one kind of trouble after the other."""

    def let(provider: str, **behaviour: float) -> None:
        assert 200 == send(f"{simulator}/simulator/{provider}", "PUT", behaviour)[0]

    for number in range(8):
        for task_type in TASK_TYPES:
            traffic.ask(f"question {number}", task_type)
    for task_type in TASK_TYPES:
        traffic.ask("question 0", task_type)
    for provider, trouble in (
        ("gcp.gemini", "rate_limited_rate"),
        ("anthropic", "timeout_rate"),
        ("openrouter", "unpriced"),
        ("openai", "cut_stream_rate"),
        ("anthropic", "cut_stream_rate"),
    ):
        let(provider, **{trouble: 1})
        traffic.ask(f"what of {provider} and {trouble}?", "critical")
        let(provider, **{trouble: 0})
        traffic.ask(f"what after {provider} and {trouble}?", "critical")
    let("openai", error_rate=1)
    for number in range(4):
        traffic.ask(f"without openai {number}", "critical")
    for provider in PRICES:
        let(provider, error_rate=1)
    traffic.ask("without anybody", "basic")


def participations(traffic: Traffic) -> Counter[Labels]:
    """Return who took part in what, and how: the answers tell it, and the refusal in its words."""
    found: Counter[Labels] = Counter()
    for answer in traffic.analysed:
        assert isinstance(answer["providers"], list)
        found.update((each["provider"], each["status"], str(answer["task_type"])) for each in answer["providers"])
    for task_type, _, detail in traffic.refusals:
        found.update((provider, status, task_type) for provider, status in re.findall(r"([\w.]+): (\w+)", detail))
    return found


def numbers(traffic: Traffic, name: str) -> list[float]:
    """Return a number of each answer that did not come from the cache."""
    return [float(str(answer[name])) for answer in traffic.analysed]


def cost_of(call: Mapping[str, object]) -> float:
    """Return what calls of one kind cost by the published prices."""
    if call["response_model"] == UNPRICED_MODEL:
        return 0.0
    rates = PRICES[str(call["provider"])]
    kinds = ("input", "cache_read", "output")
    return sum(int(str(call[kind])) * rate for kind, rate in zip(kinds, rates, strict=True)) / 1e6


def test_the_traffic_was_what_it_was_to_be(figures: Figures) -> None:
    """Every kind of outcome is among the calls, several rounds among the analyses, and one that failed."""
    _, traffic, calls = figures
    assert {"success", "error", "rate_limited", "timeout", "cut"} == {call["outcome"] for call in calls}
    assert {1, 2, 3} == set(numbers(traffic, "rounds"))
    assert [("basic", 502)] == [refusal[:2] for refusal in traffic.refusals]
    assert 3 == sum(answer["cached"] is True for answer in traffic.answers)


def test_participations_are_those_of_the_answers(figures: Figures) -> None:
    """Each provider once an analysis, whatever the rounds; a breaker that is open is an error."""
    page, traffic, _ = figures
    assert participations(traffic) == page.series("techsapo_wallbounce_requests_total")


def test_confidence_and_duration_are_those_of_the_analyses(figures: Figures) -> None:
    """One that came from the cache is none; one without consensus has a duration."""
    page, traffic, _ = figures
    confidences = numbers(traffic, "confidence")
    assert len(confidences) == page.value("techsapo_wallbounce_consensus_confidence_count")
    assert pytest.approx(math.fsum(confidences)) == page.value("techsapo_wallbounce_consensus_confidence_sum")
    analyses = len(confidences) + len(traffic.refusals)
    assert analyses == page.value("techsapo_wallbounce_processing_duration_seconds_count")


def test_agreements_are_those_of_the_answers(figures: Figures) -> None:
    """By pair, one an analysis, that of the last round."""
    page, traffic, _ = figures
    scores: dict[Labels, list[float]] = defaultdict(list)
    for answer in traffic.analysed:
        assert isinstance(answer["agreements"], dict)
        for pair, score in answer["agreements"].items():
            scores[(pair,)].append(score)
    counts, sums = (page.series(f"techsapo_llm_agreement_score_{suffix}") for suffix in ("count", "sum"))
    assert {pair: len(found) for pair, found in scores.items()} == counts
    assert {pair: pytest.approx(math.fsum(found)) for pair, found in scores.items()} == sums
    assert 6 == len(counts)


def test_calls_are_those_of_the_simulator(figures: Figures) -> None:
    """By provider, model and outcome; a stream that broke off is an error."""
    page, _, calls = figures
    expected: Counter[Labels] = Counter()
    for call in calls:
        status = "error" if call["outcome"] == "cut" else str(call["outcome"])
        expected[str(call["model"]), str(call["provider"]), status] += int(str(call["calls"]))
    got: Counter[Labels] = Counter()
    for (model, provider, status, _), value in page.series("techsapo_llm_requests_total").items():
        got[model, provider, status] += int(value)
    assert expected == got
    times = page.series("techsapo_llm_response_time_seconds_count")
    by_model: Counter[Labels] = Counter()
    for (model, provider, _), value in expected.items():
        by_model[model, provider] += value
    assert by_model == times


def test_tokens_are_those_of_the_simulator(figures: Figures) -> None:
    """What the cache held is input, what was reasoned output; a stream that broke off counts what it told."""
    page, _, calls = figures
    expected: Counter[Labels] = Counter()
    for call in calls:
        model, provider = str(call["model"]), str(call["provider"])
        expected[model, provider, "input"] += int(str(call["input"])) + int(str(call["cache_read"]))
        expected[model, provider, "output"] += int(str(call["output"]))
    assert expected == page.series("techsapo_llm_token_usage_total")


def test_cost_is_that_of_the_tokens(figures: Figures) -> None:
    """By provider as the tokens cost, by task type as the answers tell, in all as the budget's guard has it."""
    page, traffic, calls = figures
    by_provider: dict[str, float] = defaultdict(float)
    by_task_type: dict[str, float] = defaultdict(float)
    # The parser gives every counter the ending, also this one.
    for (provider, task_type), value in page.series("techsapo_wallbounce_cost_usd_total").items():
        by_provider[provider] += value
        by_task_type[task_type] += value
    costs = [(call["provider"], cost_of(call)) for call in calls]
    expected = {name: math.fsum(cost for provider, cost in costs if provider == name) for name in PRICES}
    assert {provider: pytest.approx(cost, abs=1e-9) for provider, cost in expected.items()} == by_provider
    told = {
        task_type: math.fsum(float(str(each["cost_usd"])) for each in traffic.answers if each["task_type"] == task_type)
        for task_type in TASK_TYPES
    }
    assert {task_type: pytest.approx(cost, abs=1e-9) for task_type, cost in told.items()} == by_task_type
    assert pytest.approx(math.fsum(expected.values()), abs=1e-9) == page.value("techsapo_budget_spent_today_usd")
    assert BUDGET_USD == page.value("techsapo_budget_daily_limit_usd")


def test_what_has_no_price_is_counted(figures: Figures) -> None:
    """A model that no table has, and an answer that broke off before it told its tokens."""
    page, _, calls = figures
    expected: Counter[Labels] = Counter()
    for call in calls:
        if call["response_model"] == UNPRICED_MODEL or (call["outcome"], call["provider"]) == ("cut", "openai"):
            expected[str(call["model"]), str(call["provider"])] += int(str(call["calls"]))
    assert expected == page.series("techsapo_llm_unpriced_calls_total")


def test_the_breaker_of_who_failed_is_open(figures: Figures) -> None:
    """Three in a row did it; those that failed once are closed."""
    page, _, _ = figures
    expected = {(provider, "closed"): 1.0 for provider in PRICES} | {("openai", "open"): 1.0}
    del expected["openai", "closed"]
    assert expected == page.series("techsapo_circuit_breaker_state")


def test_errors_are_counted_once(figures: Figures) -> None:
    """Each call that failed, in its provider's name, and the analysis that came to nothing."""
    page, _, calls = figures
    expected: Counter[str] = Counter(analyzer=1)
    for call in calls:
        if call["outcome"] != "success":
            expected[str(call["provider"])] += int(str(call["calls"]))
    got: Counter[str] = Counter()
    for (_, service, _), value in page.series("techsapo_errors_total").items():
        got[service] += int(value)
    assert expected == got


def test_the_cache_and_the_archive_tell_what_they_hold(figures: Figures) -> None:
    """Three questions were asked twice; nothing waits for an archive that keeps nothing."""
    page, traffic, _ = figures
    misses = len(traffic.analysed) + len(traffic.refusals)
    assert {("memory", "hit"): 3, ("memory", "miss"): misses} == page.series("techsapo_cache_requests_total")
    assert {} == page.series("techsapo_queue_size")
