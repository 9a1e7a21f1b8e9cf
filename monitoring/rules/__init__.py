"""The rules, group by group: the first layer, what is built on it, and the alerts."""

from monitoring.model import Group
from monitoring.rules import alerts_p0, alerts_p1, alerts_p2, alerts_pipeline, first_layer, history, slos
from monitoring.thresholds import Thresholds

__all__ = ["groups"]


def groups(thresholds: Thresholds) -> tuple[Group, ...]:
    """Return every group, in the order of their files.

    Raises:
        ThresholdsError: a threshold makes a rule that cannot fire.
    """
    return (
        *first_layer.groups(thresholds.pace),
        *slos.groups(thresholds),
        history.group(thresholds.pace),
        alerts_p0.group(thresholds),
        *alerts_p1.groups(thresholds),
        alerts_p2.group(thresholds),
        alerts_pipeline.group(thresholds),
    )
