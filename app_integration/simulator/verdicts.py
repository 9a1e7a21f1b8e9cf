"""The answers: verdicts that providers share as far as they agree, and how many tokens a text has."""

from typing import Final

from app_integration.simulator.chance import chance

FINDINGS: Final = 20

_COMMON_WORDS: Final = """
cost latency risk effort scale privacy support security rollout backup schema traffic budget license upgrade training
testing review failover storage network cache queue index replica memory disk thread process cluster router gateway
"""
_OWN_WORDS: Final = """
culture brand hiring travel office contract audit supplier energy weather habit trust fashion history language music
garden island mountain river harbour bridge castle forest desert planet comet orbit signal mirror window candle
"""
_COMMON: Final = tuple(_COMMON_WORDS.split())
_OWN: Final = tuple(_OWN_WORDS.split())


def verdict(seed: int, question: str, provider: str, turn: int, disagreement: float) -> str:
    """Return what a provider answers in its `turn`-th turn (1, 2, ...) on a question.

    Of its 20 findings those are its own whose chance is below `disagreement`, halved with each turn after the first:
    who hears the others comes closer to them. The rest are the same for all providers.
    """
    own_share = disagreement / 2 ** (turn - 1)
    words = [
        _pick(_OWN, chance(seed, "own", question, provider, place))
        if chance(seed, "dissent", question, provider, place) < own_share
        else _pick(_COMMON, chance(seed, "common", question, place))
        for place in range(FINDINGS)
    ]
    return f"Verdict: {', '.join(words)}."


def tokens(text: str) -> int:
    """Return how many tokens a text has: one for four characters begun."""
    return -(-len(text) // 4)


def _pick(words: tuple[str, ...], share: float) -> str:
    return words[int(share * len(words))]
