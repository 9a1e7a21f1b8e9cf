"""Findings, and tables of names and texts, as people read them in a terminal."""

import shutil
import textwrap
from collections.abc import Sequence

from telemetry.cli.diagnosis.finding import Finding, Level

_WIDEST = 120


def finding_lines(finding: Finding, about: int = 0) -> list[str]:
    """Return a finding's level, what it is about in a column of so many characters (0: none), sentence and remedy."""
    head = f"  {finding.level.value:<8}" + (f"{finding.about:<{about}}" if about else "")
    lines = wrapped(head, finding.sentence)
    if finding.remedy:
        lines += wrapped(" " * (len(head) - 2) + "> ", finding.remedy)
    return lines


def told(findings: Sequence[Finding]) -> str:
    """Return how many are broken and worth a look, empty where all is as it should be."""
    counts = [(level, sum(finding.level is level for finding in findings)) for level in (Level.BROKEN, Level.WARN)]
    return ", ".join(f"{count} {level.value}" for level, count in counts if count)


def aligned(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return the lines of a table of names and texts."""
    width = max((len(name) for name, _ in rows), default=0) + 2
    return [line for name, text in rows for line in wrapped(f"  {name:<{width}}", text)]


def wrapped(head: str, text: str) -> list[str]:
    """Return a text behind a head, broken over lines no wider than the terminal."""
    width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)
    # A command or an address that is broken over lines could not be copied.
    return textwrap.wrap(
        text,
        max(width, len(head) + 20),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
