"""LLM providers: calls, response time, tokens. Source: OpenTelemetry semantic conventions for generative AI."""

from types import MappingProxyType

from telemetry.contract.domains import OTHER, Enum
from telemetry.contract.model import Editions, Label, Metric, MetricType, Take, View
from telemetry.contract.shared_labels import (
    CALL_STATUS,
    FROM_PROVIDER,
    FROM_TASK_TYPE,
    INPUT_TOKENS,
    MODEL,
    OUTPUT_TOKENS,
    PROVIDER,
    TASK_TYPE,
    TOKEN_USAGE,
    TYPE_OF_TOKENS,
)
from telemetry.contract.sources import Classified, Constant, attribute

# The oldest name has stayed for operations that are no inference: a library may use it beside the newest.
_CALL_DURATION = (
    "gen_ai.client.operation.duration",
    "gen_ai.client.inference.operation.duration",
    "gen_ai.client.inference.duration",
)

EDITIONS = (
    Editions("calls of LLM providers", tuple((name,) for name in _CALL_DURATION), apart="gen_ai.operation.name"),
    Editions(
        "tokens of LLM providers",
        (*((name,) for name in TOKEN_USAGE), (INPUT_TOKENS, OUTPUT_TOKENS)),
        apart="gen_ai.operation.name",
    ),
)

_FROM_MODEL = attribute("gen_ai.request.model", "gen_ai.response.model")

# What went wrong, as `error.type` of the conventions: a status, the class that an SDK raised (contrib names its module,
# too), or the code that an answer gives within a stream.
FROM_CALL_ERROR = Classified(
    "error.type",
    absent="success",
    otherwise="error",
    table=MappingProxyType(
        {
            "timeout": "timeout",
            "408": "timeout",
            "504": "timeout",
            "TimeoutError": "timeout",
            "APITimeoutError": "timeout",
            "openai.APITimeoutError": "timeout",
            "anthropic.APITimeoutError": "timeout",
            "asyncio.TimeoutError": "timeout",
            "httpx.TimeoutException": "timeout",
            "httpx.ConnectTimeout": "timeout",
            "httpx.ReadTimeout": "timeout",
            "httpx2.ConnectTimeout": "timeout",
            "httpx2.ReadTimeout": "timeout",
            "ConnectTimeout": "timeout",
            "ReadTimeout": "timeout",
            "DeadlineExceeded": "timeout",
            "timeout_error": "timeout",
            "rate_limited": "rate_limited",
            "429": "rate_limited",
            "RateLimitError": "rate_limited",
            "openai.RateLimitError": "rate_limited",
            "anthropic.RateLimitError": "rate_limited",
            "ResourceExhausted": "rate_limited",
            "rate_limit_error": "rate_limited",
            "rate_limit_exceeded": "rate_limited",
            # Broken off by the application: no failure of the provider, and no success.
            "CancelledError": OTHER,
            "asyncio.CancelledError": OTHER,
            "asyncio.exceptions.CancelledError": OTHER,
        }
    ),
)

METRICS = (
    Metric(
        name="techsapo_llm_requests_total",
        type=MetricType.COUNTER,
        description="Calls of LLM providers, by their outcome.",
        meaning=(
            "Calls as the application made them: the retries inside a provider's SDK are one call. `rate_limited` "
            "that rises asks for a higher quota or fewer calls, `timeout` for the provider's status page, `error` for "
            "the application's log. `other` are calls that the application itself broke off."
        ),
        unit="{request}",
        labels=(PROVIDER, MODEL, CALL_STATUS, TASK_TYPE),
        series_limit=4_000,
        views=(
            View(
                _CALL_DURATION,
                Take.COUNT,
                MappingProxyType(
                    {
                        "provider": FROM_PROVIDER,
                        "model": _FROM_MODEL,
                        "status": FROM_CALL_ERROR,
                        "task_type": FROM_TASK_TYPE,
                    }
                ),
            ),
        ),
    ),
    Metric(
        name="techsapo_llm_response_time_seconds",
        type=MetricType.HISTOGRAM,
        description="Time until an LLM provider's answer is complete, failed calls included.",
        meaning=(
            "From the call to the last byte of the answer, retries and waits between them included. A long tail with "
            "an unchanged median is the provider's queue; both together often longer answers: compare with the "
            "tokens."
        ),
        unit="s",
        labels=(PROVIDER, MODEL),
        boundaries=(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92),
        series_limit=1_000,
        views=(
            View(
                _CALL_DURATION,
                Take.DISTRIBUTION,
                MappingProxyType({"provider": FROM_PROVIDER, "model": _FROM_MODEL}),
            ),
        ),
    ),
    Metric(
        name="techsapo_llm_token_usage_total",
        type=MetricType.COUNTER,
        description="Tokens sent to (input) and received from (output) LLM providers.",
        meaning=(
            "What providers bill by. Output that grows faster than calls means longer answers or more reasoning; "
            "input that grows means longer prompts, or answers of earlier rounds that are sent along."
        ),
        unit="{token}",
        labels=(PROVIDER, Label("type", Enum(("input", "output"))), MODEL),
        views=(
            *(
                View(
                    names,
                    Take.SUM,
                    MappingProxyType({"provider": FROM_PROVIDER, "type": token_type, "model": _FROM_MODEL}),
                )
                for names, token_type in (
                    (TOKEN_USAGE, attribute(TYPE_OF_TOKENS)),
                    ((INPUT_TOKENS,), Constant("input")),
                    ((OUTPUT_TOKENS,), Constant("output")),
                )
            ),
        ),
    ),
    Metric(
        name="techsapo_llm_unpriced_calls_total",
        type=MetricType.COUNTER,
        description="Calls that add nothing to the cost: their model has no price, or their answer told no tokens.",
        meaning=(
            "Calls that no price was found for, or whose answer told no tokens: the cost is too low by them. Add the "
            "model to the price table (TECHSAPO_PRICES_FILE), or ask the stream for its usage. It should not grow at "
            "all."
        ),
        unit="{request}",
        labels=(PROVIDER, MODEL),
        views=(
            View(
                _CALL_DURATION,
                Take.COUNT,
                MappingProxyType({"provider": FROM_PROVIDER, "model": _FROM_MODEL}),
                unless_weight="model_price",
            ),
        ),
    ),
)
