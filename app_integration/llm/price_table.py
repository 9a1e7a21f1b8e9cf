"""A table of prices: what the tokens of an answer cost. Money is exact: whole pico-dollars (1e-12 USD)."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from app_integration.llm.price_file import ORDINARY, ORDINARY_TIERS, Price, plain, read
from app_integration.llm.price_place import KINDS
from app_integration.llm.usage import Usage

PACKAGED = Path(__file__).with_name("prices.toml")
# The tier of prompts above the number of tokens from which on a model costs more.
LONG = "long"

# Snapshots: gpt-5-2025-08-07, claude-sonnet-4-20250514.
_DATE = re.compile(r"-(?:[0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2})\Z")


class Prices:
    """Prices by provider and model: the names are exact, but for the date of a snapshot and the path of Gemini's.

    Providers are named as the label `provider` names them: openai, anthropic, gcp.gemini, openrouter.
    """

    def __init__(self, prices: Iterable[Price]) -> None:
        self._prices = {(price.provider, model): price for price in prices for model in price.models}

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the packaged table, `prices.toml`, and over it the file at `path`, which has the same form.

        A model that the file names costs what it says there, tiers and long prompts included; packaged models that it
        does not name stay.

        Raises:
            PricesError: a file is not one of prices; the message is one line.
        """
        return cls((*read(PACKAGED), *(read(path) if path is not None else ())))

    def cost(self, provider: str, model: str | None, usage: Usage) -> int | None:
        """Return the pico-dollars that an answer costs.

        None where there is no price: for the model, for the tier of the service, or for a kind of token in the answer.
        """
        long = self.tier(provider, model, usage.prompt) is not None
        total = 0
        for kind in KINDS:
            tokens: int = getattr(usage, kind)
            rate = self.rate(provider, model, kind, service_tier=usage.service_tier, long=long) if tokens else 0
            if rate is None or tokens < 0:
                return None
            total += tokens * rate
        return total if self.knows(provider, model, service_tier=usage.service_tier) else None

    def tier(self, provider: str, model: str | None, prompt: int) -> str | None:
        """Return LONG where a prompt of so many tokens, cached ones included, has the price of long ones; else None."""
        price = self._find(provider, model)
        return LONG if price and price.long_above is not None and prompt > price.long_above else None

    def rate(
        self, provider: str, model: str | None, kind: str, *, service_tier: str | None = None, long: bool = False
    ) -> int | None:
        """Return the pico-dollars of one token of a kind (`Usage`'s names); None where there is no price."""
        price = self._find(provider, model)
        return price.rates.get((_tier(service_tier), long), {}).get(kind) if price else None

    def knows(self, provider: str, model: str | None, *, service_tier: str | None = None) -> bool:
        """Tell whether a model has any price in a tier of the service."""
        return self.rate(provider, model, "input", service_tier=service_tier) is not None

    def __iter__(self) -> Iterator[tuple[str, str, Price]]:
        """Provider, model and price of all there are, sorted by name."""
        return iter([(provider, model, price) for (provider, model), price in sorted(self._prices.items())])

    def _find(self, provider: str, model: str | None) -> Price | None:
        if model is None:
            return None
        name = plain(model)
        return self._prices.get((provider, name)) or self._prices.get((provider, _DATE.sub("", name)))


def _tier(name: str | None) -> str:
    lower = (name or ORDINARY).lower()
    return ORDINARY if lower in ORDINARY_TIERS else lower
