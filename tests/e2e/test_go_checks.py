"""What `make test` finds in a Go module, with the real Go, staticcheck and race detector."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import NO_COLLECTOR
from tests.support.collector import COLLECTOR, SALT
from tools import go_tests
from tools.build import TOOLS, go_environment

README = go_tests.COLLECTOR / "policyprocessor" / "README.md"

SOUND = """
// Package counted counts.
package counted

// Count returns how many there are.
func Count(texts []string) int { return len(texts) }
"""
TEST = """
package counted

import "testing"

func TestCount(t *testing.T) {
	%s
}
"""
VET = 't.Errorf("%d", "a text")'
UNUSED = 'found := Count(nil)\n\tfound = Count([]string{"a"})\n\tif found != 1 {\n\t\tt.Error(found)\n\t}'
RACE = "found, done := 0, make(chan bool)\n\tgo func() { found++; done <- true }()\n\tfound++\n\t<-done"
WRONG = 'if Count(nil) != 1 {\n\t\tt.Error("wrong")\n\t}'


def module(folder: Path, body: str) -> Path:
    """Write a module whose test has this body."""
    (folder / "go.mod").write_text("module counted\n\ngo 1.26.0\n")
    (folder / "counted.go").write_text(SOUND)
    (folder / "counted_test.go").write_text(TEST % body)
    return folder


@pytest.mark.parametrize(
    ("body", "found"),
    [(VET, "wrong type string"), (UNUSED, "(SA4006)"), (WRONG, "FAIL: TestCount"), (RACE, "DATA RACE")],
    ids=["vet", "staticcheck", "test", "race"],
)
def test_a_fault_is_found(tmp_path: Path, capfd: pytest.CaptureFixture[str], body: str, found: str) -> None:
    """A wrong format, a value that is never used, a wrong result and a data race each fail the run."""
    if body == RACE and go_tests.find_compiler() is None:
        pytest.skip("no C compiler: no race detector")
    assert not go_tests.check(go_tests.prepare(), ["-count=1"], [module(tmp_path, body)])
    told = capfd.readouterr()
    assert found in told.out + told.err


def test_a_sound_module_passes(tmp_path: Path) -> None:
    """A module without a fault gives no finding."""
    assert go_tests.check(go_tests.prepare(), ["-count=1"], [module(tmp_path, "t.Log(Count(nil))")])


def test_the_compiler_is_told_to_go(tmp_path: Path) -> None:
    """A compiler that is named by CC has to be one: the race detector is built with it."""
    go = go_tests.Go(go_tests.prepare().path, str(tmp_path / "no-compiler"))
    assert not go.run(module(tmp_path, ""), "test", "-race", "./...", race=True)


def validated(configuration: Path) -> subprocess.CompletedProcess[str]:
    """Let the Collector say what it thinks of a configuration."""
    if not COLLECTOR.exists():
        pytest.skip(NO_COLLECTOR)
    command = [str(COLLECTOR), "validate", "--config", str(configuration)]
    environment = go_environment() | {"TECHSAPO_CLIENT_IP_SALT": SALT}
    return subprocess.run(command, cwd=TOOLS.parent, env=environment, capture_output=True, text=True, check=False)


def test_the_processors_example_is_a_configuration(tmp_path: Path) -> None:
    """What the README of the policy processor shows is taken by the Collector; with a wrong option it is not."""
    example = README.read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "right.yaml").write_text(example)
    (tmp_path / "wrong.yaml").write_text(example.replace("policy_file", "policy_path"))
    right, wrong = validated(tmp_path / "right.yaml"), validated(tmp_path / "wrong.yaml")
    assert (right.returncode, right.stderr) == (0, "")
    assert wrong.returncode != 0
    assert "policy_path" in wrong.stderr
