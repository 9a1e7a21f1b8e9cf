"""One call of an LLM provider, from its beginning to its end, as the GenAI conventions record it.

Source: OpenTelemetry semantic conventions for generative AI, client metrics. Retries inside an SDK are part of the
operation. What goes beyond the conventions are three attributes of ours: `techsapo.token.rate` and
`techsapo.price.tier`, because a cached token and one of a long prompt have prices of their own, and
`techsapo.usage.missing`, so that an answer without usage is counted as unpriced instead of as free.
"""

import logging
import threading
from time import perf_counter
from typing import Final

from opentelemetry import context
from opentelemetry.metrics import Histogram, MeterProvider, get_meter

from app_integration import spending
from app_integration.llm import prices
from app_integration.llm.errors import error_type_of
from app_integration.llm.usage import Usage
from telemetry.contract.shared_labels import FROM_PROVIDER

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
        self._begun = False
        self._ended = threading.Lock()  # taken once, by the end: a stream may be closed from several threads
        self._started = perf_counter()

    def answered(self, model: str | None = None) -> None:
        """An answer has begun, by the model that it names."""
        self._begun = True
        if model:
            self._attributes["gen_ai.response.model"] = model

    def used(self, usage: Usage) -> None:
        """The answer tells what it used; of a stream that tells it again and again the last one counts."""
        self._usage = usage

    def end(self, error: BaseException | None = None, *, error_type: str | None = None) -> None:
        """The call is over: record it. A second end changes nothing."""
        seconds = perf_counter() - self._started
        if not self._ended.acquire(blocking=False):
            return
        try:
            self._record(seconds, error_type or (error_type_of(error) if error is not None else None))
        except Exception:  # whatever an answer held must not reach the application
            _logger.exception("A call of an LLM provider could not be recorded")

    def _record(self, seconds: float, error_type: str | None) -> None:
        usage = self._usage
        attributes = self._attributes
        final = attributes if error_type is None else {**attributes, "error.type": error_type}
        if usage is None and (error_type is None or self._begun):
            final = {**final, "techsapo.usage.missing": True}
        self._calls.duration.record(seconds, final, self._context)
        if usage is not None:
            self._record_usage(usage)

    def _record_usage(self, usage: Usage) -> None:
        attributes = self._attributes
        provider = _provider(attributes)
        model = str(attributes.get("gen_ai.response.model") or attributes.get("gen_ai.request.model") or "")
        table = prices.current()
        shared: Attributes = {**attributes}
        if (tier := table.tier(provider, model, usage.prompt)) is not None:
            shared["techsapo.price.tier"] = tier
        if usage.service_tier is not None:
            shared["gen_ai.response.service_tier"] = usage.service_tier
        for part, kind, rate in _PARTS:
            if tokens := getattr(usage, part):
                told = {**shared, "gen_ai.token.type": kind}
                if rate is not None:
                    told["techsapo.token.rate"] = rate
                self._calls.tokens.record(tokens, told, self._context)
        if (cost := table.cost(provider, model, usage)) is not None:
            spending.tell(spending.Spent(cost, provider, model, self._context))


def _provider(attributes: Attributes) -> str:
    """Return the label `provider`, as the contract's view takes it: a gateway is known by its address."""
    address = str(attributes.get("server.address", ""))
    return FROM_PROVIDER.table.get(address) or str(attributes["gen_ai.provider.name"])
