"""Routes: by priority, each with its timing; the watchdog before all others."""

import math
from dataclasses import dataclass
from typing import Final

from monitoring.alertmanager.quiet_hours import NAME as QUIET_HOURS
from monitoring.model import Priority
from monitoring.pace import Pace

WATCHDOG: Final = "watchdog"
# A priority that nobody knows is a mistake of who wrote the alert; it goes to those who look soon.
FALLBACK: Final[Priority] = "P1"


@dataclass(frozen=True, slots=True)
class Timing:
    """When a group of alerts is told.

    `wait` is from its first alert to the first notification, `interval` from there to the next one where something
    changed (the earliest time, too, at which its end is told), `repeat` until it is told again where nothing did.
    Alerts with the same values of the labels in `by` are one group: one notification, and one incident in PagerDuty.
    """

    wait: str
    interval: str
    repeat: str
    by: tuple[str, ...]

    def rendered(self, pace: float) -> dict[str, object]:
        """Return it as a route has it. A repetition that comes sooner would only look like a second alert."""
        shorter, never_sooner = Pace(pace), Pace(pace, math.inf)
        return {
            "group_by": list(self.by),
            "group_wait": shorter.time(self.wait),
            "group_interval": shorter.time(self.interval),
            "repeat_interval": never_sooner.time(self.repeat),
        }


# PagerDuty pages once an incident: what joins a group pages nobody. So in P0 each provider, component and objective is
# an incident of its own; instances are not, as eight workers that leak are one leak.
# The priority is among them for the link to a silence: it hides this group, not the slower burn of the same objective.
_ONE_CAUSE: Final = ("alertname", "job", "service", "priority")
TIMINGS: Final[dict[Priority, Timing]] = {
    # Ten seconds gather the instances of one outage. An hour later somebody is on it, or has slept through the page.
    "P0": Timing("10s", "1m", "1h", (*_ONE_CAUSE, "provider", "component", "slo")),
    # A quarter of an hour is promised; five minutes leave ten of it. Four hours are half a shift.
    "P1": Timing("30s", "5m", "4h", (*_ONE_CAUSE, "slo")),
    # An hour is promised; half of it may pass until what joins a group is told. Once a day is a reminder.
    "P2": Timing("5m", "30m", "1d", (*_ONE_CAUSE, "slo")),
}
# It comes every minute. Alertmanager looks every 30 s whether 45 s have passed: were both a minute, it would come every
# second one, as the notification is noted a little later than the look was taken.
_WATCHDOG: Final = Timing("0s", "30s", "45s", ("alertname",))


def route(*, quiet: bool, pace: float) -> dict[str, object]:
    """Return the tree; each route has a receiver of its name."""
    watchdog = {"receiver": WATCHDOG, "matchers": ['alertname="Watchdog"'], **_WATCHDOG.rendered(pace)}
    by_priority = [
        {"receiver": priority, "matchers": [f'priority="{priority}"'], **timing.rendered(pace)}
        for priority, timing in TIMINGS.items()
    ]
    if quiet:
        by_priority[-1]["mute_time_intervals"] = [QUIET_HOURS]
    return {"receiver": FALLBACK, **TIMINGS[FALLBACK].rendered(pace), "routes": [watchdog, *by_priority]}
