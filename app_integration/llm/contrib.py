"""Other instrumentations of the SDKs that this project's own measures: beside it they would count each call again.

Their spans are welcome. Names are those of their meters: OpenTelemetry's of today, its older ones, OpenLLMetry's.
"""

from collections.abc import Callable, Collection
from types import ModuleType
from typing import Final

from opentelemetry import metrics

from telemetry.engine import MeterProvider
from telemetry.lifecycle import when_configured

Replace = Callable[[ModuleType], Callable[[], None]]

# Under this name OpenTelemetry's instrumentations recorded that were made before each gave its own.
_OF_ALL: Final = "opentelemetry.util.genai.handler"

OPENAI: Final = (
    "opentelemetry.instrumentation.genai.openai",
    "opentelemetry.instrumentation.openai_v2",
    "opentelemetry.instrumentation.openai.v1",
    "opentelemetry.instrumentation.openai.v0",
    _OF_ALL,
)
ANTHROPIC: Final = (
    "opentelemetry.instrumentation.genai.anthropic",
    "opentelemetry.instrumentation.anthropic",
    _OF_ALL,
)
GOOGLE_GENAI: Final = (
    "opentelemetry.instrumentation.google_genai",
    "opentelemetry.instrumentation.google_generativeai",
    _OF_ALL,
)


# What the pipeline is to ignore once there is one.
_wanted: set[str] = set()


def ignored_by(replace: Replace, scopes: Collection[str], meter_provider: metrics.MeterProvider | None) -> Replace:
    """Return a `replace` that has these meters ignored once it has replaced: where it fails they count as before."""

    def replace_and_ignore(module: ModuleType) -> Callable[[], None]:
        restore = replace(module)
        ignore(scopes, meter_provider)
        return restore

    return replace_and_ignore


def ignore(scopes: Collection[str], meter_provider: metrics.MeterProvider | None) -> None:
    """Have this project's meter provider (the global one unless given) take no calls from these meters any more.

    It may come later than this. Another provider is left as it is: there both are recorded.
    """
    provider = metrics.get_meter_provider() if meter_provider is None else meter_provider
    if isinstance(provider, MeterProvider):
        provider.ignore_scopes(scopes)
    elif meter_provider is None:
        _wanted.update(scopes)
        when_configured(_ignore_wanted)


def _ignore_wanted(provider: MeterProvider) -> None:
    provider.ignore_scopes(_wanted)
