"""Scenes for promtool: series as a Prometheus scrapes them, and the alerts that must fire at a time, or none."""

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitoring.render import ROOT, RULES

# Scrapes and evaluations.
STEP = 15
JOB = "reference-app"
LANES = ("a", "b")

# What tells the alerts of one name apart, beside the job.
_BY = "job, provider, model, component, instance, cache_type"


def every(seconds: float, per_second: float, *, start: float = 0.0) -> str:
    """Values of a counter that grows evenly for so long."""
    return f"{start:g}+{per_second * STEP:g}x{round(seconds / STEP)}"


def level(seconds: float, value: float) -> str:
    """Values of a gauge that stays."""
    return f"{value:g}+0x{round(seconds / STEP)}"


def then(*parts: str) -> str:
    """One after the other."""
    return " ".join(parts)


def nothing(seconds: float) -> str:
    """No samples for so long."""
    return f"_x{round(seconds / STEP)}"


@dataclass(frozen=True)
class Scene:
    """Series (by name and labels, without job), and what an alert does at times in seconds: the labels that fire.

    Each series is told by both lanes, unless its labels name one.
    """

    name: str
    alert: str
    series: Mapping[str, str]
    fires: Mapping[int, Sequence[Mapping[str, str]]] = field(default_factory=dict)

    def series_of_lanes(self) -> Iterable[dict[str, str]]:
        """Give the series as promtool has them."""
        for name, values in self.series.items():
            metric, _, labels = name.partition("{")
            own = labels.rstrip("}")
            instance = "" if "instance=" in own else ',instance="i1"'
            for lane in LANES if "lane=" not in own else (None,):
                told = f'job="{JOB}"{instance}' + (f',lane="{lane}"' if lane else "") + (f",{own}" if own else "")
                yield {"series": f"{metric}{{{told}}}", "values": values}


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items() if value) + "}"


def tried(scenes: Sequence[Scene], promtool: Path, directory: Path) -> str:
    """Have promtool try scenes on the rendered rules; return what it says against them, "" where nothing."""
    document = {
        "rule_files": [str(path) for path in sorted((ROOT / RULES).glob("*.yaml"))],
        "evaluation_interval": f"{STEP}s",
        "tests": [
            {
                "interval": f"{STEP}s",
                "name": scene.name,
                "input_series": list(scene.series_of_lanes()),
                "promql_expr_test": [
                    {
                        "expr": f'count by ({_BY}) (ALERTS{{alertname="{scene.alert}",alertstate="firing"}})',
                        "eval_time": f"{seconds}s",
                        "exp_samples": [{"labels": _labels({"job": JOB, **labels}), "value": 1} for labels in fires],
                    }
                    for seconds, fires in scene.fires.items()
                ],
            }
            for scene in scenes
        ],
    }
    file = directory / "scenes.yaml"
    file.write_text(json.dumps(document))
    run = subprocess.run(
        [promtool, "test", "rules", "--ignore-unknown-fields", file],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return "" if run.returncode == 0 else re.sub(r"\s+\n", "\n", run.stdout + run.stderr)
