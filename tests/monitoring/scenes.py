"""Scenes for promtool: series as a Prometheus scrapes them, and the alerts that must fire at a time, or none."""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Self

from monitoring.model import Alert, Group, Recording
from tests.monitoring.promtool import built_on
from tests.monitoring.shapes import Shape

JOB: Final = "reference-app"
LANES: Final = ("a", "b")

# Two processes of a job, and how much of everything each has.
PROCESSES: Final[Mapping[str, float]] = MappingProxyType({"i1": 0.7, "i2": 0.3})

# Six intervals: a Collector repeats the last figures of who sends no more for so long.
EXPIRATION: Final = 90.0

# What tells the alerts of one name apart.
_BY: Final = (
    "job, provider, model, component, instance, lane, cache_type, metric, slo, burn, change, reason, failure, "
    "evaluation, rule_group, integration"
)

Labels = Mapping[str, str]
NO_LABELS: Final[Labels] = MappingProxyType({})
Fires = Mapping[float, Sequence[Labels]]


class Kind(enum.Enum):
    """What a scene shows of an alert."""

    FIRES = "fires at the right minute"
    JUST_UNDER = "just on the right side of its threshold"
    LITTLE_TRAFFIC = "little traffic"
    RESTART = "a restart"
    MISSING = "missing data"
    LANE_GONE = "a lane gone"
    OTHER = "beside these"


@dataclass(frozen=True)
class Scene:
    """Series (by name and labels), and what an alert does at times in seconds: the labels that fire, beside the job.

    Each series is told by both lanes of both processes, each of which has its share, and a label of its own that an
    alert has to add up over; one that names its job, its instance or its lane is told as it is. Samples come every
    `step` seconds, rules are evaluated `every` so many.
    """

    kind: Kind
    alert: str
    says: str
    series: Mapping[str, Shape]
    fires: Fires = field(default_factory=dict)
    step: int = 15
    every: int = 15
    processes: Mapping[str, float] = field(default_factory=lambda: PROCESSES)
    restart_at: float | None = None
    lane_gone_at: float | None = None
    # What the alert's expression is at times, where it holds, of the labels that fire first.
    amounts: Mapping[float, float] = field(default_factory=dict)
    # Rules that give other labels than these are left out: they cost time, and cannot change what is looked at.
    of: Labels = field(default_factory=lambda: NO_LABELS)

    @property
    def name(self) -> str:
        """What promtool calls it."""
        return f"{self.alert}: {self.kind.value}: {self.says}"

    @property
    def lasts(self) -> float:
        """Seconds until the last time that is looked at."""
        return max((*self.fires, *self.amounts), default=0.0)

    def but(
        self, kind: Kind, says: str, fires: Fires, *, restart_at: float | None = None, lane_gone_at: float | None = None
    ) -> Self:
        """Return the same with a restart of one process, or without one lane."""
        return replace(self, kind=kind, says=says, fires=fires, restart_at=restart_at, lane_gone_at=lane_gone_at)

    def without_data(self, at: float, says: str, fires: Fires) -> Self:
        """Return the same, with all series gone from a time on."""
        series = {name: shape.gone(at) for name, shape in self.series.items()}
        return replace(self, kind=Kind.MISSING, says=says, series=series, fires=fires)

    def needed(self, groups: Sequence[Group]) -> tuple[Group, ...]:
        """Return the groups with the rules that the alert is built on, up to what the series give."""
        rules = [rule for group in groups for rule in group.rules if _concerns(rule, self.of)]
        alerts = [rule for rule in rules if isinstance(rule, Alert) and rule.name == self.alert]
        return built_on(alerts, rules, self.series, groups)

    def told(self) -> Iterator[dict[str, str]]:
        """Give the series as promtool has them."""
        for name, shape in self.series.items():
            metric, _, labels = name.partition("{")
            own = labels.rstrip("}")
            if ":" in metric or any(f"{label}=" in own for label in ("job", "instance", "lane")):
                yield self._told(metric, own, shape)
                continue
            for number, (instance, share) in enumerate(self.processes.items()):
                mine = shape.of(share) if shape.counts else shape
                if self.restart_at is not None and number == 0:
                    mine = mine.begun_anew(self.restart_at)
                for lane in LANES:
                    seen = mine
                    if lane == "b" and self.lane_gone_at is not None:
                        seen = mine.gone(self.lane_gone_at, EXPIRATION)
                    where = f'instance="{instance}",lane="{lane}",by="{instance}"'
                    yield self._told(metric, f"{own},{where}" if own else where, seen)

    def _told(self, metric: str, labels: str, shape: Shape) -> dict[str, str]:
        job = "" if "job=" in labels else f'job="{JOB}"' + ("," if labels else "")
        return {"series": f"{metric}{{{job}{labels}}}", "values": shape.told(self.step)}

    def tests(self, groups: Sequence[Group]) -> Iterator[dict[str, object]]:
        """Give what promtool is to compare: which alerts fire, and how much they say it is."""
        for seconds, fires in self.fires.items():
            yield {
                "expr": f'count by ({_BY}) (ALERTS{{alertname="{self.alert}",alertstate="firing"}})',
                "eval_time": f"{round(seconds * 1000)}ms",
                "exp_samples": [{"labels": _labels({"job": JOB, **labels}), "value": 1} for labels in fires],
            }
        for seconds, value in self.amounts.items():
            (alert,) = (rule for group in self.needed(groups) for rule in group.rules if isinstance(rule, Alert))
            (labels,) = next(fires for fires in self.fires.values() if fires)
            yield {
                "expr": alert.expr,
                "eval_time": f"{round(seconds * 1000)}ms",
                "exp_samples": [{"labels": _labels({"job": JOB, **labels}), "value": value}],
            }


def _concerns(rule: Alert | Recording, of: Labels) -> bool:
    return all(rule.labels.get(name, value) == value for name, value in of.items())


def _labels(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items() if value) + "}"
