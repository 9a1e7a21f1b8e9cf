"""`doctor`: what is set, installed and live, whether it works, and what to do where it doesn't."""

import json
import platform
import shutil
import textwrap
from argparse import Namespace
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from telemetry.cli.command import Subparsers
from telemetry.cli.diagnosis import (
    Finding,
    Level,
    Live,
    Package,
    check_environment,
    check_live,
    check_otlp,
    check_packages,
    check_page,
    packages,
)
from telemetry.cli.diagnosis.packages import OURS
from telemetry.settings import Settings, SettingsError, describe

_DESCRIPTION = """Look at the settings, the packages and a process started by opentelemetry-instrument, in the
environment and the folder that an application would be started in, and ask whether the page or the OTLP endpoint
answers. Each finding is ok, warn or broken; the exit status is 1 if something is broken."""
_WIDEST = 120


def register(subparsers: Subparsers) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser("doctor", help="what works, what does not, and what to do", description=_DESCRIPTION)
    parser.add_argument(
        "--json", action="store_true", help="one object: settings, packages, instrumentations, findings"
    )
    parser.add_argument("--no-network", action="store_true", help="do not ask the page or the OTLP endpoints")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Examine, print, and return 1 if something is broken."""
    described = describe()
    environment = {name: value for name, value, _ in described if value != "not set"}
    settings = _settings()
    live = check_live(
        disabled=isinstance(settings, Settings) and settings.disabled,
        disabled_instrumentations=environment.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", ""),
    )
    findings = [
        *check_environment(environment, settings),
        *check_packages(environment.get("OTEL_PYTHON_DISTRO"), Path.cwd()),
        *live.findings,
        *([] if arguments.no_network else _network(settings)),
    ]
    if arguments.json:
        print(json.dumps(_document(described, packages(), live, findings), indent=2))
    else:
        print(_text(environment, {name: meaning for name, _, meaning in described}, packages(), findings))
    return 1 if any(finding.level is Level.BROKEN for finding in findings) else 0


def _settings() -> Settings | SettingsError:
    try:
        return Settings.from_environ()
    except SettingsError as error:
        return error


def _network(settings: Settings | SettingsError) -> list[Finding]:
    if isinstance(settings, SettingsError) or settings.disabled:
        return []
    found = check_otlp(settings) if "otlp" in settings.exporters else []
    return [*found, check_page(settings.page)] if settings.serves_page else found


def _document(
    described: Sequence[tuple[str, str, str]], installed: Sequence[Package], live: Live, findings: Sequence[Finding]
) -> dict[str, object]:
    return {
        "version": version(OURS),
        "python": platform.python_version(),
        "settings": [
            {"variable": name, "value": None if value == "not set" else value, "meaning": meaning}
            for name, value, meaning in described
        ],
        "packages": [{"name": package.name, "version": package.version} for package in installed],
        "provider": None if live.report is None else live.report["provider"],
        "instrumentations": [] if live.report is None else live.report["instrumentations"],
        "findings": [
            {
                "level": finding.level.value,
                "about": finding.about,
                "sentence": finding.sentence,
                "remedy": finding.remedy or None,
            }
            for finding in findings
        ],
    }


def _text(
    environment: Mapping[str, str], meanings: Mapping[str, str], installed: Sequence[Package], found: Sequence[Finding]
) -> str:
    unset = len(meanings) - len(environment)
    settings = [(name, f"{value}  ({meanings[name]})") for name, value in environment.items()]
    lines = [f"{OURS} {version(OURS)}, Python {platform.python_version()}", "", "Settings"]
    lines += _aligned(settings)
    lines += [f"  {unset} others are not set: docs/settings.md", "", "Packages"]
    lines += _aligned([(package.name, package.version) for package in installed])
    lines += ["", "Findings"]
    for finding in found:
        head = f"  {finding.level.value:<8}{finding.about:<18}"
        lines += _wrapped(head, finding.sentence)
        if finding.remedy:
            lines += _wrapped(" " * (len(head) - 2) + "> ", finding.remedy)
    counts = [(level, sum(finding.level is level for finding in found)) for level in (Level.BROKEN, Level.WARN)]
    told = ", ".join(f"{count} {level.value}" for level, count in counts if count)
    return "\n".join([*lines, "", told or "All is as it should be"])


def _aligned(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in rows), default=0) + 2
    return [line for name, text in rows for line in _wrapped(f"  {name:<{width}}", text)]


def _wrapped(head: str, text: str) -> list[str]:
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
