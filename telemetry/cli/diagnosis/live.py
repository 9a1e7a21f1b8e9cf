"""What is live in a process that `opentelemetry-instrument` starts."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from telemetry.cli.diagnosis.environment import DISTRO
from telemetry.cli.diagnosis.finding import Finding, broken, ok, warn
from telemetry.cli.diagnosis.report import MARK, Instrumentation, Report
from telemetry.settings import STABLE_CONVENTIONS

COMMAND = "opentelemetry-instrument"
PROBE = "telemetry.cli.diagnosis.probe"
DEADLINE_SECONDS = 60.0
_OURS = "techsapo_"


@dataclass(frozen=True, slots=True)
class Live:
    """What a started process told, None where it told nothing, and what follows from it."""

    report: Report | None
    findings: list[Finding]


def check_live(*, disabled: bool = False, disabled_instrumentations: str = "") -> Live:
    """Start a process as an application is started, with this environment, and look at it from within.

    `disabled` is what OTEL_SDK_DISABLED says, `disabled_instrumentations` what
    OTEL_PYTHON_DISABLED_INSTRUMENTATIONS says.
    """
    beside = str(Path(sys.executable).parent)
    command = shutil.which(COMMAND, path=beside) or shutil.which(COMMAND)
    if command is None:
        remedy = f"pip install opentelemetry-instrumentation, in the environment of {sys.executable}"
        return Live(None, [broken("start", f"{COMMAND} is not installed", remedy)])
    try:
        ended = subprocess.run(  # noqa: S603  # the command that a user would type
            [command, sys.executable, "-m", PROBE],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=DEADLINE_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        sentence = f"A process started by {COMMAND} did not end within {DEADLINE_SECONDS:g} s"
        return Live(None, [broken("start", sentence, "Look for an instrumentation or a sitecustomize that hangs")])
    report = _report(ended.stdout)
    if report is None:
        sentence = f"A process started by {COMMAND} ended with status {ended.returncode}: {_last_line(ended.stderr)}"
        return Live(None, [broken("start", sentence, f"Run it yourself: {COMMAND} python -c ''")])
    if disabled:
        return Live(report, [ok("provider", "Nothing is live, as OTEL_SDK_DISABLED=true says")])
    return Live(report, [*_provider(report, ended.stderr), *_instrumentations(report, disabled_instrumentations)])


def _report(output: str) -> Report | None:
    for line in reversed(output.splitlines()):
        if line.startswith(MARK):
            report: Report = json.loads(line.removeprefix(MARK))
            return report
    return None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _provider(report: Report, errors: str) -> list[Finding]:
    if report["ours"]:
        return [ok("provider", f"Under {COMMAND} the live meter provider is ours")]
    said = f"; it said: {_last_line(errors)}" if errors.strip() else ""
    sentence = f"Under {COMMAND} the live meter provider is {report['provider']}, not ours{said}"
    found = [broken("provider", sentence, f"Set OTEL_PYTHON_DISTRO={DISTRO} and unset OTEL_PYTHON_CONFIGURATOR")]
    missing = [name for name in STABLE_CONVENTIONS if name not in _names(report["opt_in"])]
    if missing:
        sentence = f"OTEL_SEMCONV_STABILITY_OPT_IN lacks {' and '.join(missing)}: instrumentations use older names"
        remedy = f"Our distro adds them; else set OTEL_SEMCONV_STABILITY_OPT_IN={','.join(STABLE_CONVENTIONS)}"
        found.append(warn("conventions", sentence, remedy))
    return found


def _names(opt_in: str) -> set[str]:
    return {name.strip().removesuffix("/dup") for name in opt_in.split(",")}


def _instrumentations(report: Report, disabled: str) -> list[Finding]:
    live = [each["name"] for each in report["instrumentations"] if each["live"]]
    found = [ok("instrumentations", f"Live: {', '.join(live)}")] if live else []
    for each in report["instrumentations"]:
        if not each["live"] and each["why"] != "not installed":
            found += _not_live(each, disabled)
    if not any(name.startswith(_OURS) for name in live):
        remedy = "Install what is to be measured beside this package: fastapi, redis, pymysql"
        found.append(warn("instrumentations", "HTTP, Redis and MySQL are not measured", remedy))
    return found


def _not_live(each: Instrumentation, disabled: str) -> list[Finding]:
    name = each["name"]
    if {name, "*"} & {part.strip() for part in disabled.split(",")}:
        sentence = f"{name} is left out, as OTEL_PYTHON_DISABLED_INSTRUMENTATIONS says"
        return [warn("instrumentations", sentence, "Take it from that list to measure it")]
    if each["why"] != "left out":
        return [warn("instrumentations", f"{name} is not live: {each['why']}", f"pip install -U {each['package']}")]
    if name.startswith(_OURS):
        remedy = f"Run it yourself, it tells what failed: {COMMAND} python -c ''"
        return [broken("instrumentations", f"{name} is installed, and not live", remedy)]
    # Contrib's for FastAPI: our distro leaves them out where FastAPI measures itself.
    return []
