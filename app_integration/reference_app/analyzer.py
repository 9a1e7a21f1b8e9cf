"""The wall-bounce: a question goes to several providers at once, and back to them until their answers agree."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from zlib import crc32

from app_integration.errors import count_error
from app_integration.llm.errors import status_of
from app_integration.reference_app.breakers import Breakers, CircuitBreakerError
from app_integration.reference_app.consensus import Consensus, consensus
from app_integration.reference_app.providers import Provider, Turn
from app_integration.reference_app.verdict import Participation, TaskType, Verdict
from app_integration.wallbounce import analysis


@dataclass(frozen=True, slots=True)
class Plan:
    """How many providers are asked, and in how many rounds at most."""

    providers: int
    rounds: int


PLANS: Final[Mapping[TaskType, Plan]] = MappingProxyType(
    {"basic": Plan(2, 1), "premium": Plan(3, 2), "critical": Plan(4, 3)}
)

# An answer needs another one to agree with.
_FEWEST: Final = 2

_AGAIN: Final = "Others have answered:\n\n{others}\n\nWeigh what they say, and give your verdict again."


class NoConsensusError(Exception):
    """Fewer than two providers answered."""

    def __init__(self, providers: Sequence[Participation]) -> None:
        told = ", ".join(f"{each.provider}: {each.status}" for each in providers)
        super().__init__(f"fewer than two providers answered ({told})")
        self.providers = providers


@dataclass(slots=True, eq=False)
class _Participant:
    """A provider in an analysis: what was said to it and by it, and the error that ended its part."""

    provider: Provider
    conversation: list[Turn] = field(default_factory=list)
    error: Exception | None = None

    @property
    def name(self) -> str:
        return self.provider.name

    def told(self) -> Participation:
        return Participation.model_validate(
            {"provider": self.name, "model": self.provider.model, "status": status_of(self.error)}
        )


class Analyzer:
    """Asks `providers`, each behind its breaker, until the confidence in their answers is `threshold` (0 to 1) or more.

    Which of them are asked depends on the question, so that all have their share. `may_go_on` is asked before each
    round but the first: without, the consensus that there is holds.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        breakers: Breakers,
        threshold: float,
        may_go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._providers = tuple(providers)
        self._breakers = breakers
        self._threshold = threshold
        self._may_go_on = may_go_on

    async def analyse(self, question: str, task_type: TaskType) -> tuple[Verdict, int]:
        """Return the verdict on a question, and what it cost in pico-dollars.

        Who fails takes no further part. Where that leaves fewer than two in the first round, those who were not to be
        asked stand in; in a later one the consensus of the round before holds.

        Raises:
            NoConsensusError: fewer than two answered.
        """
        plan = PLANS[task_type]
        with analysis(task_type=task_type) as account:
            first = crc32(question.encode()) % len(self._providers)
            order = [_Participant(provider) for provider in (*self._providers[first:], *self._providers[:first])]
            participants, reserve = order[: plan.providers], order[plan.providers :]
            answers = await self._first_round(question, participants, reserve)
            found: Consensus | None = None
            rounds = 0
            while len(answers) >= _FEWEST:
                found = consensus(answers)
                rounds += 1
                if found.confidence >= self._threshold or rounds == plan.rounds or not self._may_go_on():
                    break
                answers = await self._further_round(participants, answers)
            told = [participant.told() for participant in participants]
            for each in told:
                account.participated(each.provider, each.status)
            if found is None:
                raise NoConsensusError(told)
            for (one, other), share in found.agreements.items():
                account.agreement(one, other, share)
            account.consensus(found.confidence)
        verdict = Verdict(
            answer=found.answer,
            confidence=found.confidence,
            rounds=rounds,
            agreements={":".join(pair): share for pair, share in found.agreements.items()},
            providers=told,
        )
        return verdict, account.cost_picodollars

    async def _first_round(
        self, question: str, participants: list[_Participant], reserve: list[_Participant]
    ) -> dict[str, str]:
        answers = await self._ask(dict.fromkeys(participants, question))
        while len(answers) < _FEWEST and reserve:
            stand_in = reserve.pop(0)
            participants.append(stand_in)
            answers |= await self._ask({stand_in: question})
        return answers

    async def _further_round(self, participants: list[_Participant], answers: Mapping[str, str]) -> dict[str, str]:
        texts = {}
        for each in participants:
            if each.name in answers:
                others = "\n\n".join(text for name, text in answers.items() if name != each.name)
                texts[each] = _AGAIN.format(others=others)
        return await self._ask(texts)

    async def _ask(self, texts: Mapping[_Participant, str]) -> dict[str, str]:
        """Say to each participant what is for it, all at once; return the answers of those that gave one."""
        answers = await asyncio.gather(*(self._ask_one(each, text) for each, text in texts.items()))
        return {each.name: answer for each, answer in zip(texts, answers, strict=True) if answer is not None}

    async def _ask_one(self, participant: _Participant, text: str) -> str | None:
        participant.conversation.append(Turn("user", text))
        try:
            with self._breakers.guarding(participant.name):
                answer = await participant.provider.ask(participant.conversation)
        except CircuitBreakerError as error:
            # Nothing has happened that was not counted when the breaker opened.
            participant.error = error
            return None
        except Exception as error:  # noqa: BLE001  # SDKs and their HTTP clients have no base of errors in common
            count_error(error, severity="warning", service=participant.name)
            participant.error = error
            return None
        participant.conversation.append(Turn("assistant", answer))
        return answer
