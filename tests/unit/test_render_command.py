"""The command `render`: writes, checks, and says what to do."""

from pathlib import Path

import pytest

from telemetry.cli import main

PATHS = ["docs/metrics.md", "docs/settings.md", "collector/config/policy.json"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the folders of rendered files and nothing in them."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "collector" / "config").mkdir(parents=True)
    return tmp_path


def test_check_fails_before_and_passes_after_rendering(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A build that checks names the stale file and the command; after that command it passes."""
    assert 1 == main(["render", "--check", "--root", str(root)])
    command = "`techsapo-telemetry render` (make render)"
    assert [f"{path}: stale, run {command} and commit it" for path in PATHS] == capsys.readouterr().out.splitlines()
    assert [] == list((root / "docs").iterdir())
    assert 0 == main(["render", "--root", str(root)])
    assert [f"{path}: written" for path in PATHS] == capsys.readouterr().out.splitlines()
    assert 0 == main(["render", "--check", "--root", str(root)])
    assert 0 == main(["render", "--root", str(root)])
    assert "" == capsys.readouterr().out


def test_a_wrong_folder_is_one_line_and_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run elsewhere, the command says where it belongs."""
    assert 2 == main(["render", "--root", str(tmp_path)])
    assert (
        f"techsapo-telemetry: {tmp_path}/docs is no folder; run this in the project's root, or name that with --root\n"
    ) == capsys.readouterr().err
