"""CI loses no test: a run is judged by its report."""

from pathlib import Path

import pytest

from tools.skips import allowed_reasons, judge, main


def report(*outcomes: str) -> str:
    """A JUnit report as pytest writes it, one test for each outcome (an element, or nothing for a pass)."""
    cases = "".join(
        f'<testcase classname="tests.unit.test_x" name="test_{number}">{outcome}</testcase>'
        for number, outcome in enumerate(outcomes)
    )
    return f'<?xml version="1.0"?><testsuites><testsuite name="pytest">{cases}</testsuite></testsuites>'


SKIPPED = '<skipped type="pytest.skip" message="no IPv6 here">test_x.py:3</skipped>'
EXPECTED = '<skipped type="pytest.xfail" message="some day" />'


@pytest.mark.parametrize(
    ("outcomes", "counts", "findings"),
    [
        (["", ""], "tests: 2 passed, 0 failed, 0 skipped", []),
        ([], "tests: 0 passed, 0 failed, 0 skipped", ["no test passed"]),
        (
            ["", "<failure/>", "<error/>"],
            "tests: 1 passed, 2 failed, 0 skipped",
            ["failed: tests.unit.test_x::test_1", "failed: tests.unit.test_x::test_2"],
        ),
        (
            ["", SKIPPED],
            "tests: 1 passed, 0 failed, 1 skipped",
            ["skipped: tests.unit.test_x::test_1: no IPv6 here"],
        ),
        (["", EXPECTED], "tests: 1 passed, 0 failed, 1 skipped", ["skipped: tests.unit.test_x::test_1: some day"]),
    ],
)
def test_a_run_is_good_when_tests_passed_and_none_was_lost(
    outcomes: list[str], counts: str, findings: list[str]
) -> None:
    """A failure, a skip and an empty run are findings, and the counts are right beside them."""
    assert (counts, findings) == judge(report(*outcomes), set())


def test_a_skip_whose_reason_is_listed_is_no_finding() -> None:
    """The list is compared with the reason as it was given."""
    allowed = allowed_reasons("# comment\n\nno IPv6 here\n")
    assert judge(report("", SKIPPED), allowed) == ("tests: 1 passed, 0 failed, 1 skipped", [])


@pytest.mark.parametrize(("outcomes", "status"), [([""], 0), (["", SKIPPED], 1)])
def test_the_exit_status_tells_and_the_counts_come_last(
    outcomes: list[str], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What reads the end of the output finds the counts there."""
    (tmp_path / "report").write_text(report(*outcomes))
    (tmp_path / "allowed").touch()
    assert status == main(str(tmp_path / "report"), str(tmp_path / "allowed"))
    assert capsys.readouterr().out.splitlines()[-1].startswith("tests: 1 passed, 0 failed")
