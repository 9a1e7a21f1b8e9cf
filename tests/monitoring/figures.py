"""What each recording of the first layer and of the history must be: computed from the contract, not from its rule.

Two processes tell a metric by two lanes, one of which has missed something of each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from monitoring.model import Group, Recording
from monitoring.rules.first_layer import BREAKER, PROCESSES, bare
from telemetry.contract import CONTRACT, Combine, Metric, MetricType
from tests.monitoring.promtool import built_on
from tests.monitoring.scenes import JOB
from tests.monitoring.shapes import Shape, counter, gauge

STEP: Final = 15
# By process and lane: the larger of both lanes is right, and together they are one.
SHARES: Final[Mapping[tuple[str, str], float]] = {
    ("i1", "a"): 0.7,
    ("i1", "b"): 0.4,
    ("i2", "a"): 0.2,
    ("i2", "b"): 0.3,
}
SUM, MAX = 1.0, 0.7

RATE: Final = 8.0
BEGIN: Final = 7_200.0
WINDOWS: Final = {"2m": 120, "5m": 300, "1h": 3_600}
GROUPS: Final = ("techsapo-first-layer", "techsapo-first-layer-slow", "techsapo-history")

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Figure:
    """What a recording is at times in seconds, by its labels."""

    record: str
    series: Mapping[str, Shape]
    values: Mapping[float, Sequence[tuple[Labels, float]]]
    every: int = STEP
    step: int = STEP
    # What is looked at, where it is not the recording itself.
    expr: str = ""

    @property
    def name(self) -> str:
        """What it is called where it fails."""
        return self.record

    @property
    def lasts(self) -> float:
        """Seconds until the last time that is looked at."""
        return max(self.values)

    def needed(self, groups: Sequence[Group]) -> tuple[Group, ...]:
        """Return the groups with the rules of the recording."""
        rules = [rule for group in groups for rule in group.rules]
        return built_on(
            [rule for rule in rules if isinstance(rule, Recording) and rule.record == self.record],
            rules,
            self.series,
            groups,
        )

    def told(self) -> Iterator[dict[str, str]]:
        """Give the series as promtool has them."""
        for name, shape in self.series.items():
            yield {"series": name, "values": shape.told(self.step)}

    def tests(self, groups: Sequence[Group]) -> Iterator[dict[str, object]]:  # noqa: ARG002  it compares with no rule's text
        """Give what promtool is to compare."""
        for seconds, samples in self.values.items():
            told = [
                {"labels": series_of("" if self.expr else self.record, labels), "value": value}
                for labels, value in samples
            ]
            yield {"expr": self.expr or self.record, "eval_time": f"{round(seconds)}s", "exp_samples": told}


def figures() -> Iterator[Figure]:
    """Give one of each recording of GROUPS that the contract calls for."""
    for metric in CONTRACT.metrics:
        match metric.type:
            case MetricType.GAUGE:
                if metric.combine is not Combine.RATIO:
                    yield _gauge(metric)
            case MetricType.COUNTER:
                yield from _counter(metric, metric.name, {})
            case MetricType.HISTOGRAM:
                for part in ("sum", "count"):
                    yield from _counter(metric, f"{metric.name}_{part}", {})
                yield from _counter(metric, f"{metric.name}_bucket", {"le": "1.0"})
    yield _processes()
    yield _breaker()


def sum_of_history() -> Figure:
    """What the history adds up to over an hour: what was counted, whenever it was, beside a restart and a lane gone."""
    sample, record = "techsapo_wallbounce_cost_usd", "history:wallbounce_cost_usd:increase5m"
    labels = {"job": JOB, "provider": "openai", "task_type": "basic"}
    # A burst, a trickle, nothing, and again.
    told = counter((3_600, 0), (100 * STEP, 2), (40 * STEP, 0.05), (20 * STEP, 0), (7_200, 0.5), start=0)
    # One process begins anew while nothing is counted.
    anew = told.of(0.5).begun_anew(3_600 + 150 * STEP)
    series = {}
    for instance, shape in (("i1", told.of(0.5)), ("i2", anew)):
        for lane in ("a", "b"):
            name = series_of(sample, {**labels, "instance": instance, "lane": lane})
            series[name] = shape.gone(3_600 + 120 * STEP) if lane == "b" else shape
    return Figure(
        record,
        series,
        {
            7_200: [(labels, 100 * STEP * 2 + 40 * STEP * 0.05 + 80 * STEP * 0.5)],
            10_800: [(labels, 3_600 * 0.5)],
        },
        every=300,
        expr=f"sum_over_time({record}[1h])",
    )


def _labels(metric: Metric, more: Labels) -> dict[str, str]:
    return {"job": JOB, **{label.name: f"any {label.name}" for label in metric.labels}, **more}


def _gauge(metric: Metric) -> Figure:
    how, expected = ("sum", SUM) if metric.combine is Combine.SUM else ("max", MAX)
    labels = _labels(metric, {})
    series = {
        series_of(metric.name, {**labels, "instance": instance, "lane": lane}): gauge((600, share))
        for (instance, lane), share in SHARES.items()
    }
    return Figure(f"job:{bare(metric.name)}:{how}", series, {300: [(labels, expected)]})


def _counter(metric: Metric, sample: str, more: Labels) -> Iterator[Figure]:
    labels = _labels(metric, more)

    def series(clients: Sequence[str] = ("any client_ip",)) -> dict[str, Shape]:
        # One process begins anew in the middle of what is looked at: what it has counted is not lost.
        return {
            series_of(
                sample,
                {**labels, "instance": instance, "lane": lane}
                | ({"client_ip": client} if "client_ip" in labels else {}),
            ): _shape(share / len(clients), instance)
            for client in clients
            for (instance, lane), share in SHARES.items()
        }

    for window, seconds in WINDOWS.items():
        # rate() makes up for the one interval that is missing between the samples of a window.
        half = RATE * (seconds / 2) / (seconds - STEP)
        at = BEGIN + seconds / 2
        yield Figure(
            f"job:{bare(sample)}:rate{window}", series(), {at: [(labels, half)], at + seconds: [(labels, RATE)]}
        )
    kept = {name: value for name, value in labels.items() if name != "client_ip"}
    clients = ("one", "another") if "client_ip" in labels else ("any client_ip",)
    yield Figure(
        f"history:{bare(sample)}:increase5m",
        series(clients),
        # Evaluations seldom meet samples: what came after the last one before them is of the next.
        {BEGIN: [(kept, 0.0)], BEGIN + 160: [(kept, RATE * 150)], BEGIN + 460: [(kept, RATE * 300)]},
        every=20,
    )


def _shape(share: float, instance: str) -> Shape:
    shape = counter((BEGIN, 0), (3_600 * 2, RATE * share))
    return shape if instance == "i1" else shape.begun_anew(BEGIN)


def _processes() -> Figure:
    series = {
        series_of("target_info", {"job": JOB, "instance": instance, "lane": lane, "service_version": version}): gauge(
            (600, 1)
        )
        for instance, lane in SHARES
        for version in ("1", "2")
    }
    # Collectors are none, each by its job and instance.
    for job, instance in (("collector", "i1"), (JOB, "i3")):
        for name in ("target_info", "otelcol_process_uptime"):
            series[series_of(name, {"job": job, "instance": instance})] = gauge((600, 1))
    return Figure(PROCESSES, series, {300: [({"job": JOB}, 2)]})


def _breaker() -> Figure:
    """Each state is the worst of a provider once, and once there are two that are bad."""
    states = {
        "one": ("closed", "closed"),
        "another": ("half_open", "closed"),
        "third": ("closed", "open"),
        "fourth": ("half_open", "open"),
    }
    series = {}
    for provider, (first, second) in states.items():
        for instance, now in (("i1", first), ("i2", second)):
            for state in ("closed", "half_open", "open"):
                labels = {"job": JOB, "provider": provider, "state": state, "instance": instance, "lane": "a"}
                series[series_of("techsapo_circuit_breaker_state", labels)] = gauge((600, float(state == now)))
    worst = {"one": 0, "another": 1, "third": 2, "fourth": 2}
    return Figure(
        BREAKER, series, {300: [({"job": JOB, "provider": provider}, value) for provider, value in worst.items()]}
    )


def series_of(name: str, labels: Labels) -> str:
    """Return a series' name with its labels."""
    return name + "{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + "}"
