"""`validate`: what is wrong with the Collector's configuration, before a Collector is started with it."""

import json
from argparse import Namespace
from pathlib import Path

from telemetry.cli.command import CommandError, Subparsers
from telemetry.cli.diagnosis import Level, finding_lines, told
from telemetry.cli.diagnosis.configuration import CollectorBinary, CollectorError, check_configuration, place_of
from telemetry.settings import describe

BINARY = Path("build/techsapo-collector")
CONFIG = Path("collector/config/collector.yaml")
_DESCRIPTION = """Run the Collector's own validation with this environment, look further (the policy's version,
listeners, tokens, expirations), and say what is wrong in a sentence each. The exit status is 1 if the configuration is
wrong, 2 if it cannot be looked at."""


def register(subparsers: Subparsers) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "validate", help="what is wrong with the Collector's configuration", description=_DESCRIPTION
    )
    parser.add_argument("--json", action="store_true", help="one object: collector, configs, findings")
    parser.add_argument(
        "--collector", type=Path, metavar="PATH", help=f"the Collector's binary (default: {BINARY} of the folder)"
    )
    parser.add_argument(
        "--config",
        type=Path,
        action="append",
        metavar="FILE",
        help=f"a configuration, as the Collector takes it; may be given again (default: {CONFIG} of the folder)",
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="the folder that the Collector starts in (default: the current one)",
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Look, print, and return 1 if something is broken.

    Raises:
        CommandError: the Collector's binary cannot be run.
    """
    root: Path = arguments.root
    path: Path = arguments.collector or root / BINARY
    files: list[Path] = arguments.config or [root / CONFIG]
    if not path.exists():
        raise CommandError(f"{path} is not there: make collector, or name one by --collector")
    environment = {name: value for name, value, _ in describe() if value != "not set"}
    try:
        findings = check_configuration(CollectorBinary(path, root), files, environment)
    except CollectorError as error:
        raise CommandError(str(error)) from None
    places = {each.about: place_of(each.about, files) for each in findings if each.about}
    if arguments.json:
        listed = [
            {
                "level": finding.level.value,
                "option": finding.about or None,
                "place": str(place) if (place := places.get(finding.about)) else None,
                "sentence": finding.sentence,
                "remedy": finding.remedy or None,
            }
            for finding in findings
        ]
        print(
            json.dumps({"collector": str(path), "configs": [str(file) for file in files], "findings": listed}, indent=2)
        )
    else:
        for finding in findings:
            print("\n".join(finding_lines(finding)))
            if place := places.get(finding.about):
                print(f"          at {finding.about}, {place}")
        print(told(findings) or f"{' and '.join(map(str, files))}: as it should be")
    return 1 if any(finding.level is Level.BROKEN for finding in findings) else 0
