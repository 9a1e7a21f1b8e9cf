"""What rules are made of, as Prometheus' rule files have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from monitoring.pace import Pace
from monitoring.places import Places

Priority = Literal["P0", "P1", "P2"]
Dashboard = Literal["executive", "operations", "development"]

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that is computed at each evaluation."""

    record: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=lambda: _NONE)

    def rendered(self, pace: Pace, places: Places) -> dict[str, object]:  # noqa: ARG002  one call renders either kind of rule
        """Return it as the file has it."""
        rule: dict[str, object] = {"record": self.record, "expr": self.expr}
        if self.labels:
            rule["labels"] = dict(self.labels)
        return rule


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that somebody is told of.

    `says` is one line with the value, `means` what it means to users. `decided` says how the requirement's words are
    taken where they allow several; it stands beside the rule. `dashboard` is where to look first, `narrows` the labels
    that its variables take over. It goes on for `keeps_for` after its condition has ended.
    """

    name: str
    priority: Priority
    service: str
    expr: str
    for_: str
    says: str
    means: str
    dashboard: Dashboard
    decided: str = ""
    narrows: tuple[str, ...] = ("job",)
    labels: Mapping[str, str] = field(default_factory=lambda: _NONE)
    keeps_for: str = "0s"

    def rendered(self, pace: Pace, places: Places) -> dict[str, object]:
        """Return it as the file has it."""
        variables = "&".join(f"var-{label}={{{{ $labels.{label} | urlquery }}}}" for label in self.narrows)
        annotations = {
            "summary": self.says,
            "description": f"{self.says}. {self.means}",
            "runbook_url": places.runbook(self.name),
            "dashboard_url": places.dashboard(self.dashboard, variables),
        }
        if self.decided:
            annotations["decided"] = self.decided
        keeps = {"keep_firing_for": pace.time(self.keeps_for)} if self.keeps_for != "0s" else {}
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": pace.time(self.for_),
            **keeps,
            "labels": {"priority": self.priority, "service": self.service, **self.labels},
            "annotations": annotations,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after the other, every `interval`."""

    name: str
    interval: str
    rules: tuple[Recording | Alert, ...]

    def rendered(self, pace: Pace, places: Places) -> dict[str, object]:
        """Return it as the file has it."""
        return {
            "name": self.name,
            "interval": pace.time(self.interval),
            "rules": [rule.rendered(pace, places) for rule in self.rules],
        }
