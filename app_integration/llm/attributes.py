"""Attributes of ours on the instruments of the GenAI conventions: what the price of a token depends on besides.

The contract asks for none of them: they reach the weight `model_price`, and nothing that leaves the process.
"""

from typing import Final

# A part of the input that has a rate of its own: cache_read, cache_write, cache_write_1h.
INPUT_RATE: Final = "techsapo.token.rate"
# "long" where the prompt is so long that the model has other prices.
PRICE_TIER: Final = "techsapo.price.tier"
# The tier that the answer names, where it is not the ordinary one.
SERVICE_TIER: Final = "gen_ai.response.service_tier"
# On calls whose answer told no tokens.
USAGE_MISSING: Final = "techsapo.usage.missing"
# On calls that have no price, and on each of their tokens: no part of such a call is priced.
PRICE_MISSING: Final = "techsapo.price.missing"
