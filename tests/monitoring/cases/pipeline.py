"""Alerts on the pipeline itself: targets, the Collector, Prometheus and Alertmanager by their own counters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.render import ROOT
from tests.monitoring.scenes import Fires, Kind, Labels, Scene
from tests.monitoring.shapes import Shape, counter, gauge

HOUR, MINUTE, STEP = 3_600.0, 60.0, 15.0
BEGIN = 900.0

COLLECTOR = 'job="collector",instance="c1:8888"'
PROMETHEUS = 'job="prometheus",instance="p1:9090"'
ALERTMANAGER = 'job="alertmanager",instance="m1:9093"'


@dataclass(frozen=True)
class Loss:
    """An alert on a counter of a program: it fires where the counter grows, within `window`, for `lasts` seconds."""

    alert: str
    counter: str
    own: str
    labels: Labels
    lasts: float
    told: str = ""

    def series(self, shape: Shape, instance: str = "") -> dict[str, Shape]:
        """Return the series of one instance, or of another one."""
        own = self.own if not instance else self.own.partition(",instance")[0] + f',instance="{instance}"'
        return {f"{self.counter}{{{own}{',' + self.told if self.told else ''}}}": shape}

    def fires(self) -> Labels:
        """Return the labels of the alert."""
        job, instance = (part.partition("=")[2].strip('"') for part in self.own.split(","))
        return {"job": job, "instance": instance, **self.labels}


def _scenes(loss: Loss) -> Iterator[Scene]:
    alert, lasts = loss.alert, loss.lasts
    at = BEGIN + STEP + lasts
    labels = (loss.fires(),)
    fires: Fires = {at - STEP: (), at: labels, at + HOUR / 2: labels}
    quiet: Fires = {at: (), at + 10 * MINUTE: ()}
    grows = counter((BEGIN, 0), (2 * HOUR, 0.01))
    still = counter((3 * HOUR, 0))
    # The other one of two that are there twice.
    other = loss.series(still, "x2:1")
    yield Scene(Kind.FIRES, alert, f"{loss.counter} grows", loss.series(grows) | other, fires)
    # Two of what it tells apart no more, half a window after they began to grow: ten of nineteen intervals.
    two = {
        f'{name[:-1]},with="{part}"}}': counter((BEGIN, 0), (2 * HOUR, rate))
        for name in loss.series(grows)
        for part, rate in (("one", 1), ("another", 3))
    }
    amounts = {BEGIN + 150: 4 * 10 / 19}
    yield Scene(Kind.OTHER, alert, f"{loss.counter}: how much", two, {at + HOUR / 2: labels}, amounts=amounts)
    # The last two samples that differ are both within five minutes for all but one interval.
    end = at + 10 * MINUTE
    over = loss.series(counter((BEGIN, 0), (end - BEGIN, 0.01), (HOUR, 0)))
    ends: Fires = {end + 270: labels, end + 285: (), end + 10 * MINUTE: ()}
    yield Scene(Kind.OTHER, alert, f"{loss.counter} grows no more", over, ends)
    once = counter((BEGIN, 0), (STEP, 0.1), (2 * HOUR, 0))
    # Of the window's five minutes the samples before and after it are in it for all but one interval.
    seen: Fires = {BEGIN + 285: labels, BEGIN + 300: ()}
    grew = seen if lasts < 270 else quiet
    yield Scene(Kind.JUST_UNDER, alert, f"{loss.counter} grew once", loss.series(once), grew)
    yield Scene(Kind.LITTLE_TRAFFIC, alert, f"{loss.counter} has grown before", loss.series(still), quiet)
    yield Scene(Kind.RESTART, alert, f"{loss.counter} begins anew", loss.series(still.begun_anew(BEGIN)), quiet)
    yield Scene(
        Kind.RESTART,
        alert,
        f"{loss.counter} begins anew and grows",
        loss.series(grows.begun_anew(at - STEP)),
        {at: labels, at + HOUR / 2: labels},
    )
    yield Scene(
        Kind.MISSING, alert, f"{loss.counter} is gone", loss.series(grows.gone(BEGIN + STEP)), {at + 6 * MINUTE: ()}
    )
    yield Scene(Kind.MISSING, alert, f"{loss.counter} is not told", loss.series(gauge((2 * HOUR, None))), quiet)
    # Each lane has a Collector, and each Prometheus an own view: the other one goes.
    gone = loss.series(still.gone(BEGIN), "x2:1")
    yield Scene(
        Kind.LANE_GONE, alert, f"{loss.counter} grows in the one that is left", loss.series(grows) | gone, fires
    )
    yield Scene(
        Kind.LANE_GONE, alert, f"{loss.counter} does not grow in the one that is left", loss.series(still) | gone, quiet
    )


def _down() -> Iterator[Scene]:
    alert, at = "TargetDown", BEGIN + MINUTE
    where = 'job="services",instance="c1:8889"'
    labels: tuple[Labels, ...] = ({"job": "services", "instance": "c1:8889"},)
    up = f"up{{{where}}}"
    fires: Fires = {at - STEP: (), at: labels, at + HOUR: labels}
    yield Scene(Kind.FIRES, alert, "it does not answer", {up: gauge((BEGIN, 1), (2 * HOUR, 0))}, fires)
    back = gauge((BEGIN, 1), (HOUR, 0), (HOUR, 1))
    yield Scene(Kind.OTHER, alert, "it answers again", {up: back}, {BEGIN + HOUR - STEP: labels, BEGIN + HOUR: ()})
    others: Fires = {at: ({"job": "prometheus", "instance": "p1:9090"},)}
    prometheus = {'up{job="prometheus",instance="p1:9090"}': gauge((BEGIN, 1), (2 * HOUR, 0))}
    yield Scene(Kind.OTHER, alert, "of another job", prometheus, others)
    short = gauge((BEGIN, 1), (MINUTE, 0), (HOUR, 1))
    yield Scene(Kind.JUST_UNDER, alert, "three scrapes failed", {up: short}, {at: (), at + MINUTE: ()})
    yield Scene(Kind.LITTLE_TRAFFIC, alert, "it answers and tells nothing", {up: gauge((2 * HOUR, 1))}, {HOUR: ()})
    anew = gauge((BEGIN, 1), (30, 0), (HOUR, 1))
    yield Scene(Kind.RESTART, alert, "it was begun anew", {up: anew}, {at: (), at + HOUR / 2: ()})
    yield Scene(
        Kind.MISSING, alert, "it is scraped no more", {up: gauge((BEGIN, 1), (HOUR, None))}, {at: (), at + HOUR / 2: ()}
    )
    lanes = {
        f'up{{{where},lane="a"}}': gauge((2 * HOUR, 1)),
        'up{job="services",instance="c2:8889",lane="b"}': gauge((BEGIN, 1), (2 * HOUR, 0)),
    }
    gone: tuple[Labels, ...] = ({"job": "services", "instance": "c2:8889", "lane": "b"},)
    yield Scene(Kind.LANE_GONE, alert, "of the other one", lanes, {at - STEP: (), at: gone})


def _every_reason(policy: str, guard: str) -> Scene:
    """All that the Collector's code has; what is told twice is no loss."""
    told = {policy: "policyprocessor/figures.go", guard: "otlpguardextension/refusal.go"}
    reasons = {
        sample: re.findall(r'^\treason\w+ +reason = "(\w+)"', (ROOT / "collector" / path).read_text(), re.MULTILINE)
        for sample, path in told.items()
    }
    series = {
        f'{sample}{{{COLLECTOR},reason="{reason}"}}': counter((HOUR, 1))
        for sample in reasons
        for reason in reasons[sample]
    }
    losses = {reason for each in reasons.values() for reason in each} - {"duplicate_edition"}
    fires: Fires = {
        HOUR / 2: [{"job": "collector", "instance": "c1:8888", "reason": reason} for reason in sorted(losses)]
    }
    return Scene(Kind.OTHER, "CollectorRefusing", "each reason, but what is told twice", series, fires)


def scenes() -> Iterator[Scene]:
    """Give all of them."""
    yield from _down()
    policy, guard = (
        "otelcol_processor_techsapo_policy_refused_points",
        "otelcol_extension_techsapo_otlp_guard_refused_requests",
    )
    refusing = "CollectorRefusing"
    yield from _scenes(
        Loss(
            refusing,
            "otelcol_receiver_refused_metric_points",
            COLLECTOR,
            {"reason": "memory_limit"},
            300,
            'receiver="otlp",transport="http"',
        )
    )
    grpc = f'otelcol_receiver_refused_metric_points{{{COLLECTOR},receiver="otlp",transport="grpc"}}'
    told: Fires = {HOUR: ({"job": "collector", "instance": "c1:8888", "reason": "memory_limit"},)}
    yield Scene(Kind.OTHER, refusing, "over gRPC", {grpc: counter((2 * HOUR, 1))}, told)
    for sample, reason in ((policy, "delta"), (guard, "malformed")):
        yield from _scenes(Loss(refusing, sample, COLLECTOR, {"reason": reason}, 300, f'reason="{reason}"'))
    yield _every_reason(policy, guard)
    for how in ("send", "enqueue"):
        for signal in ("spans", "log_records"):
            failure = f"{how}_failed_{signal}"
            yield from _scenes(
                Loss(
                    "CollectorExportFailing",
                    f"otelcol_exporter_{failure}",
                    COLLECTOR,
                    {"failure": failure},
                    300,
                    'exporter="otlp_http"',
                )
            )
    group = {"rule_group": "rules.yaml;x"}
    for sample, evaluation in (
        ("prometheus_rule_evaluation_failures_total", "failed"),
        ("prometheus_rule_group_iterations_missed_total", "missed"),
    ):
        yield from _scenes(
            Loss(
                "RuleEvaluationsFailing",
                sample,
                PROMETHEUS,
                {"evaluation": evaluation, **group},
                0,
                'rule_group="rules.yaml;x"',
            )
        )
    failing = "NotificationsFailing"
    yield from _scenes(
        Loss(
            failing,
            "prometheus_notifications_errors_total",
            PROMETHEUS,
            {"integration": "prometheus"},
            60,
            'alertmanager="http://m1:9093"',
        )
    )
    yield from _scenes(
        Loss(failing, "prometheus_notifications_dropped_total", PROMETHEUS, {"integration": "prometheus_queue"}, 60)
    )
    yield from _scenes(
        Loss(
            failing,
            "alertmanager_notifications_failed_total",
            ALERTMANAGER,
            {"integration": "slack"},
            60,
            'integration="slack"',
        )
    )
