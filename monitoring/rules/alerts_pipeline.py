"""What keeps the others honest: targets, the Collector, Prometheus and Alertmanager themselves."""

from collections.abc import Iterable
from typing import Final

from monitoring.model import Alert, Group
from monitoring.rules.first_layer import PUSHED
from monitoring.thresholds import Thresholds

# What is lost where, by the counters of the programs themselves: the value of the label that tells them apart, or the
# label that they have already.
REFUSED: Final = (
    ("memory_limit", "otelcol_receiver_refused_metric_points"),
    # A point that tells what another edition of the conventions has told already is no loss.
    (None, 'otelcol_processor_techsapo_policy_refused_points{reason!="duplicate_edition"}'),
    (None, "otelcol_extension_techsapo_otlp_guard_refused_requests"),
)
NOT_EXPORTED: Final = tuple(
    (f"{how}_failed_{signal}", f"otelcol_exporter_{how}_failed_{signal}")
    for how in ("send", "enqueue")
    for signal in ("spans", "log_records")
)
NOT_EVALUATED: Final = (
    ("failed", "prometheus_rule_evaluation_failures_total"),
    ("missed", "prometheus_rule_group_iterations_missed_total"),
)
NOT_NOTIFIED: Final = (
    ("prometheus", "prometheus_notifications_errors_total"),
    ("prometheus_queue", "prometheus_notifications_dropped_total"),
    (None, "alertmanager_notifications_failed_total"),
)


def group(thresholds: Thresholds) -> Group:
    """Return the group."""
    alerts = (_down, _stale, _refusing, _not_exporting, _rules, _notifications)
    return Group("techsapo-alerts-pipeline", "15s", tuple(alert(thresholds) for alert in alerts))


def _down(thresholds: Thresholds) -> Alert:
    return Alert(
        "TargetDown",
        "P1",
        "telemetry",
        "up == 0",
        thresholds["target_down"].for_,
        "Prometheus cannot scrape {{ $labels.instance }} of {{ $labels.job }}",
        "With another lane nothing is lost; without one the alerts of what it tells of are blind.",
        "operations",
        narrows=(),
    )


def _stale(thresholds: Thresholds) -> Alert:
    limit = thresholds["data_stale"]
    return Alert(
        "DataStale",
        "P1",
        "telemetry",
        f"min by (job) (timestamp({PUSHED}) - {PUSHED}) > {limit.number}",
        limit.for_,
        "The newest figures of {{ $labels.job }} were {{ $value | humanizeDuration }} old when they were scraped",
        "Alerts and dashboards show what was, not what is.",
        "operations",
        decided="The newest of all processes and lanes of a job, as a process that was stopped is no fault. Its age at "
        "the scrape: that at the evaluation depends on when rules are evaluated.",
    )


def _refusing(thresholds: Thresholds) -> Alert:
    limit = thresholds["collector_refusing"]
    return Alert(
        "CollectorRefusing",
        "P1",
        "telemetry",
        _growing(REFUSED, limit.window, "reason", thresholds),
        limit.for_,
        "The Collector {{ $labels.instance }} refuses {{ printf `%.3g` $value }} points or requests a second: "
        "{{ $labels.reason }}",
        "Figures are too low by what is refused; what memory_limit refuses is sent again.",
        "operations",
        narrows=(),
    )


def _not_exporting(thresholds: Thresholds) -> Alert:
    limit = thresholds["collector_export_failing"]
    return Alert(
        "CollectorExportFailing",
        "P1",
        "telemetry",
        _growing(NOT_EXPORTED, limit.window, "failure", thresholds),
        limit.for_,
        "The Collector {{ $labels.instance }} loses {{ printf `%.3g` $value }} spans or log records a second: "
        "{{ $labels.failure }}",
        "Traces and logs that it should forward do not arrive. Metrics are not touched: they are scraped.",
        "operations",
        narrows=(),
    )


def _rules(thresholds: Thresholds) -> Alert:
    limit = thresholds["rule_evaluations_failing"]
    return Alert(
        "RuleEvaluationsFailing",
        "P1",
        "telemetry",
        _growing(NOT_EVALUATED, limit.window, "evaluation", thresholds, by="job, instance, rule_group"),
        limit.for_,
        "Rules of {{ $labels.rule_group }} are not evaluated: {{ $labels.evaluation }}",
        "The alerts of the group may not fire: nobody is told of what they watch.",
        "operations",
        narrows=(),
    )


def _notifications(thresholds: Thresholds) -> Alert:
    limit = thresholds["notifications_failing"]
    return Alert(
        "NotificationsFailing",
        "P1",
        "telemetry",
        _growing(NOT_NOTIFIED, limit.window, "integration", thresholds),
        limit.for_,
        "Notifications of {{ $labels.instance }} fail: {{ $labels.integration }}",
        "Alerts fire, and somebody who should know of them does not.",
        "operations",
        narrows=(),
        decided="What Prometheus could not hand to an Alertmanager, and what that could not deliver, by integration.",
    )


def _growing(
    counters: Iterable[tuple[str | None, str]],
    window: str,
    label: str,
    thresholds: Thresholds,
    by: str = "job, instance",
) -> str:
    """Return which of several counters grow, and how fast, told apart by `label`."""
    grown = []
    for value, counter in counters:
        rate = f"rate({counter}[{thresholds.pace.time(window)}])"
        if value is None:
            grown.append(f"sum by ({by}, {label}) ({rate}) > 0")
        else:
            grown.append(f'label_replace(sum by ({by}) ({rate}), "{label}", "{value}", "", "") > 0')
    return "\nor ".join(grown)
