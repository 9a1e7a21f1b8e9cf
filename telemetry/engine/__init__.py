"""The engine: a meter provider whose semantic views come from the contract."""

from telemetry.engine.collect import MetricSnapshot
from telemetry.engine.instruments import Bound
from telemetry.engine.provider import EngineStats, MeterProvider
from telemetry.engine.series import FIRST_BUCKET, MAX, MIN, SUM, Cell, Number, Series
from telemetry.engine.weights import Weight

__all__ = [
    "FIRST_BUCKET",
    "MAX",
    "MIN",
    "SUM",
    "Bound",
    "Cell",
    "EngineStats",
    "MeterProvider",
    "MetricSnapshot",
    "Number",
    "Series",
    "Weight",
]
