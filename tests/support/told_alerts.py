"""What a webhook was told of alerts, one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.support.webhook import Notification


@dataclass(frozen=True)
class ToldAlert:
    """An alert, and the states that it was told to be in, in their order.

    What is told again in the company of another alert, whose news it is, is not told twice.
    """

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    states: tuple[str, ...]


def told_alerts(notifications: Iterable[Notification]) -> Sequence[ToldAlert]:
    """Return all alerts of some notifications, the first one first."""
    found: dict[frozenset[tuple[str, str]], ToldAlert] = {}
    for notification in notifications:
        for alert in notification["alerts"]:
            key = frozenset(alert["labels"].items())
            states = found[key].states if key in found else ()
            in_company = len(notification["alerts"]) > 1 and states[-1:] == (alert["status"],)
            states = states if in_company else (*states, alert["status"])
            found[key] = ToldAlert(alert["labels"], alert["annotations"], states)
    return list(found.values())


def matching(alerts: Iterable[ToldAlert], labels: Mapping[str, str]) -> list[ToldAlert]:
    """Return those with these labels among others."""
    return [alert for alert in alerts if labels.items() <= alert.labels.items()]
