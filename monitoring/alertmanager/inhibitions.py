"""Inhibitions: which alert makes another one needless, and why nothing else is hidden by it.

Two traps, both seen: a label that is missing on both sides counts as equal, so each equal label is asked for on both
sides. And an alert that is silenced or inhibited still inhibits, so no alert inhibits another that inhibits a third of
another meaning: HttpServerErrors leaves the fast burn of availability alone, as a silence on it would hide all burns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Labels = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alert with the labels of `source` fires, those with the labels of `target` are not told.

    Each label has one of the values given; those of `equal` are there on both sides, and the same.
    """

    name: str
    source: Labels
    target: Labels
    equal: tuple[str, ...]
    reason: str

    def rendered(self) -> dict[str, object]:
        """Return it as Alertmanager has it."""
        return {
            "name": self.name,
            "source_matchers": self._matchers(self.source),
            "target_matchers": self._matchers(self.target),
            "equal": list(self.equal),
        }

    def _matchers(self, labels: Labels) -> list[str]:
        given = [f'{name}{"=" if len(values) == 1 else "=~"}"{"|".join(values)}"' for name, values in labels.items()]
        return [*given, *(f'{name}=~".+"' for name in self.equal)]


_BURNS: Final = ("SloBudgetBurns",)
_OBJECTIVE: Final = ("job", "service", "slo")

INHIBITIONS: Final = (
    Inhibition(
        "target-down",
        {"alertname": ("TargetDown",)},
        {"alertname": ("CollectorRefusing", "CollectorExportFailing")},
        ("job", "service", "instance"),
        "What a Collector that is down said last of itself is old. Alerts of the application are told by the other "
        "lane, and go on.",
    ),
    Inhibition(
        "burns-fast",
        {"alertname": _BURNS, "burn": ("fast",)},
        {"alertname": _BURNS, "burn": ("medium", "slow")},
        _OBJECTIVE,
        "Who is paged for the hour need not hear that six hours and three days are bad with it.",
    ),
    Inhibition(
        "burns-medium",
        {"alertname": _BURNS, "burn": ("medium",)},
        {"alertname": _BURNS, "burn": ("slow",)},
        _OBJECTIVE,
        "The same objective, less urgent.",
    ),
    Inhibition(
        "budget-running-out",
        {"alertname": ("BudgetRunningOut",)},
        {"alertname": ("BudgetNearlySpent",)},
        ("job", "service"),
        "When it will be gone says more than that most of it is. Not the other way round: that it goes in two hours is "
        "news also to those who know that four fifths are gone.",
    ),
    Inhibition(
        "service-silent",
        {"alertname": ("ServiceSilent",)},
        {"alertname": ("DataStale",)},
        ("job", "service"),
        "A service that sends nothing has old data.",
    ),
)
