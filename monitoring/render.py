"""Writes the rules as Prometheus reads them: `python -m monitoring.render`, or with `--check` tells what is stale."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from monitoring.model import Group
from monitoring.rules import groups
from monitoring.thresholds import Thresholds

ROOT: Final = Path(__file__).resolve().parent.parent
RULES: Final = Path("monitoring", "rendered", "rules")

_HEADER: Final = (
    "# Rendered from monitoring/rules and monitoring/thresholds.toml by `make render`. Change these instead.\n"
)


def rendered() -> dict[Path, str]:
    """Return the text of every file, by its path from the project's root."""
    return {RULES / f"{group.name}.yaml": _file(group) for group in groups(Thresholds.load())}


def stale(root: Path = ROOT) -> list[Path]:
    """Return the files that are not what they would be, and those that nothing renders any more."""
    wanted = rendered()
    there = {path.relative_to(root) for path in (root / RULES).glob("*")}
    changed = [path for path, text in wanted.items() if path not in there or (root / path).read_text() != text]
    return sorted([*changed, *(there - set(wanted))])


def write(root: Path = ROOT) -> list[Path]:
    """Write what is stale, remove what nothing renders, and return both."""
    wanted = rendered()
    found = stale(root)
    for path in found:
        if path in wanted:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(wanted[path])
        else:
            (root / path).unlink()
    return found


def _file(group: Group) -> str:
    return "\n".join([_HEADER + "groups:", *_items([group.rendered()], "  ")]) + "\n"


def _items(values: list[object], indent: str) -> Iterator[str]:
    for value in values:
        lines = list(_mapping(value, indent + "  ")) if isinstance(value, dict) else [indent + "  " + json.dumps(value)]
        yield indent + "- " + lines[0].removeprefix(indent + "  ")
        yield from lines[1:]


def _mapping(mapping: dict[str, object], indent: str) -> Iterator[str]:
    for name, value in mapping.items():
        match value:
            case dict():
                yield f"{indent}{name}:"
                yield from _mapping(value, indent + "  ")
            case list():
                yield f"{indent}{name}:"
                yield from _items(value, indent + "  ")
            case str() if "\n" in value:
                yield f"{indent}{name}: |-"
                yield from (f"{indent}  {line}" for line in value.splitlines())
            case _:
                # A text in JSON is one in YAML.
                yield f"{indent}{name}: {json.dumps(value, ensure_ascii=False)}"


def main() -> int:
    """Write, or check: 1 where something is stale."""
    parser = argparse.ArgumentParser(prog="python -m monitoring.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 where a file is stale")
    check = parser.parse_args().check
    found = stale() if check else write()
    for path in found:
        print(f"{path}: {'stale: make render' if check else 'written'}")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
