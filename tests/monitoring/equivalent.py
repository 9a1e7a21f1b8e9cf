"""Mutants that are no errors, each with its reason."""

from collections.abc import Mapping
from typing import Final

from monitoring.rules.first_layer import gauge_of
from telemetry.contract import CONTRACT, Combine

_COUNTED: Final = "What is counted is one of each process, whatever its value is."
_NOTHING: Final = "Nothing times it is nothing, and by it, where there are enough look-ups."
_DAY: Final = "How often there was a sum is counted, whatever it was."
_ANY: Final = "Whether there were any is all that is asked."
_KNOWN: Final = "What is older than an hour is in the day before it, and so it is not new."

_LARGEST: Final = "The largest of the largest is the largest of all."

_CHANGED: Final = "LlmProviderSetChanged"

EQUIVALENT: Final[Mapping[str, str]] = {
    "job:processes:count: aggregation max (1) -> sum": _COUNTED,
    "job:processes:count: aggregation max (1) -> min": _COUNTED,
    "job:slo_bad:rate5m availability: aggregation sum (2) -> max": _NOTHING,
    "job:slo_bad:rate5m availability: aggregation sum (2) -> min": _NOTHING,
    "job:slo_bad:rate5m availability: aggregation sum (2) -> count": _NOTHING,
    "RequestVolumeUp: aggregation sum (4) -> max": _DAY,
    "RequestVolumeUp: aggregation sum (4) -> min": _DAY,
    "RequestVolumeUp: aggregation sum (4) -> count": _DAY,
    "CacheHitsLow: aggregation sum (2) -> max": _NOTHING,
    "CacheHitsLow: aggregation sum (2) -> min": _NOTHING,
    "CacheHitsLow: aggregation sum (2) -> count": _NOTHING,
    "CacheHitsLow: operator * (1) -> /": _NOTHING,
    **{
        f"{gauge_of(metric.name)}: lanes with the rest, max": _LARGEST
        for metric in CONTRACT.metrics
        if metric.combine in {Combine.MAX, Combine.STATE}
    },
    **{
        f"{_CHANGED} {change}: {what}": _ANY
        for change in ("added", "removed")
        for number in (1, 2)
        for what in (
            f"aggregation sum ({number}) -> max",
            f"aggregation sum ({number}) -> min",
            f"function sum_over_time ({number}) -> max_over_time",
            f"function sum_over_time ({number}) -> avg_over_time",
        )
    },
    "Watchdog: keep_firing_for 0s -> 5m": "It never ends.",
    "LlmCallsUnpriced: aggregation max (3) -> sum": _ANY,
    "LlmCallsUnpriced: aggregation max (3) -> min": _ANY,
    "LlmCallsUnpriced: range [1h (2) -> [7200s": "One that comes back after an hour may be called new or not.",
    f"{_CHANGED} added: range [1h (1) -> [7200s": _KNOWN,
}
