"""Other instrumentations of the same SDKs: their spans are welcome, their measurements would count each call again."""

import importlib
from collections.abc import Iterator

import pytest
from opentelemetry.metrics import Histogram

from app_integration.instrumentor import Instrumentor
from app_integration.llm import AnthropicInstrumentor, GoogleGenAiInstrumentor, OpenAiInstrumentor, contrib
from app_integration.llm.call import Calls
from app_integration.llm.usage import Usage
from tests.support.measured import Measured

OTHERS = {
    OpenAiInstrumentor: contrib.OPENAI,
    AnthropicInstrumentor: contrib.ANTHROPIC,
    GoogleGenAiInstrumentor: contrib.GOOGLE_GENAI,
}
SCOPES = {instrumentor: (*others.scopes, contrib.OF_ALL) for instrumentor, others in OTHERS.items()}
# An SDK is measured once it is imported; another instrumentation imports it.
SDKS = ("openai", "anthropic", "google.genai")
TOLD = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"}


@pytest.fixture
def figures() -> Iterator[Measured]:
    """A provider of the engine's, in an application that has imported the SDKs."""
    for sdk in SDKS:
        importlib.import_module(sdk)
    figures = Measured()
    yield figures
    for instrumentor in SCOPES:
        if instrumentor().is_instrumented_by_opentelemetry:
            instrumentor().uninstrument()


def instruments(figures: Measured, scope: str) -> tuple[Histogram, Histogram]:
    """The instruments that another instrumentation makes: of calls, and of tokens."""
    meter = figures.provider.get_meter(scope)
    return meter.create_histogram("gen_ai.client.operation.duration"), meter.create_histogram(
        "gen_ai.client.token.usage"
    )


def call(duration: Histogram, tokens: Histogram, provider: str = "openai") -> None:
    """What another instrumentation records of a call."""
    told = {**TOLD, "gen_ai.provider.name": provider}
    duration.record(1, told)
    tokens.record(10, {**told, "gen_ai.token.type": "input"})


def total(figures: Measured, metric: str) -> object:
    """The sum over all series."""
    return sum(figures.values(metric).values())


@pytest.mark.parametrize(
    ("instrumentor", "scope"),
    [(instrumentor, scope) for instrumentor, scopes in SCOPES.items() for scope in scopes],
    ids=str,
)
def test_a_call_counts_once_beside_another_instrumentation(
    instrumentor: type[Instrumentor], scope: str, figures: Measured
) -> None:
    """Whichever was there first: what it made before ours, and what it makes after."""
    before = instruments(figures, scope)
    instrumentor().instrument(meter_provider=figures.provider)
    (provider, *_) = OTHERS[instrumentor].providers
    call(*before, provider)
    call(*instruments(figures, scope), provider)
    ours = Calls(figures.provider).begin("chat", "openai", "gpt-5")
    ours.used(Usage(input=10))
    ours.end()
    assert (total(figures, "techsapo_llm_requests_total"), total(figures, "techsapo_llm_token_usage_total")) == (1, 10)


@pytest.mark.parametrize("scopes", SCOPES.values(), ids=str)
def test_another_instrumentation_counts_where_ours_is_not_active(scopes: tuple[str, ...], figures: Measured) -> None:
    """Who prefers it keeps it."""
    for scope in scopes:
        call(*instruments(figures, scope))
    assert total(figures, "techsapo_llm_requests_total") == len(scopes)


def test_other_scopes_count_beside_ours(figures: Measured) -> None:
    """An application that records by hand, for a provider that has no SDK here."""
    for instrumentor in SCOPES:
        instrumentor().instrument(meter_provider=figures.provider)
    call(*instruments(figures, "an.application"))
    assert total(figures, "techsapo_llm_requests_total") == 1


def test_a_scope_that_instrumentations_share_counts_what_nobody_else_measures(figures: Measured) -> None:
    """Whoever wants OpenTelemetry's older instrumentation for one SDK, or has one of an SDK that we do not know."""
    AnthropicInstrumentor().instrument(meter_provider=figures.provider)
    duration, _ = instruments(figures, contrib.OF_ALL)
    for provider in ("anthropic", "openai", "cohere", "anthropic"):
        duration.record(1, {**TOLD, "gen_ai.provider.name": provider})
    OpenAiInstrumentor().instrument(meter_provider=figures.provider)
    duration.record(1, TOLD)
    counted = {labels[0]: value for labels, value in figures.values("techsapo_llm_requests_total").items()}
    assert {"openai": 1, "cohere": 1} == counted


def test_another_instrumentation_counts_where_ours_cannot_measure(
    figures: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An SDK that has changed so that nothing of it can be replaced is not lost to both."""
    monkeypatch.delattr("openai._base_client.AsyncAPIClient")
    OpenAiInstrumentor().instrument(meter_provider=figures.provider)
    for scope in SCOPES[OpenAiInstrumentor]:
        call(*instruments(figures, scope))
    assert total(figures, "techsapo_llm_requests_total") == len(SCOPES[OpenAiInstrumentor])
