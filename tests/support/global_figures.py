"""The global meter provider of the tests' process: the engine's own, set once and begun anew for each test."""

from opentelemetry import metrics
from opentelemetry.sdk.resources import Resource

from app_integration.llm import prices
from telemetry.settings import Settings
from tests.support.measured import Measured

_global: list[Measured] = []


def begun_anew() -> Measured:
    """Return what reads the global provider, from zero. Calls are priced by the packaged table."""
    if not _global:
        weights = {"model_price": prices.weight(Settings.from_environ({}))}
        _global.append(Measured(weights))
        metrics.set_meter_provider(_global[0].provider)
    _global[0].provider.restart(Resource.get_empty())
    return _global[0]
