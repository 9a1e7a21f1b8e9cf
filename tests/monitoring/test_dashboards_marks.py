"""What is asked beside the panels: the marks on charts, and the values of variables."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.monitoring import panels
from tests.monitoring.parsed import labels_of

ASKED = re.compile(r"label_values\(([\w:]+)(?:\{(.*)\})?, (\w+)\)")
# A version for five minutes, and another one from then on.
FIRST = {"series": 'target_info{job="app",instance="a",lane="x",service_version="1"}', "values": "1x20 stale"}
SECOND = {"series": 'target_info{job="app",instance="b",lane="x",service_version="2"}', "values": "_x20 1x60"}


def deployments() -> str:
    """Return what the marks of deployments are asked for by."""
    (found,) = {
        str(note["expr"])
        for page in panels.pages().values()
        for note in page["annotations"]["list"]
        if note["name"] == "Deployments"
    }
    return panels.sent(found, {})


@pytest.mark.parametrize(
    ("at", "marked"),
    [
        ("0m", []),
        ("3m", []),
        ("5m15s", [{"labels": '{job="app",service_version="2"}', "value": 1}]),
        ("6m", [{"labels": '{job="app",service_version="2"}', "value": 1}]),
        ("9m", []),
    ],
)
def test_a_deployment_is_marked_where_it_begins(
    at: str, marked: list[dict[str, object]], promtool: Path, tmp_path: Path
) -> None:
    """A version that was not there two minutes before; not the first one that was ever seen."""
    test = {
        "interval": "15s",
        "input_series": [FIRST, SECOND],
        "promql_expr_test": [{"expr": deployments(), "eval_time": at, "exp_samples": marked}],
    }
    file = tmp_path / "marks.yaml"
    file.write_text(json.dumps({"rule_files": [], "tests": [test]}))
    run = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, timeout=60, check=False)
    assert 0 == run.returncode, run.stdout + run.stderr


@pytest.mark.parametrize("uid", sorted(panels.pages()))
def test_variables_take_their_values_from_labels_that_are_there(uid: str) -> None:
    """A variable without values would select nothing but all."""
    _, *asking = panels.pages()[uid]["templating"]["list"]
    for variable in asking:
        query = variable["query"]
        assert isinstance(query, dict)
        found = ASKED.fullmatch(str(query["query"]))
        assert found is not None
        metric, matchers, label = found.groups()
        selected = set(re.findall(r"(\w+)=~", matchers or ""))
        assert {label, *selected} <= labels_of(metric)
        assert variable["name"] == label
