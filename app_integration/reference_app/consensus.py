"""How far answers agree, and which of them stands for all.

Two texts agree by the cosine of their word counts: 1 for the same words equally often, 0 for no word in common. It
needs no model and no network, and anybody can compute it again. Source: Salton and McGill, Introduction to Modern
Information Retrieval (1983), the vector space model.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

_WORD = re.compile(r"\w+")

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Consensus:
    """What several answers come to.

    `provider` gave the answer that agrees best with the others, `confidence` is the mean of the pairs' agreements; all
    of them are from 0 to 1, pairs are sorted.
    """

    provider: str
    answer: str
    confidence: float
    agreements: Mapping[Pair, float]


def agreement(one: str, other: str) -> float:
    """Return the cosine of two texts' word counts, upper and lower case being the same; 0 where one has no word."""
    ones, others = (Counter(_WORD.findall(text.lower())) for text in (one, other))
    product = sum(count * others[word] for word, count in ones.items())
    if not product:
        return 0.0
    # One root of integers, so that the same words give exactly 1.
    return min(1.0, product / math.sqrt(_square(ones) * _square(others)))


def consensus(answers: Mapping[str, str]) -> Consensus:
    """Return what the answers, by provider, come to. Of several that agree equally well the first one stands.

    Raises:
        ValueError: there are fewer than two.
    """
    if len(answers) < 2:
        msg = f"got {len(answers)} answers; a consensus needs two"
        raise ValueError(msg)
    agreements = {
        (one, other): agreement(answers[one], answers[other]) for one, other in combinations(sorted(answers), 2)
    }
    support = {name: sum(share for pair, share in agreements.items() if name in pair) for name in answers}
    best = max(answers, key=lambda name: support[name])
    return Consensus(best, answers[best], math.fsum(agreements.values()) / len(agreements), agreements)


def _square(counts: Counter[str]) -> int:
    return sum(count * count for count in counts.values())
