"""One call of an LLM provider, from its beginning to its end, as the GenAI conventions record it.

Source: OpenTelemetry semantic conventions for generative AI, client metrics. Retries inside an SDK are part of the
operation. What goes beyond the conventions are the attributes of attributes.py: tokens of one answer have several
prices, and a call without usage, or without a price for a part of it, is unpriced and not free.
"""

import logging
import threading
from time import perf_counter
from typing import Final

from opentelemetry import context
from opentelemetry.metrics import Histogram, MeterProvider, get_meter

from app_integration import spending
from app_integration.llm import prices
from app_integration.llm.attributes import INPUT_RATE, PRICE_MISSING, PRICE_TIER, SERVICE_TIER, USAGE_MISSING
from app_integration.llm.errors import error_type_of
from app_integration.llm.usage import Usage

SCOPE_NAME: Final = "techsapo.llm"

# The conventions' boundaries.
_SECONDS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS: Final = tuple(4**exponent for exponent in range(14))

# The part of the answer's usage, its type by the conventions, and what its rate is called where it is another.
_PARTS: Final = (
    ("input", "input", None),
    ("cache_read", "input", "cache_read"),
    ("cache_write", "input", "cache_write"),
    ("cache_write_1h", "input", "cache_write_1h"),
    ("output", "output", None),
)

_logger = logging.getLogger(__name__)

Attributes = dict[str, str | int | bool]


class Calls:
    """Where calls are recorded: the instruments of the GenAI conventions, of the global provider unless given."""

    def __init__(self, meter_provider: MeterProvider | None = None) -> None:
        meter = get_meter(SCOPE_NAME, meter_provider=meter_provider)
        self.duration: Histogram = meter.create_histogram(
            "gen_ai.client.operation.duration",
            unit="s",
            description="GenAI operation duration.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self.tokens: Histogram = meter.create_histogram(
            "gen_ai.client.token.usage",
            unit="{token}",
            description="Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )

    def begin(
        self,
        operation: str,
        provider: str,
        model: str | None,
        server_address: str | None = None,
        server_port: int | None = None,
    ) -> "Call":
        """Begin a call in the current context: its task type and its account are those of now.

        `operation` and `provider` are the conventions' (`chat`, `openai`), `model` is the one that is asked for.
        """
        told: Attributes = {"gen_ai.operation.name": operation, "gen_ai.provider.name": provider}
        for name, value in (
            ("gen_ai.request.model", model),
            ("server.address", server_address),
            ("server.port", server_port),
        ):
            if value is not None:
                told[name] = value
        return Call(self, told)


class Call:
    """A call under way; made by `Calls.begin`. None of its methods raises."""

    def __init__(self, calls: Calls, attributes: Attributes) -> None:
        self._calls = calls
        self._attributes = attributes
        self._context = context.get_current()
        self._usage: Usage | None = None
        self._heard: float | None = None
        self._ended = threading.Lock()  # taken once, by the end: a stream may be closed from several threads
        self._started = perf_counter()

    def answered(self, model: str | None = None) -> None:
        """An answer, or one more part of it, is there; `model` is the one that it names."""
        self._heard = perf_counter()
        if model:
            self._attributes["gen_ai.response.model"] = model

    def used(self, usage: Usage) -> None:
        """The answer tells what it used; of a stream that tells it again and again the last one counts."""
        self._usage = usage

    def end(self, error: BaseException | None = None, *, error_type: str | None = None) -> None:
        """The call is over: record it. A second end changes nothing."""
        self._end(perf_counter(), error, error_type)

    def abandon(self) -> None:
        """The application does not want to hear the rest: the call lasted until the last part that was heard."""
        self._end(self._heard or perf_counter(), None, None)

    def _end(self, now: float, error: BaseException | None, error_type: str | None) -> None:
        if not self._ended.acquire(blocking=False):
            return
        try:
            self._record(now - self._started, error_type or (error_type_of(error) if error is not None else None))
        except Exception:  # whatever an answer held must not reach the application
            _logger.exception("A call of an LLM provider could not be recorded")

    def _record(self, seconds: float, error_type: str | None) -> None:
        usage = self._usage
        told: Attributes = {}
        cost = None
        if usage is not None:
            told, cost = self._priced(usage)
        elif error_type is None or self._heard is not None:
            told[USAGE_MISSING] = True
        if error_type is not None:
            told["error.type"] = error_type
        self._calls.duration.record(seconds, {**self._attributes, **told}, self._context)
        if usage is not None:
            told.pop("error.type", None)
            self._record_tokens(usage, {**self._attributes, **told})
        if cost is not None:
            spending.tell(cost)

    def _priced(self, usage: Usage) -> tuple[Attributes, spending.Spent | None]:
        """Return what the price of the tokens depends on, and what they cost, None where a part has no price."""
        attributes = self._attributes
        provider = prices.provider_billed(
            str(attributes["gen_ai.provider.name"]), str(attributes.get("server.address", ""))
        )
        model = str(attributes.get("gen_ai.response.model") or attributes.get("gen_ai.request.model") or "")
        table = prices.current()
        told: Attributes = {}
        if (tier := table.tier(provider, model, usage.prompt)) is not None:
            told[PRICE_TIER] = tier
        if usage.service_tier is not None:
            told[SERVICE_TIER] = usage.service_tier
        cost = None if self._lacks_half(usage) else table.cost(provider, model, usage)
        if cost is None:
            told[PRICE_MISSING] = True
            return told, None
        return told, spending.Spent(cost, provider, model, self._context)

    def _lacks_half(self, usage: Usage) -> bool:
        """Tell whether a half of the tokens has not been told; embeddings have no output to tell."""
        embeds = self._attributes["gen_ai.operation.name"] == "embeddings"
        return any(half == "input" or not embeds for half in usage.untold)

    def _record_tokens(self, usage: Usage, attributes: Attributes) -> None:
        for part, kind, rate in _PARTS:
            if tokens := getattr(usage, part):
                told = {**attributes, "gen_ai.token.type": kind}
                if rate is not None:
                    told[INPUT_RATE] = rate
                self._calls.tokens.record(tokens, told, self._context)
