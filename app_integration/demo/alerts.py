"""The alerts that arrived, as Alertmanager's webhooks tell of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

# It fires always: that it arrives is what it says.
WATCHDOG: Final = "Watchdog"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert: its labels and annotations, and when it was told of.

    `told` are seconds of a monotonic clock and whether it was said to fire then, in the order in which that came; what
    is repeated without a change is not among them.
    """

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    began: datetime
    told: tuple[tuple[float, bool], ...] = ()
    repeats: int = 0

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """What tells it from others."""
        return tuple(sorted(self.labels.items()))

    @property
    def name(self) -> str:
        """What it is called."""
        return self.labels.get("alertname", "")

    @property
    def priority(self) -> str:
        """P0, P1 or P2."""
        return self.labels.get("priority", "")

    @property
    def summary(self) -> str:
        """What it says, in a line."""
        return self.annotations.get("summary", "")

    @property
    def firing(self) -> bool:
        """Whether it has not ended."""
        return bool(self.told) and self.told[-1][1]

    @property
    def arrived(self) -> float:
        """When it was first told of, in seconds of a monotonic clock."""
        return self.told[0][0]

    @property
    def changed(self) -> float:
        """When it was last told to fire, or to have ended."""
        return self.told[-1][0]

    def again(self, now: float, *, firing: bool, annotations: Mapping[str, str]) -> "Alert":
        """Return it as it is after it was told of once more."""
        if firing == self.firing:
            return replace(self, annotations=annotations, repeats=self.repeats + 1)
        return replace(self, annotations=annotations, told=(*self.told, (now, firing)))


@dataclass(slots=True)
class Alerts:
    """All alerts that arrived, the one that came first at the beginning."""

    _by_labels: dict[tuple[tuple[str, str], ...], Alert] = field(default_factory=dict)

    def take(self, body: bytes, now: float) -> None:
        """Add what a webhook tells; `now` is in seconds of a monotonic clock.

        Raises:
            ValueError: it is none of Alertmanager's messages (version 4).
        """
        match json.loads(body):
            case {"version": "4", "alerts": list(alerts)}:
                for alert in alerts:
                    self._take(alert, now)
            case _:
                raise ValueError("no message of Alertmanager's, version 4")

    def all(self) -> Sequence[Alert]:
        """Return them but for the watchdog."""
        return [alert for alert in self._by_labels.values() if alert.name != WATCHDOG]

    @property
    def watchdog(self) -> Alert | None:
        """The alert that always fires, None where it was not heard of."""
        return next((alert for alert in self._by_labels.values() if alert.name == WATCHDOG), None)

    def _take(self, told: object, now: float) -> None:
        match told:
            case {
                "status": "firing" | "resolved" as status,
                "labels": dict(labels),
                "annotations": dict(found),
                "startsAt": str(began),
            }:
                key = tuple(sorted((str(name), str(value)) for name, value in labels.items()))
                annotations = {str(name): str(text) for name, text in found.items()}
                firing = status == "firing"
                if (known := self._by_labels.get(key)) is not None:
                    self._by_labels[key] = known.again(now, firing=firing, annotations=annotations)
                else:
                    began_at = datetime.fromisoformat(began).astimezone(UTC)
                    self._by_labels[key] = Alert(dict(key), annotations, began_at, ((now, firing),))
            case _:
                raise ValueError("an alert without labels, annotations, status or start")


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard until `now`, in seconds of a monotonic clock; `watchdog` tells whether alerts arrive at all."""

    alerts: tuple[Alert, ...]
    watchdog: bool
    now: float
