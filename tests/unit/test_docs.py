"""The documents: links lead somewhere, commands exist, variables are those that are read."""

import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from telemetry.contract import CONTRACT
from telemetry.variables import VARIABLES

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT) for folder in (ROOT, ROOT / "docs", ROOT / "docs" / "adr") for path in folder.glob("*.md")
)

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
VARIABLE = re.compile(r"\b(?:OTEL|TECHSAPO)_[A-Z0-9_]+\b")
MAKE = re.compile(r"(?:^ *|`)make ([a-z-]+)", re.MULTILINE)
COMMAND = re.compile(r"(?:`|^ *\$? ?|; |\) )techsapo-telemetry ([a-z][a-z-]*)", re.MULTILINE)
METRIC = re.compile(r"\b(?:techsapo|nodejs)_[a-z0-9_]+\b(?!\.py)")
TESTS = re.compile(r"`((?:tests|telemetry|app_integration|vectors|tools|docs|\.ci)/[\w./-]+)`")

# Names that a document says something of, though nothing here reads them.
OF_OTHERS = {"OTEL_METRICS_EXEMPLAR_FILTER"}
# Not metrics: instrumentations, and what the stock exporter makes of a name.
INSTRUMENTATIONS = {point.name for point in entry_points(group="opentelemetry_instrumentor")}
NO_METRICS = INSTRUMENTATIONS | {"techsapo_policy"}
RENAMED = {"techsapo_wallbounce_cost_usd_total"}
# A histogram's and a counter's series.
SUFFIX = re.compile(r"_(?:bucket|sum|count|created)$")


def text_of(document: Path) -> str:
    """Return a document's text."""
    return (ROOT / document).read_text()


def anchors_of(document: Path) -> set[str]:
    """Return what links into a document may name, as GitHub makes it of headings."""
    headings = HEADING.findall(FENCED.sub("", text_of(document)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def found(pattern: re.Pattern[str], *documents: Path) -> set[str]:
    """Return every match of a pattern in some documents, by default in all."""
    return {name for document in documents or DOCUMENTS for name in pattern.findall(text_of(document))}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_somewhere(document: Path) -> None:
    """A link to a file or a heading of this repository finds it."""
    broken = []
    for link in LINK.findall(FENCED.sub("", text_of(document))):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path) if path else document
        if not (ROOT / target).exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    assert [] == broken


def test_every_document_is_linked_from_another() -> None:
    """Nobody has to know that a document is there."""
    linked = {
        ((ROOT / document).parent / link.partition("#")[0]).resolve()
        for document in DOCUMENTS
        for link in LINK.findall(text_of(document))
    }
    alone = [path for path in DOCUMENTS if path.parent == Path("docs") and (ROOT / path).resolve() not in linked]
    assert [] == alone


def test_every_variable_in_the_documents_is_read() -> None:
    """A variable that nothing reads would be set in vain."""
    known = {variable.name for variable in VARIABLES}
    assert set() == found(VARIABLE) - known - OF_OTHERS


def test_every_variable_that_is_read_is_in_the_documents() -> None:
    """`docs/settings.md` has them all."""
    assert {variable.name for variable in VARIABLES} <= found(re.compile(r"`([A-Z_]+)`"), Path("docs/settings.md"))


def test_every_make_target_in_the_documents_exists() -> None:
    """The commands that people type are the Makefile's."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = found(MAKE)
    assert {"demo", "test", "bench", "check", "render"} <= named
    assert set() == named - targets


def test_every_command_in_the_documents_exists() -> None:
    """What the documents tell to run is a command of `techsapo-telemetry`."""
    named = found(COMMAND)
    assert {"doctor", "render", "client-ip-bucket"} <= named
    for name in named:
        asked = subprocess.run(
            [Path(sys.executable).parent / "techsapo-telemetry", name, "--help"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert 0 == asked.returncode, name


def test_every_metric_in_the_documents_is_in_the_contract() -> None:
    """A name in the prose is one that can be queried."""
    named = {SUFFIX.sub("", name) if name not in CONTRACT.by_name else name for name in found(METRIC)}
    assert set() == named - set(CONTRACT.by_name) - NO_METRICS - RENAMED


def test_every_file_in_the_documents_is_there() -> None:
    """A path of this repository in the prose leads to something."""
    assert [] == sorted(path for path in found(TESTS) if not (ROOT / path).exists())


def test_the_blocks_of_python_are_python() -> None:
    """What people copy compiles."""
    for document in DOCUMENTS:
        for block in re.findall(r"^( *)```python\n(.*?)^\1```$", text_of(document), re.DOTALL | re.MULTILINE):
            compile(re.sub(rf"^{block[0]}", "", block[1], flags=re.MULTILINE), str(document), "exec")
