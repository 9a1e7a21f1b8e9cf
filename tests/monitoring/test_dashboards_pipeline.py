"""Panels on the telemetry itself: what makes an alert fire is on the panel, and 0 is said only where it is known."""

from pathlib import Path

import pytest

from monitoring.rules import alerts_pipeline
from tests.monitoring import panels
from tests.monitoring.answers import Expected, against

MACROS = {"__rate_interval": "1m", "__range": "1h"}
# What is drawn of each alert, and the label that tells its losses apart.
DRAWN = {
    "refused: {{reason}}": ("reason", alerts_pipeline.REFUSED),
    "lost: {{failure}}": ("failure", alerts_pipeline.NOT_EXPORTED),
    "rules: {{evaluation}}": ("evaluation", alerts_pipeline.NOT_EVALUATED),
    "notifications: {{integration}}": ("integration", alerts_pipeline.NOT_NOTIFIED),
    "at the Collectors: {{metric}}": ("metric", ((None, "otelcol_processor_techsapo_policy_overflow_points"),)),
}
COUNTERS = [
    pytest.param(legend, label, value or f"some {label}", value is None, counter.partition("{")[0], id=counter)
    for legend, (label, counters) in DRAWN.items()
    for value, counter in counters
]
THERE = dict.fromkeys(("otelcol_process_uptime", "prometheus_build_info", "alertmanager_build_info"), "1x40")


def query_of(legend: str) -> str:
    """Return a query of Grafana's, as it sends it."""
    return next(panels.sent(query.expr, MACROS) for query in panels.asked() if query.legend == legend)


@pytest.mark.parametrize(("legend", "label", "value", "labelled", "counter"), COUNTERS)
def test_what_an_alert_counts_is_on_the_panel(
    legend: str, label: str, value: str, labelled: bool, counter: str, promtool: Path, tmp_path: Path
) -> None:
    """Each of its counters, of all instances together, under the name that the alert tells."""
    own = f',{label}="{value}"' if labelled else ""
    series = {f'{counter}{{instance="{name}"{own}}}': "0+15x40" for name in ("a", "b")}
    expected = Expected(query_of(legend), {f'{{{label}="{value}"}}': 2})
    assert "" == against(THERE | series, [expected], promtool, tmp_path)


@pytest.mark.parametrize("legend", DRAWN)
def test_0_is_told_where_nothing_fails(legend: str, promtool: Path, tmp_path: Path) -> None:
    """Counters that stand still, as Alertmanager's of every integration do, are no lines of their own."""
    label, counters = DRAWN[legend]
    still = {f'{counter.partition("{")[0]}{{{label}="x"}}': "5x40" for _, counter in counters}
    assert "" == against(THERE | still, [Expected(query_of(legend), {f'{{{label}="none"}}': 0})], promtool, tmp_path)


def test_nothing_is_told_where_nobody_tells(promtool: Path, tmp_path: Path) -> None:
    """0 would look well; and of notifications Prometheus alone knows half."""
    silent = [Expected(query_of(legend), {}) for legend in DRAWN]
    assert "" == against({}, silent, promtool, tmp_path)
    half = Expected(query_of("notifications: {{integration}}"), {})
    assert "" == against({"prometheus_build_info": "1x40"}, [half], promtool, tmp_path)


def test_a_point_that_was_told_already_is_no_loss(promtool: Path, tmp_path: Path) -> None:
    """As the alert has it."""
    twice = {'otelcol_processor_techsapo_policy_refused_points{reason="duplicate_edition"}': "0+15x40"}
    expected = Expected(query_of("refused: {{reason}}"), {'{reason="none"}': 0})
    assert "" == against(THERE | twice, [expected], promtool, tmp_path)
