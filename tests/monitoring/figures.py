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
                {"labels": _series("" if self.expr else self.record, labels), "value": value}
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


def events() -> Iterator[Figure]:
    """Give bad and all events of each objective, of a busy job, one without failures, and one without traffic.

    And their means over longer times.
    """
    requests, duration = "job:http_requests:rate5m", "job:http_request_duration_seconds"
    analysis, confidence = "job:wallbounce_processing_duration_seconds", "job:wallbounce_consensus_confidence"
    rates: dict[str, dict[str, float]] = {
        f"{requests}|route=/a,status_code=200": {"busy": 5, "well": 3, "idle": 0},
        f"{requests}|route=/b,status_code=404": {"busy": 1, "well": 2},
        f"{requests}|route=/b,status_code=500": {"busy": 0.5},
        f"{requests}|route=/a,status_code=503": {"busy": 2},
        # Analyses are slow, and have an objective of their own.
        f"{duration}_count:rate5m|route=/analyses": {"busy": 9},
        f"{duration}_count:rate5m|route=/a": {"busy": 7, "well": 3, "idle": 0},
        f"{duration}_count:rate5m|route=/b": {"busy": 4, "well": 2},
        f"{duration}_bucket:rate5m|le=1.0,route=/analyses": {"busy": 1},
        f"{duration}_bucket:rate5m|le=1.0,route=/a": {"busy": 6, "well": 3, "idle": 0},
        f"{duration}_bucket:rate5m|le=1.0,route=/b": {"busy": 2, "well": 2},
        f"{duration}_bucket:rate5m|le=2.5,route=/b": {"busy": 3, "well": 2},
        f"{analysis}_count:rate5m|task_type=basic": {"busy": 4, "well": 1, "idle": 0},
        f"{analysis}_count:rate5m|task_type=premium": {"busy": 2, "well": 1},
        f"{analysis}_bucket:rate5m|le=30.0,task_type=basic": {"busy": 3, "well": 1, "idle": 0},
        f"{analysis}_bucket:rate5m|le=30.0,task_type=premium": {"busy": 0.5, "well": 1},
        f"{analysis}_bucket:rate5m|le=60.0,task_type=premium": {"busy": 1, "well": 1},
        f"{confidence}_count:rate5m|task_type=basic": {"busy": 4, "well": 1, "idle": 0},
        f"{confidence}_count:rate5m|task_type=premium": {"busy": 2, "well": 1},
        f"{confidence}_bucket:rate5m|le=0.7,task_type=basic": {"busy": 1, "well": 0, "idle": 0},
        f"{confidence}_bucket:rate5m|le=0.7,task_type=premium": {"busy": 0.5, "well": 0},
        f"{confidence}_bucket:rate5m|le=0.8,task_type=premium": {"busy": 1.5, "well": 0},
    }
    series = {}
    for name, by_job in rates.items():
        sample, _, told = name.partition("|")
        labels = dict(label.split("=", 1) for label in told.split(","))
        for job, rate in by_job.items():
            series[_series(sample, {"job": job, **labels})] = gauge((600, rate))
    of_all = {"availability": (8.5, 5), "latency": (11, 5), "analysis": (6, 2), "consensus": (6, 2)}
    bad = {"availability": (2.5, 0), "latency": (3, 0), "analysis": (2.5, 0), "consensus": (1.5, 0)}
    for which, values in (("all", of_all), ("bad", bad)):
        expected = [
            ({"job": job, "slo": slo}, value)
            for slo, (busy, well) in values.items()
            for job, value in (("busy", busy), ("well", well), ("idle", 0))
        ]
        yield Figure(f"job:slo_{which}:rate5m", series, {300: expected})
        for window, seconds in (("30m", 1_800), ("1h", 3_600), ("6h", 21_600), ("3d", 259_200)):
            labels = {"job": "busy", "slo": "availability"}
            # Of sixty samples 29 are ones and 31 threes.
            rises = {_series(f"job:slo_{which}:rate5m", labels): gauge((seconds / 2, 1), (seconds, 3))}
            mean, step = (29 + 3 * 31) / 60, seconds // 60
            yield Figure(f"job:slo_{which}:rate{window}", rises, {seconds: [(labels, mean)]}, every=step, step=step)


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
            name = _series(sample, {**labels, "instance": instance, "lane": lane})
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
        _series(metric.name, {**labels, "instance": instance, "lane": lane}): gauge((600, share))
        for (instance, lane), share in SHARES.items()
    }
    return Figure(f"job:{bare(metric.name)}:{how}", series, {300: [(labels, expected)]})


def _counter(metric: Metric, sample: str, more: Labels) -> Iterator[Figure]:
    labels = _labels(metric, more)

    def series(clients: Sequence[str] = ("any client_ip",)) -> dict[str, Shape]:
        # One process begins anew in the middle of what is looked at: what it has counted is not lost.
        return {
            _series(
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
        {BEGIN: [(kept, 0.0)], BEGIN + 150: [(kept, RATE * 150)], BEGIN + 450: [(kept, RATE * 300)]},
    )


def _shape(share: float, instance: str) -> Shape:
    shape = counter((BEGIN, 0), (3_600 * 2, RATE * share))
    return shape if instance == "i1" else shape.begun_anew(BEGIN)


def _processes() -> Figure:
    series = {
        _series("target_info", {"job": JOB, "instance": instance, "lane": lane, "service_version": version}): gauge(
            (600, 1)
        )
        for instance, lane in SHARES
        for version in ("1", "2")
    }
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
                series[_series("techsapo_circuit_breaker_state", labels)] = gauge((600, float(state == now)))
    worst = {"one": 0, "another": 1, "third": 2, "fourth": 2}
    return Figure(
        BREAKER, series, {300: [({"job": JOB, "provider": provider}, value) for provider, value in worst.items()]}
    )


def _series(name: str, labels: Labels) -> str:
    return name + "{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + "}"
