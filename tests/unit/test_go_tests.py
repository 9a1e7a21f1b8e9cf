"""What of the Go modules is checked, and how far it is fuzzed."""

import subprocess
from pathlib import Path

import pytest

from tools import go_tests
from tools.build import BUILD
from tools.go_tests import Go, Target


def test_every_signal_and_every_parser_has_a_fuzz_target() -> None:
    """Metrics, traces, logs, what finds personal data, addresses, policies and labels: each is fuzzed."""
    wanted = {"FuzzMetrics", "FuzzTraces", "FuzzLogs", "FuzzMask", "FuzzBucket", "FuzzParse", "FuzzResolve"}
    assert wanted <= {target.name for target in go_tests.targets()}


def test_every_module_of_the_collector_is_checked() -> None:
    """A module that comes is checked without being named; the distribution is one."""
    wanted = {"distribution", "otlptokenextension", "policyprocessor"}
    assert wanted <= {module.name for module in go_tests.MODULES}


def test_fuzz_targets_are_found_in_every_test_file(tmp_path: Path) -> None:
    """A target counts in whatever test file and package it stands, and only as a function of its own."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "a_test.go").write_text("func FuzzA(f *testing.F) {\n\tFuzzB(f)\n}\n")
    (tmp_path / "inner" / "b_test.go").write_text("func FuzzC(f *testing.F) {\n// func FuzzD(\n")
    (tmp_path / "c.go").write_text("func FuzzE(f *testing.F) {\n")
    assert list(go_tests.targets([tmp_path])) == [
        Target(tmp_path, "./.", "FuzzA"),
        Target(tmp_path, "./inner", "FuzzC"),
    ]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the commands that are run, each of which succeeds at once."""
    commands: list[list[str]] = []

    def succeed(command: list[str | Path], **_: object) -> subprocess.CompletedProcess[bytes]:
        commands.append([str(part) for part in command])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", succeed)
    return commands


def test_each_module_is_vetted_checked_and_tested(ran: list[list[str]], tmp_path: Path) -> None:
    """What is cheap comes first; tests run under the race detector, with what the caller adds."""
    for name in ("tested", "untested"):
        (tmp_path / name).mkdir()
    (tmp_path / "tested" / "a_test.go").touch()
    modules = [tmp_path / "tested", tmp_path / "untested"]
    assert go_tests.check(Go(Path("go"), "gcc"), ["-run", "Limit"], modules)
    assert ran == [
        *2 * [["go", "vet", "./..."]],
        *2 * [[str(BUILD / "staticcheck"), "-checks", "all", "./..."]],
        ["go", "test", "-race", "-run", "Limit", "./..."],
    ]


def test_without_a_compiler_the_tests_run_and_one_line_says_so(
    ran: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user's machine may have no C compiler: the race detector is left out, not the tests."""
    (tmp_path / "a_test.go").touch()
    assert go_tests.check(Go(Path("go"), None), [], [tmp_path])
    assert ran[-1] == ["go", "test", "./..."]
    assert capsys.readouterr().out == (
        "tools: no C compiler with its headers: the Go tests run without the race detector\n"
    )


def test_every_target_is_fuzzed_though_one_has_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One finding does not hide another, and the targets that have one are named at the end."""
    fuzzed: list[str] = []

    def run(_: Go, module: Path, *arguments: str, race: bool = False) -> bool:
        assert not race
        assert module in go_tests.MODULES
        fuzzed.append(arguments[-2])
        return arguments[-2] != "-fuzz=^FuzzTraces$"

    monkeypatch.setattr(Go, "run", run)
    assert not go_tests.fuzz(Go(Path("go"), None), "20000x")
    assert len(fuzzed) == len(list(go_tests.targets()))
    assert capsys.readouterr().out == "tools: FuzzTraces has found something, or did not run\n"


def test_a_compiler_without_headers_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The race detector is compiled against the C library: a compiler that does not find its headers is of no use."""
    for name, status in {"clang": 1, "cc": 0}.items():
        compiler = tmp_path / name
        compiler.write_text(f"#!/bin/sh\ngrep -q stdlib.h && exit {status}\n")
        compiler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("CC", "clang")
    monkeypatch.setattr(go_tests, "COMPILERS", ("clang", "cc"))
    assert go_tests.find_compiler() == "cc"
    monkeypatch.setattr(go_tests, "COMPILERS", ("clang", "no-such-compiler"))
    assert go_tests.find_compiler() is None
