"""Imports go one way, and the environment is read in one place: read from the source, not from what happens to load."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A part of `telemetry` imports of its own layer and of the layers after it.
LAYERS = (
    {"cli", "distro", "__init__"},
    {"lifecycle", "render"},
    {"engine", "exposition", "export", "runtime", "logs"},
    {"context", "settings", "page", "stack", "variables"},
    {"contract", "privacy"},
)
RANK = {part: -depth for depth, layer in enumerate(LAYERS) for part in layer}
OURS = {"telemetry", "app_integration", "monitoring", "tests", "benchmarks", "tools"}
READERS = {"environ", "environb", "getenv", "getenvb"}


@dataclass(frozen=True)
class Import:
    """That `importer` (a file, relative to the project) imports the module `imported` (dotted) in line `line`."""

    importer: Path
    line: int
    imported: str

    @property
    def target(self) -> str:
        """The part of `telemetry` that is imported; `__init__` for its public face."""
        parts = self.imported.split(".")
        return parts[1] if len(parts) > 1 and parts[1] in RANK else "__init__"

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def part_of(file: Path) -> str:
    """Return the part of `telemetry` a file belongs to: the name of its folder, or its own."""
    return file.parts[1].removesuffix(".py")


def sources(package: str) -> list[Path]:
    """Return the Python files of a package, relative to the project."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / package).rglob("*.py"))


def imports_in(file: Path, text: str) -> Iterator[Import]:
    """Find every import statement of a file, inside functions and under `if TYPE_CHECKING` too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(file.with_suffix("").parts[: -node.level]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            # What is imported from a package may be a module of it.
            yield from (Import(file, node.lineno, f"{module}.{alias.name}") for alias in node.names)


def imports_of(package: str, *targets: str) -> list[Import]:
    """Return a package's imports of the named packages of this project."""
    found = (each for file in sources(package) for each in imports_in(file, (ROOT / file).read_text()))
    return [each for each in found if each.imported.split(".")[0] in targets]


def environment_reads(text: str) -> Iterator[int]:
    """Find the lines that touch the environment other than to set a variable or its default."""
    tree = ast.parse(text)
    sets = {
        id(node.value)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr == "setdefault")
        or (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store))
    }
    for node in ast.walk(tree):
        named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
        if named and isinstance(node, ast.Attribute) and node.attr in READERS and id(node) not in sets:
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "os" and READERS & {each.name for each in node.names}:
            yield node.lineno


def test_every_part_of_telemetry_has_a_layer() -> None:
    """A new folder or module says where it stands before anything imports it."""
    assert {part_of(file) for file in sources("telemetry")} - set(RANK) == set()


def test_parts_of_telemetry_import_downwards_only() -> None:
    """No part imports one of a layer above its own."""
    upwards = [
        str(each) for each in imports_of("telemetry", "telemetry") if RANK[each.target] > RANK[part_of(each.importer)]
    ]
    assert upwards == []


def test_parts_of_telemetry_import_no_part_in_a_circle() -> None:
    """Within a layer too, imports go one way."""
    graph: dict[str, set[str]] = {}
    for each in imports_of("telemetry", "telemetry"):
        if part_of(each.importer) != each.target:
            graph.setdefault(part_of(each.importer), set()).add(each.target)
    assert set(TopologicalSorter(graph).static_order()) <= set(RANK)


def test_privacy_imports_nothing_of_the_project() -> None:
    """What finds personal data can be read, and carried to another language, alone."""
    others = [each for each in imports_of("telemetry", *OURS) if part_of(each.importer) == "privacy"]
    assert [str(each) for each in others if not each.imported.startswith("telemetry.privacy")] == []


@pytest.mark.parametrize(
    ("package", "others"),
    [
        ("telemetry", OURS - {"telemetry"}),
        ("app_integration", OURS - {"telemetry", "app_integration"}),
        ("monitoring", OURS - {"telemetry", "monitoring"}),
    ],
)
def test_what_is_installed_imports_nothing_that_is_not_below_it(package: str, others: set[str]) -> None:
    """The library knows nothing of the application, and neither knows the tests."""
    assert [str(each) for each in imports_of(package, *others)] == []


def test_only_settings_read_the_environment() -> None:
    """Every variable that counts is in one table; the rest of `telemetry` may set one, never read one."""
    reads = [
        f"{file}:{line}"
        for file in sources("telemetry")
        if file != Path("telemetry/settings.py")
        for line in environment_reads((ROOT / file).read_text())
    ]
    assert reads == []


@pytest.mark.parametrize(
    ("statement", "imported"),
    [
        ("import telemetry.cli", "telemetry.cli"),
        ("from telemetry import cli", "telemetry.cli"),
        ("from telemetry.cli import main", "telemetry.cli.main"),
        ("from ..cli import main", "telemetry.cli.main"),
        ("from . import provider", "telemetry.engine.provider"),
        ("def f():\n    import telemetry.cli", "telemetry.cli"),
    ],
)
def test_imports_are_found_in_every_form(statement: str, imported: str) -> None:
    """The rules above hold however an import is written."""
    assert [imported] == [each.imported for each in imports_in(Path("telemetry/engine/meter.py"), statement)]


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("os.environ['A']", True),
        ("os.environ.get('A')", True),
        ("dict(os.environ)", True),
        ("os.getenv('A')", True),
        ("from os import environ", True),
        ("os.environ['A'] = 'b'", False),
        ("os.environ.setdefault('A', 'b')", False),
        ("settings.environ", False),
    ],
)
def test_reading_the_environment_is_told_from_setting_it(statement: str, reads: bool) -> None:
    """The rule above sees every way to read a variable."""
    assert reads == bool(list(environment_reads(statement)))
