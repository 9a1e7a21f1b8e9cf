"""How a simulated provider behaves, and how it is told to."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

# By `gen_ai.provider.name`, as the figures have them.
PROVIDERS: Final = ("openai", "anthropic", "gcp.gemini", "openrouter")

Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0.0, le=600.0, allow_inf_nan=False)]


class BehaviourError(ValueError):
    """A provider cannot behave like that; the message says what would be right."""


class Behaviour(BaseModel):
    """What a provider does. Shares are from 0 to 1, of calls unless said otherwise.

    An answer takes `latency_seconds`, give or take `latency_spread_seconds`. `error_rate`, `rate_limited_rate` and
    `timeout_rate` are shares that get a 500, a 429 or no answer at all; `cut_stream_rate` of the streams break off.
    `disagreement` is the share of its findings that are its own, `cached_share` that of the input's tokens that it had
    in its cache. One that is `unpriced` answers with a model that no price table has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    latency_seconds: Seconds = 0.02
    latency_spread_seconds: Seconds = 0.01
    error_rate: Share = 0.0
    rate_limited_rate: Share = 0.0
    timeout_rate: Share = 0.0
    cut_stream_rate: Share = 0.0
    disagreement: Share = 0.05
    cached_share: Share = 0.0
    unpriced: bool = False

    def changed(self, fields: Mapping[str, object]) -> Self:
        """Return a behaviour with these fields changed.

        Raises:
            BehaviourError: a field is none, or its value is out of bounds.
        """
        try:
            return type(self).model_validate({**self.model_dump(), **fields})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ".".join(map(str, first["loc"]))
            known = "" if name in type(self).model_fields else f"; there are {', '.join(type(self).model_fields)}"
            msg = f"{name}: got {first['input']!r}: {first['msg']}{known}"
            raise BehaviourError(msg) from None


def behaviours(settings: Iterable[str], default: Behaviour | None = None) -> Mapping[str, Behaviour]:
    """Return each provider's behaviour, `default` but for settings like `openai.error_rate=0.3`.

    Raises:
        BehaviourError: a setting is none.
    """
    found = dict.fromkeys(PROVIDERS, default or Behaviour())
    for setting in settings:
        left, equals, value = setting.partition("=")
        provider, dot, name = left.strip().rpartition(".")
        if not equals or not dot or provider not in found:
            msg = f"got {setting!r}; a setting is <provider>.<field>=<value>, a provider {', '.join(PROVIDERS)}"
            raise BehaviourError(msg)
        found[provider] = found[provider].changed({name: value.strip()})
    return MappingProxyType(found)
