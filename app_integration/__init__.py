"""TechSapo, measured: HTTP, Redis and MySQL.

`opentelemetry-instrument` finds the instrumentors by their entry points; an application that starts telemetry in code
calls `instrument()` once, after `telemetry.start()`.
"""

from opentelemetry.metrics import MeterProvider

from app_integration.http import HttpInstrumentor
from app_integration.instrumentor import Instrumentor
from app_integration.mysql import MySqlInstrumentor
from app_integration.redis import RedisInstrumentor

__all__ = ["instrument", "uninstrument"]


def instrument(meter_provider: MeterProvider | None = None) -> None:
    """Measure what of Starlette (FastAPI), redis-py and PyMySQL is installed; again: nothing happens.

    `meter_provider` is the global one where none is given.
    """
    for instrumentor in _instrumentors():
        if not instrumentor.is_instrumented_by_opentelemetry and instrumentor.is_available():
            instrumentor.instrument(meter_provider=meter_provider)


def uninstrument() -> None:
    """Give back what `instrument` replaced."""
    for instrumentor in _instrumentors():
        if instrumentor.is_instrumented_by_opentelemetry:
            instrumentor.uninstrument()


def _instrumentors() -> tuple[Instrumentor, ...]:
    return HttpInstrumentor(), MySqlInstrumentor(), RedisInstrumentor()
