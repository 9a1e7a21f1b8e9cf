"""Judge a test run by its JUnit report: no test failed, some ran, none was skipped for a reason that is not allowed.

Prints what was counted as its last line: "tests: 812 passed, 0 failed, 0 skipped".
"""

import sys
from pathlib import Path
from xml.etree import ElementTree as Xml


def allowed_reasons(text: str) -> set[str]:
    """Return the reasons of a list: its lines, less the empty ones and the comments."""
    return {line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}


def judge(report: str, allowed: set[str]) -> tuple[str, list[str]]:
    """Return the counts as one line, and the findings, one a line, that make the run a failure."""
    cases = list(Xml.fromstring(report).iter("testcase"))  # noqa: S314 - our own pytest has just written it
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [(case, reason) for case in cases if (reason := case.find("skipped")) is not None]
    passed = len(cases) - len(failed) - len(skipped)
    findings = [f"failed: {name_of(case)}" for case in failed]
    findings += [
        f"skipped: {name_of(case)}: {reason.get('message', '')}"
        for case, reason in skipped
        if reason.get("message", "") not in allowed
    ]
    if passed == 0:
        findings.append("no test passed")
    return f"tests: {passed} passed, {len(failed)} failed, {len(skipped)} skipped", findings


def name_of(case: Xml.Element) -> str:
    """Return what a test is called: its module and its function."""
    return f"{case.get('classname', '')}::{case.get('name', '')}"


def main(report: str, allowed: str) -> int:
    """Judge the report in one file by the list in another; 0 when it is good."""
    counts, findings = judge(Path(report).read_text(), allowed_reasons(Path(allowed).read_text()))
    for finding in findings:
        print(finding)
    print(counts, flush=True)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
