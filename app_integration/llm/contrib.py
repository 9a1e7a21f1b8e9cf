"""Other instrumentations of the SDKs that this project's own measures: beside it they would count each call again.

Their spans are welcome. Names are those of their meters: OpenTelemetry's of today, its older ones, OpenLLMetry's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from opentelemetry import metrics

from telemetry.engine import MeterProvider
from telemetry.lifecycle import when_configured

Replace = Callable[[ModuleType], Callable[[], None]]

# Under this name OpenTelemetry's instrumentations recorded that were made before each gave its own: of whatever SDK.
OF_ALL: Final = "opentelemetry.util.genai.handler"


@dataclass(frozen=True, slots=True)
class Others:
    """The other instrumentations of an SDK: their meters, and the providers that they tell of under the shared name."""

    scopes: tuple[str, ...]
    providers: tuple[str, ...]


OPENAI: Final = Others(
    (
        "opentelemetry.instrumentation.genai.openai",
        "opentelemetry.instrumentation.openai_v2",
        "opentelemetry.instrumentation.openai.v1",
        "opentelemetry.instrumentation.openai.v0",
    ),
    ("openai", "azure.ai.openai"),
)
ANTHROPIC: Final = Others(
    ("opentelemetry.instrumentation.genai.anthropic", "opentelemetry.instrumentation.anthropic"), ("anthropic",)
)
GOOGLE_GENAI: Final = Others(
    ("opentelemetry.instrumentation.google_genai", "opentelemetry.instrumentation.google_generativeai"),
    ("gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai"),
)


# What the pipeline is to ignore once there is one.
_wanted: list[Others] = []


def ignored_by(replace: Replace, others: Others, meter_provider: metrics.MeterProvider | None) -> Replace:
    """Return a `replace` that has these meters ignored once it has replaced: where it fails they count as before."""

    def replace_and_ignore(module: ModuleType) -> Callable[[], None]:
        restore = replace(module)
        ignore(others, meter_provider)
        return restore

    return replace_and_ignore


def ignore(others: Others, meter_provider: metrics.MeterProvider | None) -> None:
    """Have this project's meter provider (the global one unless given) take no calls from these any more.

    It may come later than this. Another provider is left as it is: there both are recorded.
    """
    provider = metrics.get_meter_provider() if meter_provider is None else meter_provider
    if isinstance(provider, MeterProvider):
        _ignore(others, provider)
    elif meter_provider is None:
        _wanted.append(others)
        when_configured(_ignore_wanted)


def _ignore_wanted(provider: MeterProvider) -> None:
    for others in _wanted:
        _ignore(others, provider)


def _ignore(others: Others, provider: MeterProvider) -> None:
    provider.ignore_scopes(others.scopes)
    provider.ignore_scopes((OF_ALL,), only=("gen_ai.provider.name", others.providers))
