"""`doctor`: what is set, installed and live, whether it works, and what to do where it doesn't."""

import json
import platform
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
    aligned,
    check_environment,
    check_live,
    check_otlp,
    check_packages,
    check_page,
    finding_lines,
    packages,
    told,
)
from telemetry.cli.diagnosis.packages import OURS
from telemetry.cli.diagnosis.stack import check_collectors, check_prometheus, where
from telemetry.settings import Settings, SettingsError, describe

_DESCRIPTION = """Look at the settings, the packages and a process started by opentelemetry-instrument, in the
environment and the folder that an application would be started in; ask whether the page or the OTLP endpoint answers,
what the Collector tells of itself, and what Prometheus has of this service. Each finding is ok, warn or broken; the
exit status is 1 if something is broken."""


def register(subparsers: Subparsers) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser("doctor", help="what works, what does not, and what to do", description=_DESCRIPTION)
    parser.add_argument(
        "--json", action="store_true", help="one object: settings, packages, instrumentations, findings"
    )
    parser.add_argument("--no-network", action="store_true", help="ask nobody: no page, Collector or Prometheus")
    parser.add_argument(
        "--collector",
        action="append",
        metavar="URL",
        help="a Collector's own figures; may be given again (default: port 8888 of this host if it is pushed to)",
    )
    parser.add_argument(
        "--prometheus", metavar="URL", help="Prometheus (default: http://127.0.0.1:9090 where metrics are pushed)"
    )
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
        *([] if arguments.no_network else _network(settings, arguments.collector or [], arguments.prometheus)),
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


def _network(settings: Settings | SettingsError, collectors: Sequence[str], prometheus: str | None) -> list[Finding]:
    if isinstance(settings, SettingsError) or settings.disabled:
        return []
    found = check_otlp(settings) if "otlp" in settings.exporters else []
    if settings.serves_page:
        found.append(check_page(settings.page))
    asked = where(settings, collectors, prometheus)
    return [*found, *check_collectors(settings, asked), *check_prometheus(settings, asked)]


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
    lines += aligned(settings)
    lines += [f"  {unset} others are not set: docs/settings.md", "", "Packages"]
    lines += aligned([(package.name, package.version) for package in installed])
    lines += ["", "Findings"]
    for finding in found:
        lines += finding_lines(finding, about=18)
    return "\n".join([*lines, "", told(found) or "All is as it should be"])
