"""Has promtool try cases: series as a Prometheus scrapes them, and what the rules must make of them."""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from monitoring.model import Alert, Group, Recording
from monitoring.pace import Pace
from monitoring.places import Places

_NAME: Final = re.compile(r"[a-z_]+:[a-zA-Z0-9_]+:[a-zA-Z0-9_]+")

Rule = Alert | Recording


class Case(Protocol):
    """Series, and what is expected of rules. Samples come every `step` seconds, rules are evaluated `every` so many."""

    @property
    def name(self) -> str:
        """What it is called where it fails."""

    @property
    def step(self) -> int:
        """Seconds between samples."""

    @property
    def every(self) -> int:
        """Seconds between evaluations."""

    @property
    def lasts(self) -> float:
        """Seconds until the last thing that is looked at."""

    def needed(self, groups: Sequence[Group]) -> tuple[Group, ...]:
        """Return the groups with those rules only that it is about."""

    def told(self) -> Iterator[dict[str, str]]:
        """Give the series as promtool has them."""

    def tests(self, groups: Sequence[Group]) -> Iterator[dict[str, object]]:
        """Give what promtool is to compare, with the rules that are tried."""


def built_on(
    rules: Sequence[Rule], all_rules: Sequence[Rule], series: Iterable[str], groups: Sequence[Group]
) -> tuple[Group, ...]:
    """Return the groups with some rules and those that they are built on, up to series that are given."""
    given = {name.partition("{")[0] for name in series}
    kept: list[Rule] = []
    looking = list(rules)
    while looking:
        kept += looking
        names = {name for rule in looking for name in _NAME.findall(rule.expr)} - given
        looking = [
            rule for rule in all_rules if isinstance(rule, Recording) and rule.record in names and rule not in kept
        ]
    less = (replace(group, rules=tuple(rule for rule in group.rules if rule in kept)) for group in groups)
    return tuple(group for group in less if group.rules)


def tried(cases: Sequence[Case], groups: Sequence[Group], promtool: Path, directory: Path) -> str:
    """Have promtool try cases on rules; return what it says against which of them, "" where nothing."""
    if not said_against(cases, groups, promtool, directory):
        return ""
    # It does not name the test that failed.
    said = ((case.name, said_against([case], groups, promtool, directory)) for case in cases)
    return "\n".join(f"{name}\n{against}" for name, against in said if against)


def said_against(cases: Sequence[Case], groups: Sequence[Group], promtool: Path, directory: Path) -> str:
    """Have promtool try cases on rules, all in one run; return what it says against any, "" where nothing."""
    documents: dict[tuple[str, int], list[dict[str, object]]] = {}
    for case in cases:
        rules = json.dumps({"groups": [group.rendered(Pace(), Places.load()) for group in case.needed(groups)]})
        documents.setdefault((rules, case.every), []).append(
            {
                "interval": f"{case.step}s",
                "input_series": list(case.told()),
                "promql_expr_test": list(case.tests(groups)),
            }
        )
    files = []
    for number, ((rules, every), tests) in enumerate(documents.items()):
        rule_file, file = directory / f"rules{number}.yaml", directory / f"cases{number}.yaml"
        rule_file.write_text(rules)
        document = {
            "rule_files": [str(rule_file)],
            "evaluation_interval": f"{every}s",
            "fuzzy_compare": True,
            # The order in which they build on each other.
            "group_eval_order": [group.name for group in groups],
            "tests": tests,
        }
        file.write_text(json.dumps(document))
        files.append(file)
    run = subprocess.run([promtool, "test", "rules", *files], capture_output=True, text=True, timeout=240, check=False)
    return "" if run.returncode == 0 else re.sub(r"\s+\n", "\n", run.stdout + run.stderr)
