"""What a webhook was told of alerts, one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.support.webhook import Notification


@dataclass(frozen=True)
class ToldAlert:
    """An alert, the states that it was told to be in, in their order, and the annotations of each time.

    What is told again in the company of another alert, whose news it is, is not told twice.
    """

    labels: Mapping[str, str]
    states: tuple[str, ...] = ()
    annotations: tuple[Mapping[str, str], ...] = ()


def told_alerts(notifications: Iterable[Notification]) -> Sequence[ToldAlert]:
    """Return all alerts of some notifications, the first one first."""
    found: dict[frozenset[tuple[str, str]], ToldAlert] = {}
    for notification in notifications:
        for alert in notification["alerts"]:
            key = frozenset(alert["labels"].items())
            known = found.setdefault(key, ToldAlert(alert["labels"]))
            if len(notification["alerts"]) > 1 and known.states[-1:] == (alert["status"],):
                continue
            states, annotations = (*known.states, alert["status"]), (*known.annotations, alert["annotations"])
            found[key] = ToldAlert(alert["labels"], states, annotations)
    return list(found.values())


def matching(alerts: Iterable[ToldAlert], labels: Mapping[str, str]) -> list[ToldAlert]:
    """Return those with these labels among others."""
    return [alert for alert in alerts if labels.items() <= alert.labels.items()]
