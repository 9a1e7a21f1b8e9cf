"""Mutants that are no errors, each with its reason."""

from collections.abc import Mapping
from typing import Final

_COUNTED: Final = "What is counted is one of each process, whatever its value is."
_NOTHING: Final = "Nothing times it is nothing."

EQUIVALENT: Final[Mapping[str, str]] = {
    "job:processes:count: aggregation max (1) -> sum": _COUNTED,
    "job:processes:count: aggregation max (1) -> min": _COUNTED,
    "job:slo_bad:rate5m availability: aggregation sum (2) -> max": _NOTHING,
    "job:slo_bad:rate5m availability: aggregation sum (2) -> min": _NOTHING,
    "job:slo_bad:rate5m availability: aggregation sum (2) -> count": _NOTHING,
}
