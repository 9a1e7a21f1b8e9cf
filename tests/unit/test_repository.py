"""What holds for every file of the project."""

import os
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The tests of the patterns below have to show what is looked for.
THIS = Path(__file__).relative_to(ROOT)
MOST_LINES = 300
IGNORED = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]

# Where somebody's machine keeps things. A path of the operating system is the same everywhere, and may be named.
MACHINE_PATH = re.compile(r"(?<![\w.}])/(?:root|home|Users|work|tmp|opt|mnt)/[\w.]")
# A lock or a script that names a registry breaks for those who reach another one.
REGISTRY = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.org|(?:proxy|sum)\.golang\.org|static\.crates\.io"
    r"|repo\d?\.maven\.(?:apache\.)?org|deb\.debian\.org)\b|--(?:extra-)?index-url|--find-links"
)


def files() -> set[Path]:
    """Return every file that is not ignored by git, relative to the project."""
    found = set()
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        ignored = parts[0] == ".git" or any(fnmatch(part, pattern) for part in parts for pattern in IGNORED)
        if path.is_file() and not ignored:
            found.add(path.relative_to(ROOT))
    return found


def text_of(file: Path) -> str:
    """Return what a file says; nothing where it is no text."""
    try:
        return (ROOT / file).read_text()
    except UnicodeDecodeError:
        return ""


def found_in(pattern: re.Pattern[str], names: set[Path]) -> list[str]:
    """Return the places, as "file:line", where a pattern is found."""
    numbered = ((name, number, line) for name in names for number, line in enumerate(text_of(name).splitlines(), 1))
    return sorted(f"{name}:{number}" for name, number, line in numbered if pattern.search(line))


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    """A fresh clone works wherever it lies."""
    assert found_in(MACHINE_PATH, files() - {THIS}) == []


def test_no_file_names_a_package_registry() -> None:
    """Packages come from whatever registry the machine is set to; their hashes make sure that they are the same."""
    # The script that leaves the options out of a lock has to name them.
    assert found_in(REGISTRY, files() - {THIS, Path("tools/lock.py")}) == []


def test_every_module_is_read_in_one_sitting() -> None:
    """No source file is longer than what a reader holds in mind."""
    sizes = {str(file): len(text_of(file).splitlines()) for file in files() if file.suffix in {".py", ".go", ".sh"}}
    assert {name: lines for name, lines in sizes.items() if lines > MOST_LINES} == {}


def test_the_lock_pins_every_package_with_hashes() -> None:
    """Nothing is installed that was not looked at: each line is an exact version, each has a hash."""
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text())[1:]
    assert len(entries) > 20
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry or "==" not in entry] == []


@pytest.mark.parametrize("target", ["setup", "demo", "test", "check", "bench", "render", "tools", "lock", "fmt"])
def test_every_target_that_needs_the_environment_makes_it(target: str) -> None:
    """Any command may be the first one in a fresh clone."""
    assert shutil.which("make")
    dry_run = ["make", "--no-print-directory", "--dry-run", "--always-make", target]
    outside = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    plan = subprocess.run(dry_run, cwd=ROOT, env=outside, capture_output=True, text=True, check=True, timeout=30).stdout
    assert "tools/setup.py" in plan.splitlines()[0]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("cd /mnt/project", True),
        ("see /home/jane", True),
        ("'/tmp/x'", True),
        ("{DIRECTORY}/tmp/x", False),
        ("a route like /work or /tmp", False),
        ("/usr/bin/env", False),
    ],
)
def test_machine_paths_are_told_from_others(line: str, found: bool) -> None:
    """The rule sees a path into somebody's folders, and nothing else."""
    assert found == bool(MACHINE_PATH.search(line))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("the index at pypi.org", True),
        ("--index-url x", True),
        ("from PyPI", False),
        ("golang.org/x/net", False),
    ],
)
def test_registry_addresses_are_told_from_names(line: str, found: bool) -> None:
    """The rule sees an address, not the name of a registry or of a module."""
    assert found == bool(REGISTRY.search(line))
