"""The rules, group by group: the first layer, and the alerts that are built on it."""

from monitoring.model import Group
from monitoring.rules import alerts_p0, alerts_p1, alerts_p2, first_layer
from monitoring.thresholds import Thresholds

__all__ = ["groups"]


def groups(thresholds: Thresholds) -> tuple[Group, ...]:
    """Return every group, in the order of their files."""
    return (
        first_layer.group(),
        alerts_p0.group(thresholds),
        alerts_p1.group(thresholds),
        alerts_p2.group(thresholds),
    )
