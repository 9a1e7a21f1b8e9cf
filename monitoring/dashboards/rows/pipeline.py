"""The telemetry itself: whether what the other panels show can be believed."""

from typing import Final

from monitoring.dashboards import promql
from monitoring.dashboards.model import Panel, Query, Row, Step, Unit
from monitoring.dashboards.palette import BAD, GOOD
from monitoring.dashboards.signals import Signals
from monitoring.rules.first_layer import PUSHED

_OVERFLOW: Final = "techsapo_telemetry_overflow_total"
_DROPPED: Final = "techsapo_telemetry_dropped_instruments"


def row() -> Row:
    """Return the row."""
    return Row("Telemetry", (_points(), _ages(), _rules(), overflow(), dropped()))


def targets(width: int, height: int) -> Panel:
    """Return how many targets cannot be scraped."""
    return Panel(
        "stat",
        "Targets down",
        "Targets whose last scrape failed: what they tell is missing from every other panel.",
        (Query("count(up{} == 0) or on () 0 * count(up{})", "targets down"),),
        Unit.NUMBER,
        "nothing is scraped",
        width,
        height,
        decimals=0,
        steps=(Step(None, GOOD), Step(1, BAD)),
        least=0,
    )


def age(signals: Signals, width: int, height: int) -> Panel:
    """Return how old the newest figures are of the job where they are oldest."""
    late = float(signals.thresholds["data_stale"].number)
    return Panel(
        "stat",
        "Age of figures",
        "How old the newest figures of a job were when they were scraped, of the job where they are oldest.",
        (Query(signals.age(), "age of figures"),),
        Unit.SECONDS,
        "no process pushes",
        width,
        height,
        decimals=0,
        steps=(Step(None, GOOD), Step(late, BAD)),
        least=0,
        vmui=False,
    )


def overflow() -> Panel:
    """Return the measurements that met a limit."""
    lost = promql.per_second(_OVERFLOW, by=("metric",))
    return Panel(
        "timeseries",
        "Measurements past a limit",
        "Measurements a second that are counted under `other`, by metric: the sums stay right, what is past the "
        "limit is told apart no more. Something makes names up as it goes. The eight "
        "metrics with the most of the range.",
        (Query(promql.or_none(promql.busiest(8, lost, _OVERFLOW, "metric"), "metric"), "{{metric}}"),),
        Unit.PER_SECOND,
        "no process tells its figures",
        8,
        decimals=2,
        least=0,
    )


def dropped() -> Panel:
    """Return the instruments that nothing asks for."""
    return Panel(
        "timeseries",
        "Instruments dropped",
        "Instruments that nothing in the contract asks for, most in any process. A rise after a deployment is a "
        "misspelt name: the log of the process has it.",
        (Query(promql.level(_DROPPED, by=("job",)), "{{job}}"),),
        Unit.NUMBER,
        "no process tells its figures",
        8,
        decimals=0,
        least=0,
    )


def _points() -> Panel:
    refused = "otelcol_processor_techsapo_policy_refused_points"
    return Panel(
        "timeseries",
        "Points at the Collector",
        "Points a second that the Collectors accept, and those that the policy refuses one by one.",
        (
            Query(f"sum(rate(otelcol_receiver_accepted_metric_points{{}}[{promql.WINDOW}]))", "accepted"),
            Query(f"sum(rate({refused}{{}}[{promql.WINDOW}])) or 0 * count(otelcol_process_uptime{{}})", "refused"),
        ),
        Unit.PER_SECOND,
        "no Collector is scraped",
        8,
        least=0,
    )


def _ages() -> Panel:
    last = f"max by (job) (time() - max without (lane) ({promql.selector(PUSHED)}))"
    return Panel(
        "timeseries",
        "Age of figures, by job",
        "How long ago the process of a job that was heard of longest ago delivered its figures. A saw-tooth as high as "
        "the interval is right; a ramp is a process that is gone or cut off.",
        (Query(last, "{{job}}"),),
        Unit.SECONDS,
        "no process pushes",
        8,
        decimals=0,
        least=0,
    )


def _rules() -> Panel:
    failures = f"sum(rate(prometheus_rule_evaluation_failures_total{{}}[{promql.WINDOW}]))"
    lost = f"sum(rate(prometheus_notifications_dropped_total{{}}[{promql.WINDOW}]))"
    return Panel(
        "timeseries",
        "Rules and notifications that fail",
        "Evaluations of rules and notifications a second that fail: alerts that nobody hears of. Both should stay "
        "at 0.",
        (Query(failures, "rule evaluations"), Query(lost, "notifications")),
        Unit.PER_SECOND,
        "Prometheus does not scrape itself",
        8,
        decimals=2,
        least=0,
    )
