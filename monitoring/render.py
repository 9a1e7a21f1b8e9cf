"""Writes what Prometheus, Alertmanager, Grafana and VictoriaMetrics read: `python -m monitoring.render`.

With `--check` it tells what is stale and writes nothing. With `--to` it writes a set for a trial elsewhere, at another
pace.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from monitoring import alertmanager, dashboards, yaml
from monitoring.model import Group
from monitoring.pace import Pace
from monitoring.places import Places
from monitoring.rules import groups
from monitoring.thresholds import Thresholds

ROOT: Final = Path(__file__).resolve().parent.parent
RENDERED: Final = Path("monitoring", "rendered")
RULES: Final = RENDERED / "rules"

_HEADER: Final = (
    "# Rendered from monitoring/rules and monitoring/thresholds.toml by `make render`. Change these instead.\n"
)


def rendered(pace: Pace | None = None, webhook: str | None = None) -> dict[Path, str]:
    """Return the text of every file, by its path from the project's root.

    `webhook` is the address that all notifications go to, instead of the receivers of receivers.toml.
    """
    pace = pace or Pace()
    return {
        **rules(pace),
        **alertmanager.rendered_files(pace=pace.divisor, webhook=webhook),
        **dashboards.rendered_files(pace),
    }


def rules(pace: Pace) -> dict[Path, str]:
    """Return the files of rules."""
    places = Places.load()
    return {RULES / f"{group.name}.yaml": _file(group, pace, places) for group in groups(Thresholds.load(pace=pace))}


def stale(root: Path = ROOT) -> list[Path]:
    """Return the files that are not what they would be, and those that nothing renders any more."""
    wanted = rendered()
    there = {path.relative_to(root) for path in (root / RENDERED).rglob("*") if path.is_file()}
    changed = [path for path, text in wanted.items() if path not in there or (root / path).read_text() != text]
    return sorted([*changed, *(there - set(wanted))])


def write(root: Path = ROOT) -> list[Path]:
    """Write what is stale, remove what nothing renders, and return both."""
    wanted = rendered()
    found = stale(root)
    for path in found:
        if path in wanted:
            _write(root / path, wanted[path])
        else:
            (root / path).unlink()
    return found


def write_to(directory: Path, files: Mapping[Path, str]) -> None:
    """Write files that would stand in `monitoring/rendered` into another directory."""
    for path, text in files.items():
        _write(directory / path.relative_to(RENDERED), text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _file(group: Group, pace: Pace, places: Places) -> str:
    return _HEADER + yaml.dump({"groups": [group.rendered(pace, places)]})


def main() -> int:
    """Write, or check: 1 where something is stale."""
    parser = argparse.ArgumentParser(prog="python -m monitoring.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 where a file is stale")
    parser.add_argument("--to", type=Path, metavar="DIRECTORY", help="write there instead of monitoring/rendered")
    parser.add_argument("--pace", type=float, default=1.0, metavar="N", help="with --to: divide all times by N")
    parser.add_argument("--webhook", metavar="URL", help="with --to: notify there, and nobody of receivers.toml")
    options = parser.parse_args()
    if options.to is not None:
        write_to(options.to, rendered(Pace(options.pace), options.webhook))
        return 0
    if options.pace != 1 or options.webhook:
        parser.error("--pace and --webhook are for a trial: they need --to")
    found = stale() if options.check else write()
    for path in found:
        done = "written" if (ROOT / path).exists() else "removed"
        print(f"{path}: {'stale: make render' if options.check else done}")
    return 1 if options.check and found else 0


if __name__ == "__main__":
    sys.exit(main())
