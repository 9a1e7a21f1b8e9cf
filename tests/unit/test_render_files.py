"""Rendered files: stale ones are found, and replaced whole or not at all."""

from pathlib import Path

import pytest

from telemetry.contract import CONTRACT
from telemetry.render import RENDERED, RenderedFile, RenderError, stale_files, write_files
from telemetry.variables import VARIABLES

ROOT = Path(__file__).parents[2]
ONE = RenderedFile("docs/one.md", lambda contract: f"{len(contract.metrics)} metrics\n")
TWO = RenderedFile("docs/two.md", lambda _: "two\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a folder of documents and nothing in it."""
    (tmp_path / "docs").mkdir()
    return tmp_path


def test_the_files_of_this_repository_are_fresh() -> None:
    """What is rendered says what the contract says; `make render` brings it up to date."""
    assert [] == stale_files(ROOT)


def test_missing_and_changed_files_are_stale(root: Path) -> None:
    """A file is stale when it is not there, or is another than would be written."""
    assert [ONE, TWO] == stale_files(root, rendered=(ONE, TWO))
    (root / ONE.path).write_text(f"{len(CONTRACT.metrics)} metrics\n")
    (root / TWO.path).write_text("2\n")
    assert [TWO] == stale_files(root, rendered=(ONE, TWO))


def test_writing_replaces_only_what_is_stale(root: Path) -> None:
    """A second run writes nothing: builds that look at times of change are left alone."""
    assert [ONE, TWO] == write_files(root, rendered=(ONE, TWO))
    before = (root / ONE.path).stat().st_mtime_ns
    (root / TWO.path).write_text("2\n")
    assert [TWO] == write_files(root, rendered=(ONE, TWO))
    assert [] == write_files(root, rendered=(ONE, TWO))
    assert before == (root / ONE.path).stat().st_mtime_ns
    assert "two\n" == (root / TWO.path).read_text()


def test_a_file_is_replaced_whole_or_not_at_all(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step fails the old file is there, and nothing beside it."""
    (root / ONE.path).write_text("old\n")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(RenderError, match=r"one\.md cannot be written \(Permission denied\); make its folder writable"):
        write_files(root, rendered=(ONE,))
    assert ["one.md"] == [path.name for path in (root / "docs").iterdir()]
    assert "old\n" == (root / ONE.path).read_text()


def test_a_written_file_can_be_read_by_all(root: Path) -> None:
    """A temporary file is private; what it becomes is not."""
    write_files(root, rendered=(ONE,))
    assert 0o644 == (root / ONE.path).stat().st_mode & 0o777


def test_another_folder_than_the_project_is_refused(tmp_path: Path) -> None:
    """Nothing is written into a folder that is no project's."""
    with pytest.raises(RenderError, match="run this in the project's root, or name that with --root"):
        write_files(tmp_path, rendered=(ONE,))


def test_a_file_that_cannot_be_read_is_named(root: Path) -> None:
    """A folder in the place of a file is told as what it is."""
    (root / ONE.path).mkdir()
    with pytest.raises(RenderError, match=r"one\.md cannot be read \(Is a directory\)"):
        stale_files(root, rendered=(ONE,))


def test_rendered_files_say_so_in_their_first_line_or_key() -> None:
    """Whoever opens one to change it sees where the change belongs."""
    sources = {
        "docs/metrics.md": "telemetry/contract",
        "docs/settings.md": "telemetry/variables.py",
        "collector/config/policy.json": "telemetry/contract",
    }
    for file in RENDERED:
        first = file.content(CONTRACT).removeprefix("{\n").splitlines()[0]
        assert f"Rendered from {sources[file.path]} by `techsapo-telemetry render` (make render)." in first
        assert file.content(CONTRACT) == file.content(CONTRACT)


def test_every_variable_is_on_the_page_of_settings() -> None:
    """Each has its meaning there, and secret ones are marked."""
    lines = (ROOT / "docs" / "settings.md").read_text().splitlines()
    assert [
        f"| `{variable.name}` | {variable.meaning} | {'yes' if variable.secret else ''} |" for variable in VARIABLES
    ] == [line for line in lines if line.startswith("| `")]
