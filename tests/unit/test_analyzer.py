"""The wall-bounce, with providers of the tests' own: who is asked what, and what comes of it."""

import asyncio
import re
from collections.abc import Callable, Sequence
from zlib import crc32

import pytest

from app_integration.reference_app.analyzer import PLANS, Analyzer, NoConsensusError
from app_integration.reference_app.breakers import Breakers
from app_integration.reference_app.providers import EmptyAnswerError, Turn
from app_integration.reference_app.verdict import TaskType, Verdict

NAMES = ("openai", "anthropic", "gcp.gemini", "openrouter")

Answers = Callable[[int], str | Exception]


class Scripted:
    """A provider whose answer to its n-th turn is `answers(n)`; an exception is raised."""

    model = "a-model"

    def __init__(self, name: str, answers: Answers) -> None:
        self.name = name
        self._answers = answers
        self.asked: list[list[Turn]] = []

    async def ask(self, conversation: Sequence[Turn]) -> str:
        """Answer by the script."""
        self.asked.append(list(conversation))
        answer = self._answers(len(self.asked))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        """Nothing is open."""


def always(answer: str | Exception) -> Answers:
    """Return a script of one answer."""
    return lambda _: answer


def question_for(first: str) -> str:
    """Return a question that this provider is the first to be asked."""
    return next(text for text in map(str, range(99)) if NAMES[crc32(text.encode()) % len(NAMES)] == first)


def analyse(
    providers: Sequence[Scripted], task_type: TaskType, question: str, *, threshold: float = 0.8
) -> tuple[Verdict, int]:
    """Run one analysis; its breakers are new."""
    analyzer = Analyzer(providers, Breakers(NAMES, 5, 60.0), threshold)
    return asyncio.run(analyzer.analyse(question, task_type))


def scripted(**answers: Answers) -> list[Scripted]:
    """Return all four providers; they answer `yes` unless told otherwise."""
    return [Scripted(name, answers.get(name.rpartition(".")[2], always("yes"))) for name in NAMES]


@pytest.mark.parametrize(("task_type", "asked"), [("basic", 2), ("premium", 3), ("critical", 4)])
def test_a_task_type_chooses_how_many_are_asked(task_type: TaskType, asked: int) -> None:
    """Beginning with the one that the question falls to; one round is enough where they agree."""
    providers = scripted()
    verdict, _ = analyse(providers, task_type, question_for("gcp.gemini"))
    expected = ["gcp.gemini", "openrouter", "openai", "anthropic"][:asked]
    assert expected == [each.provider for each in verdict.providers]
    assert {"success"} == {each.status for each in verdict.providers}
    assert (1.0, 1, "yes") == (verdict.confidence, verdict.rounds, verdict.answer)
    assert asked == sum(len(provider.asked) for provider in providers)


def test_questions_spread_over_the_providers() -> None:
    """Each is asked about as often as the others."""
    providers = scripted()
    for number in range(200):
        analyse(providers, "basic", f"question {number}")
    assert all(70 < len(provider.asked) < 130 for provider in providers)


def test_answers_are_bounced_until_they_agree() -> None:
    """Each hears what the others said, not who they are, and has its own answer in mind."""
    providers = scripted(openai=lambda turn: "no" if turn == 1 else "yes")
    question = question_for("openai")
    verdict, _ = analyse(providers, "premium", question)
    assert (2, 1.0) == (verdict.rounds, verdict.confidence)
    assert [[Turn("user", question)]] == [list(conversation) for conversation in providers[0].asked[:1]]
    again = providers[0].asked[1]
    assert [("user", question), ("assistant", "no")] == [(turn.role, turn.text) for turn in again[:2]]
    assert "Others have answered:\n\nyes\n\nyes\n\n" in again[2].text
    assert "no\n\nyes" in providers[1].asked[1][2].text
    assert not any(name in again[2].text for name in NAMES)


@pytest.mark.parametrize("task_type", ["basic", "premium", "critical"])
def test_rounds_have_an_end(task_type: TaskType) -> None:
    """Who never agrees is asked as often as the plan says; the confidence tells it."""
    providers = scripted(**{name.rpartition(".")[2]: always(f"word{place}") for place, name in enumerate(NAMES)})
    verdict, _ = analyse(providers, task_type, "what?")
    assert (PLANS[task_type].rounds, 0.0) == (verdict.rounds, verdict.confidence)
    assert {PLANS[task_type].rounds, 0} >= {len(provider.asked) for provider in providers}


def test_no_round_begins_once_there_is_no_money_left() -> None:
    """The consensus of the round that was paid for holds; the first is the caller's to refuse."""
    providers = scripted(**{name.rpartition(".")[2]: always(f"word{place}") for place, name in enumerate(NAMES)})
    left = iter([True, False])
    analyzer = Analyzer(providers, Breakers(NAMES, 5, 60.0), 0.8, lambda: next(left))
    verdict, _ = asyncio.run(analyzer.analyse("what?", "critical"))
    assert (2, 0.0) == (verdict.rounds, verdict.confidence)
    assert {2} == {len(provider.asked) for provider in providers}


def test_who_fails_takes_no_part_in_the_consensus() -> None:
    """Its status says why; the others' answers count."""
    providers = scripted(anthropic=always(TimeoutError()), openrouter=always(EmptyAnswerError()))
    verdict, _ = analyse(providers, "critical", question_for("openai"))
    assert {"openai": "success", "anthropic": "timeout", "gcp.gemini": "success", "openrouter": "error"} == {
        each.provider: each.status for each in verdict.providers
    }
    assert {"gcp.gemini:openai": 1.0} == verdict.agreements


def test_others_stand_in_where_one_answer_is_not_enough() -> None:
    """The rest of the providers are asked, one after the other, until there are two answers."""
    providers = scripted(openai=always(TimeoutError()), anthropic=always(TimeoutError()))
    verdict, _ = analyse(providers, "basic", question_for("openai"))
    assert [
        ("openai", "timeout"),
        ("anthropic", "timeout"),
        ("gcp.gemini", "success"),
        ("openrouter", "success"),
    ] == [(each.provider, each.status) for each in verdict.providers]
    one_failed, _ = analyse(scripted(openai=always(TimeoutError())), "basic", question_for("openai"))
    assert ["openai", "anthropic", "gcp.gemini"] == [each.provider for each in one_failed.providers]


def test_with_fewer_than_two_answers_there_is_no_consensus() -> None:
    """The error says what became of each."""
    failing = {name: always(TimeoutError()) for name in ("openai", "anthropic", "gemini")}
    told = "openai: timeout, anthropic: timeout, gcp.gemini: timeout, openrouter: success"
    with pytest.raises(NoConsensusError, match=re.escape(told)):
        analyse(scripted(**failing), "basic", question_for("openai"))


def test_who_fails_in_a_later_round_was_there_before() -> None:
    """With two left they come to a consensus of their own; with one the round before holds."""
    leaving: Answers = lambda turn: f"w{turn} same" if turn == 1 else TimeoutError()  # noqa: E731  # a script
    providers = scripted(openai=leaving, anthropic=always("other words"))
    verdict, _ = analyse(providers, "premium", question_for("openai"))
    assert ({"anthropic:gcp.gemini": 0.0}, 2) == (verdict.agreements, verdict.rounds)
    assert "timeout" == verdict.providers[0].status
    providers = scripted(openai=leaving, anthropic=leaving)
    verdict, _ = analyse(providers, "premium", question_for("openai"))
    assert ({"anthropic:gcp.gemini", "anthropic:openai", "gcp.gemini:openai"}, 1) == (
        set(verdict.agreements),
        verdict.rounds,
    )
    assert ["timeout", "timeout", "success"] == [each.status for each in verdict.providers]


def test_who_fails_again_and_again_is_not_asked_for_a_while() -> None:
    """Its breaker is open: it takes part with an error, without a call."""
    providers = scripted(openai=always(TimeoutError()))
    analyzer = Analyzer(providers, Breakers(NAMES, 3, 60.0), 0.8)
    statuses = []
    for _ in range(5):
        verdict, _ = asyncio.run(analyzer.analyse(question_for("openai"), "critical"))
        statuses.append(verdict.providers[0].status)
    assert ["timeout"] * 3 + ["error"] * 2 == statuses
    assert 3 == len(providers[0].asked)


def test_a_provider_is_asked_again_when_its_time_has_come() -> None:
    """One that answers then is back."""
    providers = scripted(openai=lambda turn: TimeoutError() if turn <= 2 else "yes")
    analyzer = Analyzer(providers, Breakers(NAMES, 2, 0.0), 0.8)
    statuses = [
        asyncio.run(analyzer.analyse(question_for("openai"), "critical"))[0].providers[0].status for _ in range(4)
    ]
    assert ["timeout", "timeout", "success", "success"] == statuses


def test_providers_are_asked_at_once() -> None:
    """The slowest one decides how long a round takes, not their sum: all wait for each other here."""
    together = asyncio.Barrier(4)

    class Waiting(Scripted):
        async def ask(self, conversation: Sequence[Turn]) -> str:
            await asyncio.wait_for(together.wait(), 10)
            return await super().ask(conversation)

    verdict, _ = analyse([Waiting(name, always("yes")) for name in NAMES], "critical", "what?")
    assert 1.0 == verdict.confidence
