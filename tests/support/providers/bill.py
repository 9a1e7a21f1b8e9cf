"""What the providers would ask for what the stub has served: an account of its own, exact, from the tests' prices."""

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from tests.support.providers.models import SNAPSHOT_OF
from tests.support.providers.script import PRICES, Asked, Tokens

_ORDINARY = (None, "default", "standard")


def _parts(tokens: Tokens) -> dict[str, int]:
    return {
        "input": tokens.fresh,
        "cache_read": tokens.cached,
        "cache_write": tokens.written,
        "cache_write_1h": tokens.written_1h,
        "output": tokens.output,
    }


class Bill:
    """The prices of a file."""

    def __init__(self, path: Path = PRICES) -> None:
        read = tomllib.loads(path.read_text(), parse_float=Fraction)
        self._prices: dict[tuple[str, str], Mapping[str, object]] = {
            (price["provider"], model): price for price in read["price"] for model in price["models"]
        }

    def usd(self, asked: Asked) -> Fraction | None:
        """Return what a request costs: nothing where nothing was told to it, None where there is no price for it."""
        if asked.told is None:
            return Fraction(0)
        model = asked.answered_by or asked.model
        price = self._prices.get((asked.provider, SNAPSHOT_OF.get(model, model)))
        if price is None:
            return None
        long = price.get("long")
        if asked.reply.tier not in _ORDINARY:
            tiers = price.get("tier")
            price = tiers.get(asked.reply.tier) if isinstance(tiers, Mapping) else None
            if price is None:
                return None
        elif isinstance(long, Mapping) and asked.told.prompt > long["above"]:
            price = long
        total = Fraction(0)
        for kind, tokens in _parts(asked.told).items():
            rate = price.get(kind)
            if tokens and not isinstance(rate, int | Fraction):
                return None
            total += tokens * Fraction(rate if isinstance(rate, int | Fraction) else 0)
        return total / 10**6
