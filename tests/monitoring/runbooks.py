"""Runbooks as tests read them."""

import re
from dataclasses import dataclass
from typing import Final

from monitoring.model import Alert
from monitoring.render import ROOT
from monitoring.rules import groups
from monitoring.thresholds import Thresholds

FOLDER: Final = ROOT / "monitoring" / "runbooks"
ALERTS: Final = sorted(
    {rule.name for group in groups(Thresholds.load()) for rule in group.rules if isinstance(rule, Alert)}
)

_FENCED: Final = re.compile(r"^```(\w*)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
_STRING: Final = re.compile(r'"[^"]*"')
_GROUPING: Final = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right) \(([^)]*)\)")
_RANGE: Final = re.compile(r"\[[^]]*\]|\boffset \w+")
_SELECTED: Final = re.compile(r"(\w+)(?:=~|!~|!=|=)")
_WORDS: Final = frozenset({"and", "or", "unless", "bool", "anchored"})


@dataclass(frozen=True)
class Query:
    """A query of a runbook, and the paragraph before it."""

    text: str
    about: str

    @property
    def names(self) -> set[str]:
        """The names of the series that it asks for."""
        bare = _GROUPING.sub(" ", _RANGE.sub(" ", re.sub(r"\{[^}]*\}", " ", _STRING.sub('""', self.text))))
        return set(re.findall(r"(?<![\w:.])[a-zA-Z_][\w:]*(?![\w:]*\s*\()", bare)) - _WORDS

    @property
    def labels(self) -> set[str]:
        """The labels that it selects or groups by."""
        blocks = re.findall(r"\{([^}]*)\}", _STRING.sub('""', self.text))
        grouped = [label.strip() for labels in _GROUPING.findall(self.text) for label in labels.split(",")]
        return {label for block in blocks for label in _SELECTED.findall(block)} | set(filter(None, grouped))


@dataclass(frozen=True)
class Runbook:
    """The page of an alert."""

    alert: str
    text: str

    @property
    def meaning(self) -> str:
        """What stands before the first section."""
        return self.text.partition("\n## ")[0].partition("\n")[2]

    @property
    def prose(self) -> str:
        """All but blocks of queries and commands."""
        return _FENCED.sub("", self.text)

    @property
    def commands(self) -> list[str]:
        """What is to be typed: in blocks without a language, and in the prose."""
        blocks = [block for language, block in _FENCED.findall(self.text) if not language]
        return [*"\n".join(blocks).splitlines(), *re.findall(r"`([^`]+)`", self.prose)]

    @property
    def queries(self) -> list[Query]:
        """The queries, each with the paragraph that is nearest above it."""
        found, about = [], ""
        for part in re.split(r"\n\n", self.text):
            block = _FENCED.fullmatch(part.strip())
            if block is None:
                about = part
            elif block[1] == "promql":
                found.append(Query(block[2], about))
        return found


def runbook(alert: str) -> Runbook:
    """Return an alert's runbook."""
    return Runbook(alert, (FOLDER / f"{alert}.md").read_text())
