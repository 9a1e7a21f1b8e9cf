"""Which few of many are on a panel: who is worst is there, however little traffic it has."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.monitoring import panels
from tests.monitoring.answers import Expected, against

MACROS = {"__rate_interval": "1m", "__interval": "15s", "__range": "5m"}
BUSY = [f"busy{number}" for number in range(40)]
# Nobody is as busy as any of the others, and wholly wrong.
WORST = "rare"


def _calls(name: str, failing: float, whole: float) -> Iterator[tuple[str, float]]:
    for status, rate in (("timeout", failing), ("success", whole - failing)):
        yield f'job:llm_requests:rate5m{{provider="{name}",status="{status}"}}', rate
        labels = f'provider="{name}",model="{name}",status="{status}"'
        yield f"techsapo_llm_requests_total{{{labels}}}", rate
        yield f'techsapo_wallbounce_requests_total{{provider="{name}",status="{status}"}}', rate


def _requests(name: str, failing: float, whole: float) -> Iterator[tuple[str, float]]:
    # Forty codes, so that there are more than a chart has lines.
    code = BUSY.index(name) + 200 if name in BUSY else 200
    for status, rate in ((code, whole - failing), (502, failing)):
        labels = f'method="GET",route="/{name}",status_code="{status}"'
        yield f"techsapo_http_requests_total{{{labels}}}", rate


def _look_ups(name: str, failing: float, whole: float) -> Iterator[tuple[str, float]]:
    for result, rate in (("miss", failing), ("hit", whole - failing)):
        yield f'job:cache_requests:rate5m{{cache_type="{name}",result="{result}"}}', rate


def _times(name: str, failing: float, whole: float) -> Iterator[tuple[str, float]]:
    """Who fails is slow, too: so many seconds as its share, times ten."""
    for metric, label, value in (
        ("techsapo_http_request_duration_seconds", "route", f"/{name}"),
        ("techsapo_llm_response_time_seconds", "provider", name),
    ):
        yield f'{metric}_sum{{{label}="{value}"}}', failing * 10
        yield f'{metric}_count{{{label}="{value}"}}', whole
        for le, rate in (("0.5", whole - failing), ("10", whole), ("+Inf", whole)):
            yield f'{metric}_bucket{{{label}="{value}",le="{le}"}}', rate


def _errors(name: str, failing: float, whole: float) -> Iterator[tuple[str, float]]:
    severity = "critical" if failing == whole else "error"
    yield f'techsapo_errors_total{{severity="{severity}",service="{name}"}}', whole


def _memory(name: str, failing: float, whole: float) -> Iterator[tuple[str, float]]:
    """Who fails is nearest to its limit, too, and needs the least."""
    yield f'techsapo_memory_usage_bytes{{component="{name}"}}', failing
    yield f'techsapo_memory_limit_bytes{{component="{name}"}}', whole


def told() -> dict[str, str]:
    """Return the series: forty that are busy and fail a little, and one that is not and fails wholly."""
    series: dict[str, str] = {}
    for name, failing, whole in [*((name, 0.21, 20.0) for name in BUSY), (WORST, 0.2, 0.2)]:
        for part in (_calls, _requests, _look_ups, _times, _errors, _memory):
            for each, rate in part(name, failing, whole):
                level = each.startswith(("job:", "techsapo_memory"))
                series[each] = f"{rate}x40" if level else f"0+{rate * 15}x40"
    return series


@pytest.mark.parametrize(
    ("panel", "legend", "selected"),
    [
        ("Calls that fail, by provider", "{{provider}}", 'provider="rare"'),
        ("Response time p95, by provider", "{{provider}}", 'provider="rare"'),
        ("Participations that succeed, by provider", "{{provider}}", 'provider="rare"'),
        ("Models", "fail", 'model="rare"'),
        ("Response time p95, by route", "{{route}}", 'route="/rare"'),
        ("Endpoints", "5xx", 'route="/rare"'),
        ("Answers, by status", "{{status_code}}", 'status_code="502"'),
        ("Memory of its limit", "{{component}}", 'component="rare"'),
        ("Hit rate", "{{cache_type}}", 'cache_type="rare"'),
        ("Errors, by severity and service", "{{severity}}, {{service}}", 'service="rare"'),
    ],
)
def test_the_worst_is_on_a_panel_of_what_fails(
    panel: str, legend: str, selected: str, promtool: Path, tmp_path: Path
) -> None:
    """Of forty busier ones none hides it, though all of them fail, too, and some more often."""
    (expr,) = [each.expr for each in panels.asked() if (each.panel, each.legend) == (panel, legend)]
    label, _, value = selected.partition("=")
    named = f'label_replace(vector(1), "{label}", {value}, "", "")'
    there = f"count({panels.sent(expr, MACROS)} and on ({label}) {named})"
    assert "" == against(told(), [Expected(there, {"{}": 1})], promtool, tmp_path)
