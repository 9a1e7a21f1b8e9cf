"""The telemetry itself: whether what the other panels show can be believed."""

from collections.abc import Iterable
from typing import Final

from monitoring.dashboards import promql
from monitoring.dashboards.model import Panel, Query, Row, Step, Unit
from monitoring.dashboards.palette import BAD, GOOD
from monitoring.dashboards.signals import Signals
from monitoring.rules import alerts_pipeline
from monitoring.rules.first_layer import PUSHED

_OVERFLOW: Final = "techsapo_telemetry_overflow_total"
_OVERFLOW_POINTS: Final = "otelcol_processor_techsapo_policy_overflow_points"
_DROPPED: Final = "techsapo_telemetry_dropped_instruments"

# What is there where those who count what fails are scraped: then what they do not tell has not happened.
_COLLECTOR: Final = "count(otelcol_process_uptime{})"
_PROMETHEUS: Final = "count(prometheus_build_info{})"
_NOTIFIERS: Final = f"{_PROMETHEUS} + count(alertmanager_build_info{{}})"
# Two kinds of failures share a chart of eight lines.
_MOST: Final = 4


def row() -> Row:
    """Return the row."""
    return Row("Telemetry", (_points(), _losses(), _rules(), _ages(), overflow(), dropped()))


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
    in_process = promql.busiest(4, promql.per_second(_OVERFLOW, by=("metric",)), _OVERFLOW, "metric")
    in_collector = _lost(((None, _OVERFLOW_POINTS),), "metric", _COLLECTOR)
    return Panel(
        "timeseries",
        "Measurements past a limit",
        "Measurements a second that are counted under `other`, by metric, past the limit of a process or of the "
        "Collectors: the sums stay right, what is past the limit is told apart no more. Something makes names up as it "
        "goes. Of each the four metrics with the most of the range.",
        (
            Query(promql.or_none(in_process, "metric"), "{{metric}}"),
            Query(in_collector, "at the Collectors: {{metric}}"),
        ),
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
    return Panel(
        "timeseries",
        "Points at the Collector",
        "Points a second that the Collectors accept, all of them together: with two each point counts twice.",
        (Query(f"sum(rate(otelcol_receiver_accepted_metric_points{{}}[{promql.WINDOW}]))", "accepted"),),
        Unit.PER_SECOND,
        "no Collector is scraped",
        8,
        least=0,
    )


def _losses() -> Panel:
    return Panel(
        "timeseries",
        "Refused or lost by the Collector",
        "Points and requests a second that the Collectors refuse, by reason, and spans and log records that they could "
        "not hand on, as the alerts take them. What `memory_limit` refuses is sent again. It should stay at 0.",
        (
            Query(_lost(alerts_pipeline.REFUSED, "reason", _COLLECTOR), "refused: {{reason}}"),
            Query(_lost(alerts_pipeline.NOT_EXPORTED, "failure", _COLLECTOR), "lost: {{failure}}"),
        ),
        Unit.PER_SECOND,
        "no Collector is scraped",
        8,
        decimals=2,
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
    return Panel(
        "timeseries",
        "Rules and notifications that fail",
        "Evaluations of rules and notifications a second that fail, as the alerts take them: alerts that nobody "
        "hears of. Notifications by who could not deliver them: Prometheus, or an integration of Alertmanager. "
        "It should stay at 0.",
        (
            Query(_lost(alerts_pipeline.NOT_EVALUATED, "evaluation", _PROMETHEUS), "rules: {{evaluation}}"),
            Query(_lost(alerts_pipeline.NOT_NOTIFIED, "integration", _NOTIFIERS), "notifications: {{integration}}"),
        ),
        Unit.PER_SECOND,
        "Prometheus does not scrape itself",
        8,
        decimals=2,
        least=0,
    )


def _lost(counters: Iterable[tuple[str | None, str]], label: str, there: str) -> str:
    """Return how fast counters of an alert grow, by its label; 0 of `none` where `there` finds who tells them."""
    counters = tuple(counters)
    now, ranking = (
        " or ".join(_grown(counter, label, value, over) for value, counter in counters)
        for over in (f"[{promql.WINDOW}]", "[$__range] @ end()")
    )
    none = f'label_replace(0 * ({there}), "{label}", "none", "", "")'
    return f"({now}) and on ({label}) topk({_MOST}, ({ranking}) > 0) or on () {none}"


def _grown(counter: str, label: str, value: str | None, over: str) -> str:
    name, _, matchers = counter.partition("{")
    rate = f"rate({name}{{{matchers or '}'}{over})"
    return (
        f"sum by ({label}) ({rate})" if value is None else f'label_replace(sum({rate}), "{label}", "{value}", "", "")'
    )
