"""Where an option stands in the Collector's configuration files, and which variable it is read from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_MAPPING = re.compile(r"(?P<indent> *(?:- )*)(?P<key>[\w./-]+):(?:\s+(?P<value>.*?))?\s*(?:\s#.*)?$")
_VARIABLE = re.compile(r"\$\{env:(\w+)(?::-[^}]*)?\}")
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, what stands there behind the option, and the variable that it names, if it names one."""

    file: Path
    line: int
    value: str
    variable: str | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def place_of(option: str, files: Sequence[Path]) -> Place | None:
    """Return where an option ("receivers.otlp.protocols.grpc.endpoint") is set, as far as mappings in block style tell.

    A later file goes before an earlier one, as it does in the Collector. None where no file sets it.
    """
    wanted = _INDEX.sub("", option).split(".")
    for file in reversed(files):
        try:
            text = file.read_text()
        except (OSError, UnicodeDecodeError):
            continue
        for number, path, value in mappings(text):
            if path == wanted:
                found = _VARIABLE.search(value)
                return Place(file, number, value, found[1] if found else None)
    return None


def mappings(text: str) -> Iterator[tuple[int, list[str], str]]:
    """Walk the lines "key: value": number of the line, keys from the top, value."""
    above: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _MAPPING.match(line):
            indent = len(found["indent"])
            while above and above[-1][0] >= indent:
                above.pop()
            above.append((indent, found["key"]))
            yield number, [key for _, key in above], found["value"] or ""
