"""The simulated providers: what they do can be told beforehand, and computed again."""

import re
import subprocess
import sys
from itertools import combinations
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_integration.simulator import (
    PROVIDERS,
    Behaviour,
    BehaviourError,
    Prompt,
    Simulator,
    behaviours,
    tokens,
    verdict,
)
from app_integration.simulator.chance import chance

COMMAND = [sys.executable, "-m", "app_integration.simulator"]


def prompt(question: str, *, streamed: bool = False) -> Prompt:
    """Return a prompt of one question."""
    return Prompt("gpt-5", "", (("user", question),), streamed=streamed)


def test_chance_depends_on_what_it_is_asked_only() -> None:
    """The same parts have the same number, others have others, all over the range."""
    drawn = [chance(1, "part", number) for number in range(2_000)]
    assert drawn == [chance(1, "part", number) for number in range(2_000)]
    assert drawn != [chance(2, "part", number) for number in range(2_000)]
    assert [0, 9] == [int(min(drawn) * 10), int(max(drawn) * 10)]
    assert pytest.approx(0.5, abs=0.02) == fmean(drawn)


@given(st.integers(), st.text())
def test_chance_is_below_one(seed: int, part: str) -> None:
    """So that a rate of 1 is always met, and one of 0 never."""
    assert 0.0 <= chance(seed, part) < 1.0


@pytest.mark.parametrize(("text", "expected"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("é" * 9, 3)])
def test_a_token_is_four_characters_begun(text: str, expected: int) -> None:
    """The rule that a caller counts by."""
    assert expected == tokens(text)


def shared(disagreement: float, turn: int) -> float:
    """Return the share of findings that two providers have in common, over many questions and all pairs."""
    shares = []
    for number in range(50):
        said = [verdict(1, f"question {number}", provider, turn, disagreement) for provider in PROVIDERS]
        found = [re.findall(r"\w+", text)[1:] for text in said]
        shares += [fmean(one == other for one, other in zip(*pair, strict=True)) for pair in combinations(found, 2)]
    return fmean(shares)


def test_providers_agree_as_far_as_they_are_told_to() -> None:
    """Two of them share what neither changed; each further round halves what they change."""
    assert 1.0 == shared(0.0, 1)
    assert pytest.approx(0.9**2, abs=0.02) == shared(0.1, 1)
    assert pytest.approx(0.5**2, abs=0.04) == shared(0.5, 1)
    assert pytest.approx(0.75**2, abs=0.04) == shared(0.5, 2)
    assert pytest.approx(0.0, abs=0.05) == shared(1.0, 1)


def test_a_provider_that_hears_the_others_keeps_no_new_opinion() -> None:
    """What is its own in a later round was its own before: rounds come closer, they do not jump about."""
    first, second = (re.findall(r"\w+", verdict(1, "what?", "openai", turn, disagreement=0.6))[1:] for turn in (1, 2))
    common = re.findall(r"\w+", verdict(1, "what?", "openai", 1, disagreement=0.0))[1:]
    changed = {place for place, (one, other) in enumerate(zip(first, common, strict=True)) if one != other}
    still = {place for place, (one, other) in enumerate(zip(second, common, strict=True)) if one != other}
    assert still < changed


@pytest.mark.parametrize(
    ("field", "outcome"), [("timeout_rate", "timeout"), ("rate_limited_rate", "rate_limited"), ("error_rate", "error")]
)
def test_so_many_calls_fail_as_the_rate_says(field: str, outcome: str) -> None:
    """None at 0, all at 1, and about a third at a third: the same ones each time."""
    questions = [prompt(f"question {number}") for number in range(600)]
    found = {}
    for rate in (0.0, 1 / 3, 1.0):
        simulator = Simulator(behaviours([f"openai.{field}={rate}"]))
        failed = [simulator.outcome("openai", each) == outcome for each in questions]
        assert failed == [simulator.outcome("openai", each) == outcome for each in questions]
        found[rate] = fmean(failed)
        assert {"success"} == {simulator.outcome("anthropic", each) for each in questions}
    assert {0.0: 0.0, 1 / 3: pytest.approx(1 / 3, abs=0.05), 1.0: 1.0} == found


def test_rates_share_the_calls_among_them() -> None:
    """Two of a half leave nothing over."""
    simulator = Simulator(behaviours(["openai.error_rate=0.5", "openai.rate_limited_rate=0.5"]))
    outcomes = {simulator.outcome("openai", prompt(f"question {number}")) for number in range(100)}
    assert {"error", "rate_limited"} == outcomes


def test_only_a_stream_is_cut() -> None:
    """A whole answer has nothing that could break off."""
    simulator = Simulator(behaviours(["openai.cut_stream_rate=1"]))
    assert "cut" == simulator.outcome("openai", prompt("what?", streamed=True))
    assert "success" == simulator.outcome("openai", prompt("what?"))


def test_an_answer_takes_its_time_give_or_take() -> None:
    """Never less than nothing."""
    simulator = Simulator(behaviours(["openai.latency_seconds=1", "openai.latency_spread_seconds=0.5"]))
    taken = [simulator.latency("openai", prompt(f"question {number}")) for number in range(200)]
    assert 0.5 <= min(taken) < 0.6 < 1.4 < max(taken) <= 1.5
    early = Simulator(behaviours(["openai.latency_seconds=0.1", "openai.latency_spread_seconds=9"]))
    assert 0.0 == min(early.latency("openai", prompt(f"question {number}")) for number in range(20))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("openai.error_rate=2", "error_rate: got '2': Input should be less than or equal to 1"),
        ("openai.error_rate=nan", "error_rate: got 'nan': Input should be"),
        ("openai.latency_seconds=-1", "latency_seconds: got '-1': Input should be greater than or equal to 0"),
        ("openai.errors=1", "errors: got '1': Extra inputs are not permitted; there are latency_seconds, "),
        ("gemini.error_rate=1", "a setting is <provider>.<field>=<value>, a provider openai, anthropic, gcp.gemini"),
        ("openai.error_rate", "a setting is <provider>.<field>=<value>"),
        ("error_rate=1", "a setting is <provider>.<field>=<value>"),
    ],
)
def test_a_wrong_setting_is_refused(setting: str, message: str) -> None:
    """The message says what was got and what would be right."""
    with pytest.raises(BehaviourError, match=re.escape(message)):
        behaviours([setting])


def test_settings_change_what_they_name() -> None:
    """Each provider has its own behaviour; a dot in its name does no harm."""
    found = behaviours(["gcp.gemini.unpriced=true", "openai.disagreement=0.5"], Behaviour(cached_share=0.25))
    assert Behaviour(cached_share=0.25, unpriced=True) == found["gcp.gemini"]
    assert Behaviour(cached_share=0.25, disagreement=0.5) == found["openai"]
    assert Behaviour(cached_share=0.25) == found["anthropic"]


def test_the_command_refuses_a_wrong_setting() -> None:
    """With one line and the status that argparse has for it."""
    command = [*COMMAND, "--set", "openai.error_rate=2"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert 2 == ended.returncode
    assert "error_rate: got '2'" in ended.stderr.splitlines()[-1]
