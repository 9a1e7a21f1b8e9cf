"""TechSapo, measured: HTTP, Redis, MySQL, calls of LLM providers, and errors that nobody caught.

`opentelemetry-instrument` finds the instrumentors by their entry points; an application that starts telemetry in code
calls `instrument()` once, after `telemetry.start()`.
"""

from opentelemetry.instrumentation.threading import ThreadingInstrumentor
from opentelemetry.metrics import MeterProvider

from app_integration.errors import ErrorsInstrumentor
from app_integration.http import HttpInstrumentor
from app_integration.instrumentor import Instrumentor
from app_integration.llm import AnthropicInstrumentor, GoogleGenAiInstrumentor, OpenAiInstrumentor
from app_integration.mysql import MySqlInstrumentor
from app_integration.redis import RedisInstrumentor

__all__ = ["instrument", "uninstrument"]


def instrument(meter_provider: MeterProvider | None = None) -> None:
    """Measure what is installed of Starlette (FastAPI), redis-py, PyMySQL, openai, anthropic and google-genai.

    Threads and executors carry on the context of who started them. `meter_provider` is the global one where none is
    given. A second call does nothing.
    """
    for instrumentor in _instrumentors():
        if not instrumentor.is_instrumented_by_opentelemetry and instrumentor.is_available():
            instrumentor.instrument(meter_provider=meter_provider)
    if not ThreadingInstrumentor().is_instrumented_by_opentelemetry:
        ThreadingInstrumentor().instrument()


def uninstrument() -> None:
    """Give back what `instrument` replaced."""
    for instrumentor in _instrumentors():
        if instrumentor.is_instrumented_by_opentelemetry:
            instrumentor.uninstrument()
    if ThreadingInstrumentor().is_instrumented_by_opentelemetry:
        ThreadingInstrumentor().uninstrument()


def _instrumentors() -> tuple[Instrumentor, ...]:
    return (
        HttpInstrumentor(),
        MySqlInstrumentor(),
        RedisInstrumentor(),
        OpenAiInstrumentor(),
        AnthropicInstrumentor(),
        GoogleGenAiInstrumentor(),
        ErrorsInstrumentor(),
    )
