"""Weights: factors that a view multiplies amounts with, such as the price of a model's tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weight:
    """A factor that depends on `attributes` alone.

    `factor` gets their values (None where missing) and returns the factor, or None where there is none: the
    measurement is then left out of the weighted view and counted by the view that names it in `unless_weight`.
    """

    attributes: tuple[str, ...]
    factor: Callable[[Mapping[str, object]], float | None]
