"""Colours that people with any kind of colour vision tell apart (Okabe and Ito, 2008); texts say the same."""

from typing import Final

from monitoring.dashboards.model import Limit, Step

GOOD: Final = "#0072B2"
WARNING: Final = "#E69F00"
BAD: Final = "#D55E00"
NEUTRAL: Final = "#999999"

# Of alerts, by how soon somebody is wanted.
PRIORITIES: Final = {"P0": BAD, "P1": WARNING, "P2": "#F0E442"}

# In this order; what comes after the last begins anew.
SERIES: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")

# A warning begins at this share of the way to an alert's threshold.
NEAR: Final = 0.5


def steps_of(limit: Limit) -> tuple[Step, ...]:
    """Return the colours on both sides of an alert's threshold."""
    if limit.worse == "above":
        return Step(None, GOOD), Step(limit.value * NEAR, WARNING), Step(limit.value, BAD)
    # Of what alerts when it is low, the way is from 1 down.
    return Step(None, BAD), Step(limit.value, WARNING), Step(1 - (1 - limit.value) * NEAR, GOOD)
