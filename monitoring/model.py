"""What rules are made of, as Prometheus' rule files have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

Priority = Literal["P0", "P1", "P2"]

# Where this repository is published.
RUNBOOKS: Final = "https://github.com/techsapo/telemetry/blob/main/monitoring/runbooks"


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that is computed at each evaluation."""

    record: str
    expr: str

    def rendered(self) -> dict[str, object]:
        """Return it as the file has it."""
        return {"record": self.record, "expr": self.expr}


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that somebody is told of.

    `says` is one line with the value, `means` what it means to users. `decided` says how the requirement's words are
    taken where they allow several; it stands beside the rule.
    """

    name: str
    priority: Priority
    service: str
    expr: str
    for_: str
    says: str
    means: str
    decided: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def rendered(self) -> dict[str, object]:
        """Return it as the file has it."""
        annotations = {
            "summary": self.says,
            "description": self.means,
            "runbook_url": f"{RUNBOOKS}/{self.name}.md",
        }
        if self.decided:
            annotations["decided"] = self.decided
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": self.for_,
            "labels": {"priority": self.priority, "service": self.service, **self.labels},
            "annotations": annotations,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after the other, every `interval`."""

    name: str
    interval: str
    rules: tuple[Recording | Alert, ...]

    def rendered(self) -> dict[str, object]:
        """Return it as the file has it."""
        return {"name": self.name, "interval": self.interval, "rules": [rule.rendered() for rule in self.rules]}
