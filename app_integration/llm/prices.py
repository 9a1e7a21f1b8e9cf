"""The prices in force in this process, and the weight by which the engine turns tokens to money.

The packaged table tells its sources and when they were read; TECHSAPO_PRICES_FILE names an operator's file that goes
before it, model by model.
"""

from collections.abc import Mapping

from app_integration.llm.attributes import INPUT_RATE, PRICE_MISSING, PRICE_TIER, SERVICE_TIER, USAGE_MISSING
from app_integration.llm.price_place import PricesError
from app_integration.llm.price_table import LONG, Prices
from telemetry.contract.shared_labels import FROM_PROVIDER
from telemetry.engine import Weight
from telemetry.settings import Settings, SettingsError

__all__ = ["Prices", "PricesError", "current", "provider_billed", "weight"]

VARIABLE = "TECHSAPO_PRICES_FILE"
PICODOLLARS_PER_USD = 10**12

_KIND_OF_TYPE = {"input": "input", "output": "output", "completion": "output"}
_RATES_OF_INPUT = frozenset({"cache_read", "cache_write", "cache_write_1h"})
_ATTRIBUTES = (
    FROM_PROVIDER.attribute,
    *FROM_PROVIDER.source.names,
    "gen_ai.response.model",
    "gen_ai.request.model",
    "gen_ai.token.type",
    INPUT_RATE,
    PRICE_TIER,
    SERVICE_TIER,
    USAGE_MISSING,
    PRICE_MISSING,
    "error.type",
)

_in_force: Prices | None = None


def current() -> Prices:
    """Return the table of this process: the one of the start, else the packaged one."""
    global _in_force  # noqa: PLW0603 -- one table a process, as there is one meter provider
    if _in_force is None:
        _in_force = Prices.load()
    return _in_force


def provider_billed(provider: str, server_address: str | None) -> str:
    """Return who bills a call, as the label `provider` names it: a gateway that speaks another's protocol does."""
    return FROM_PROVIDER.table.get(server_address or "", provider)


def weight(settings: Settings) -> Weight:
    """Put the prices in force that the settings name, and return the weight `model_price`: USD per token.

    The price goes by the model that answered, else by the one that was asked. Calls (their duration has no type of
    token) have a weight unless they have no price or told no tokens; a call that failed before an answer costs nothing.

    Raises:
        SettingsError: the operator's file is wrong.
    """
    global _in_force  # noqa: PLW0603 -- see above
    try:
        prices = Prices.load(settings.prices_file)
    except PricesError as error:
        raise SettingsError(VARIABLE, f"{error.got} at {error.where}", error.accepts) from None
    _in_force = prices
    return Weight(_ATTRIBUTES, lambda found: _usd_per_token(prices, found))


def _usd_per_token(prices: Prices, found: Mapping[str, object]) -> float | None:
    if found[USAGE_MISSING] or found[PRICE_MISSING]:
        return None
    answered = _text(found["gen_ai.response.model"])
    if found["error.type"] is not None and answered is None:
        return 0.0
    names = (_text(found[name]) for name in FROM_PROVIDER.source.names)
    provider = provider_billed(next(filter(None, names), ""), _text(found[FROM_PROVIDER.attribute]))
    model = answered or _text(found["gen_ai.request.model"])
    service_tier = _text(found[SERVICE_TIER])
    if found["gen_ai.token.type"] is None:
        return 0.0 if prices.knows(provider, model, service_tier=service_tier) else None
    kind = _kind(found["gen_ai.token.type"], found[INPUT_RATE])
    if kind is None:
        return None
    long = found[PRICE_TIER] == LONG
    rate = prices.rate(provider, model, kind, service_tier=service_tier, long=long)
    return None if rate is None else rate / PICODOLLARS_PER_USD


def _kind(token_type: object, rate: object) -> str | None:
    kind = _KIND_OF_TYPE.get(_text(token_type) or "")
    if rate is None:
        return kind
    named = _text(rate)
    return named if kind == "input" and named in _RATES_OF_INPUT else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
