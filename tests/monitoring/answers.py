"""What queries find in series that are given, tried by promtool."""

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Expected:
    """Samples that a query is to find (`{label="value"}` and value), at a time in Prometheus' notation."""

    expr: str
    samples: Mapping[str, float]
    at: str = "5m"


def against(
    series: Mapping[str, str], expected: Iterable[Expected], promtool: Path, directory: Path, *, exactly: bool = False
) -> str:
    """Return what promtool says against it, "" where nothing. Series come every 15 s, in promtool's notation.

    `exactly` is to the last bit; otherwise values may be off by what sums of parts are.
    """
    test = {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": each.expr,
                "eval_time": each.at,
                "exp_samples": [{"labels": labels, "value": value} for labels, value in each.samples.items()],
            }
            for each in expected
        ],
    }
    file = directory / "answers.yaml"
    file.write_text(json.dumps({"rule_files": [], "fuzzy_compare": not exactly, "tests": [test]}))
    run = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, timeout=60, check=False)
    return "" if run.returncode == 0 else run.stdout + run.stderr
