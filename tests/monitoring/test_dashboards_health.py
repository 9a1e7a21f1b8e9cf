"""The health score: what it is made of, tried by promtool on figures that are given."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from monitoring.dashboards import dashboards
from monitoring.render import ROOT
from tests.monitoring import panels

MACROS = {"__rate_interval": "1m", "__range": "1h"}
PROVIDERS = ("openai", "anthropic")


@dataclass(frozen=True)
class Figures:
    """What the first layer has recorded of a job: rates, and what shares and means are of them."""

    job: str = "app"
    requests: float = 10.0
    failed: float = 0.0
    calls: float = 1.0
    failing: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 1.0
    seconds: float = 0.1
    analysis_seconds: float = 0.1
    open_breaker: str = ""
    spent: float = 0.0
    silent: bool = False

    def series(self) -> dict[str, float]:
        """Return the recordings and their values."""
        told = {
            self._of("http_requests:rate2m", status_code="200"): self.requests * (1 - self.failed),
            self._of("http_requests:rate2m", status_code="502"): self.requests * self.failed,
            self._of("wallbounce_consensus_confidence_sum:rate5m"): self.calls * self.confidence,
            self._of("wallbounce_consensus_confidence_count:rate5m"): self.calls,
        }
        for route, seconds in (("/health", self.seconds), ("/analyses", self.analysis_seconds)):
            told[self._of("http_request_duration_seconds_sum:rate5m", route=route)] = self.requests * seconds
            told[self._of("http_request_duration_seconds_count:rate5m", route=route)] = self.requests
        for provider in PROVIDERS:
            failing = self.failing.get(provider, 0.0)
            told[self._of("llm_requests:rate5m", provider=provider, status="success")] = self.calls * (1 - failing)
            told[self._of("llm_requests:rate5m", provider=provider, status="timeout")] = self.calls * failing
        for provider in PROVIDERS:
            told[self._of("circuit_breaker_state:worst", service=provider)] = 2 * (provider == self.open_breaker)
        told[f'techsapo_budget_spent_today_usd{{job="{self.job}"}}'] = self.spent
        told[f'techsapo_budget_daily_limit_usd{{job="{self.job}"}}'] = 100.0
        if self.silent:
            told[f'ALERTS{{alertname="ServiceSilent",alertstate="firing",job="{self.job}"}}'] = 1.0
        return told

    def _of(self, name: str, **labels: str) -> str:
        all_labels = ",".join(f'{label}="{value}"' for label, value in {"job": self.job, **labels}.items())
        return f"job:{name}{{{all_labels}}}"


def queries() -> dict[str, str]:
    """Return the queries of the executive dashboard, by their legends."""
    return {
        query.legend: panels.sent(query.expr, MACROS) for query in panels.asked() if query.uid == "techsapo-executive"
    }


def told(series: Mapping[str, float], expr: str, samples: Mapping[str, float], promtool: Path, directory: Path) -> str:
    """Have promtool compare what a query finds in series of these values; return what it says against."""
    test = {
        "interval": "15s",
        "input_series": [{"series": name, "values": f"{value}x40"} for name, value in series.items()],
        "promql_expr_test": [
            {
                "expr": expr,
                "eval_time": "5m",
                "exp_samples": [{"labels": labels, "value": value} for labels, value in samples.items()],
            }
        ],
    }
    file = directory / "health.yaml"
    file.write_text(json.dumps({"rule_files": [], "fuzzy_compare": True, "tests": [test]}))
    run = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, timeout=60, check=False)
    return "" if run.returncode == 0 else run.stdout + run.stderr


@pytest.mark.parametrize(
    ("figures", "score"),
    [
        pytest.param(Figures(), 100, id="all is well"),
        pytest.param(Figures(failed=0.005), 100, id="half of what alerts"),
        pytest.param(Figures(failed=0.01), 50, id="5xx at the threshold"),
        pytest.param(Figures(failed=0.0125), 25, id="5xx a quarter above it"),
        pytest.param(Figures(failed=0.4), 0, id="5xx far above it"),
        pytest.param(Figures(failing={"openai": 0.05}), 50, id="one provider of two at the threshold"),
        pytest.param(Figures(confidence=0.7), 50, id="consensus at the threshold"),
        pytest.param(Figures(confidence=0.85), 100, id="consensus half way"),
        pytest.param(Figures(seconds=5), 50, id="slow at the threshold"),
        pytest.param(Figures(analysis_seconds=50), 100, id="an analysis is long by nature"),
        pytest.param(Figures(spent=99), 100, id="the budget lasts"),
        pytest.param(Figures(spent=100), 0, id="refused, as the budget is spent"),
        pytest.param(Figures(silent=True), 0, id="a service is silent"),
        pytest.param(Figures(failed=0.01, failing={"openai": 0.06}), 30, id="the worst one decides"),
        pytest.param(
            Figures(requests=0.01, failed=1, calls=0.01, failing={"openai": 1}, seconds=50), 100, id="too little"
        ),
        pytest.param(
            Figures(calls=0.01, failing={"openai": 1}, open_breaker="openai"), 0, id="few calls, as its breaker is open"
        ),
        pytest.param(
            Figures(calls=0.01, failing={"openai": 1}, open_breaker="anthropic"),
            100,
            id="another one's breaker is open",
        ),
    ],
)
def test_the_score_follows_its_worst_signal(figures: Figures, score: float, promtool: Path, tmp_path: Path) -> None:
    """From half of a threshold on it falls, and is 50 where the alert's condition begins."""
    assert "" == told(figures.series(), queries()["health"], {"{}": score}, promtool, tmp_path)


def test_the_score_is_of_the_worst_job(promtool: Path, tmp_path: Path) -> None:
    """A service in trouble is not hidden by the traffic of another."""
    series = Figures(requests=1_000).series() | Figures(job="small", failed=0.01).series()
    assert "" == told(series, queries()["health"], {"{}": 50}, promtool, tmp_path)


def test_without_figures_there_is_no_score(promtool: Path, tmp_path: Path) -> None:
    """Nothing known is not well, nor is a budget of which nothing is spent."""
    assert "" == told({}, queries()["health"], {}, promtool, tmp_path)
    budget = {name: value for name, value in Figures().series().items() if "budget" in name}
    assert "" == told(budget, queries()["health"], {}, promtool, tmp_path)


def test_the_score_says_what_it_is_made_of(promtool: Path, tmp_path: Path) -> None:
    """Each signal by its name, as a share of its threshold."""
    figures = Figures(failed=0.005, failing={"anthropic": 0.1}, confidence=0.85, seconds=1, spent=101, silent=True)
    near = {
        '{signal="5xx answers"}': 0.5,
        '{signal="failing LLM provider"}': 2,
        '{signal="low consensus"}': 0.5,
        '{signal="slow responses"}': 0.2,
        '{signal="refused: no budget left"}': 1.5,
        '{signal="silent service"}': 1.5,
    }
    assert "" == told(figures.series(), queries()["{{signal}}"], near, promtool, tmp_path)


def test_a_wrong_score_is_found(promtool: Path, tmp_path: Path) -> None:
    """The comparison compares."""
    assert told(Figures(failed=0.01).series(), queries()["health"], {"{}": 51}, promtool, tmp_path)


def test_the_formula_is_on_the_panel_and_in_the_docs() -> None:
    """Who sees the score can work it out."""
    (panel,) = [panel for page in dashboards() for panel in page.panels if panel.title == "Health score"]
    written = (ROOT / "docs" / "dashboards.md").read_text()
    for part in ("100 × (1.5 − worst)", "between 0 and 100"):
        assert part in panel.description
        assert part in written
