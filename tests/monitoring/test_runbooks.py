"""Runbooks: one for each alert, and what they name is there."""

import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from app_integration.reference_app.settings import PREFIX, Settings
from monitoring.model import Alert
from monitoring.pace import seconds_of
from monitoring.places import Places
from monitoring.render import ROOT
from monitoring.rules import groups
from monitoring.thresholds import FILE, Thresholds
from telemetry.contract import CONTRACT
from telemetry.variables import VARIABLES
from tests.monitoring.runbooks import ALERTS, FOLDER, Runbook, runbook
from tests.unit.test_docs import COMMAND, LINK, MAKE, VARIABLE, anchors_of

SECTIONS = [
    "Impact",
    "First look",
    "Likely causes, the likeliest first",
    "Mitigation",
    "How to confirm",
    "When to escalate",
]
# Whose thresholds have other names than the alert.
OTHERWISE = {
    # The guard's own limit.
    "BudgetSpent": (),
    "LlmCallsUnpriced": ("calls_unpriced",),
    "LlmProviderSetChanged": ("provider_added", "provider_removed"),
    "SloBudgetBurns": ("slo_", "burn_"),
    "Watchdog": (),
}
# A confidence is a number from 0 to 1, as the histogram's boundaries are; other shares are said in percent.
NO_SHARES = ("consensus_confidence_low", "slo_consensus")

# Not the 5 of 5xx, nor that of `rate5m`.
FIGURE = re.compile(r"(?<![\w.,`=\"])\d+(?:,\d{3})*(?:\.\d+)?(?: %| (?:second|minute|hour|day)s?)?(?![\w\"])")
UNITS = {1: "second", 60: "minute", 3_600: "hour", 86_400: "day"}
STOCK_VARIABLES = {
    # OpenTelemetry's samplers, which the SDK reads by itself.
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
}
SETTING = re.compile(rf"\b{PREFIX}[A-Z_]+\b")
DEFAULT = re.compile(rf"`({PREFIX}[A-Z_]+)` \((\d+|\"\w+\")")
KEYS = re.compile(r"\b[A-Z]+_API_KEY\b")
PLACE = re.compile(r"(?<![\w./-])((?:monitoring|telemetry|collector|docs)/[\w./-]*\w|docker-compose\.yml)")
COMPOSE = re.compile(r"docker compose \w+ (?:--since \w+ |--rm --no-deps (?:--entrypoint \w+ )?|-[ad] )?(\w+)")
# What is in a container and nowhere else where `make up` was used.
CONTAINED = re.compile(r"(?:redis-cli|mariadb|amtool|promtool|techsapo-collector|kill) .+")
OWNERS = "../../docs/alerting.md#who-owns-what"
CONTAINERS = "../../docs/operations.md#changing-a-setting-in-containers"
OF_THE_PROJECT = re.compile(r"`([A-Z]\w+Error)`")
RAISED_ELSEWHERE = {
    # By the providers' SDKs, by Redis' and PyMySQL.
    "AuthenticationError",
    "BadRequestError",
    "ConnectionError",
    "InternalServerError",
    "NotFoundError",
    "OperationalError",
    "PermissionDeniedError",
    "ServerError",
    "TimeoutError",
}


def said(seconds: float) -> str:
    """Return a time as runbooks say it: in the largest unit that it is a whole number of."""
    length = max(length for length in UNITS if seconds % length == 0)
    count = int(seconds // length)
    return f"{count} {UNITS[length]}{'s' if count > 1 else ''}"


def figures_of(name: str, threshold: dict[str, object]) -> set[str]:
    """Return how each number of a threshold is said."""
    found = set()
    for key, value in threshold.items():
        if key == "above_seconds" and isinstance(value, int | float):
            found.add(said(value))
        elif isinstance(value, int | float):
            share = key == "objective" or (key in {"above", "below"} and value < 1 and name not in NO_SHARES)
            found.add(f"{value * 100:g} %" if share else f"{value:,}")
        elif isinstance(value, str) and key != "reason":
            found.add(said(seconds_of(value)))
    return found


def thresholds_of(alert: str, path: Path = FILE) -> set[str]:
    """Return the figures of an alert, as they are to be said."""
    told = tomllib.loads(path.read_text())
    names = OTHERWISE.get(alert, (re.sub(r"(?<=[a-z])(?=[A-Z])", "_", alert).lower(),))
    found = [name for name in told if name.startswith(names)] if names else []
    assert bool(names) == bool(found), alert
    return set().union(*(figures_of(name, told[name]) for name in found))


def said_by(alert: str) -> set[str]:
    """Return the figures that the first words of a runbook have, wherever their lines end."""
    return set(FIGURE.findall(" ".join(runbook(alert).meaning.split())))


def everything(pattern: re.Pattern[str]) -> set[str]:
    """Return all that is found of something in all runbooks."""
    return {found for alert in ALERTS for found in pattern.findall(runbook(alert).text)}


def test_every_alert_has_a_runbook_and_nothing_else_has() -> None:
    """Where its address says."""
    assert [f"{alert}.md" for alert in ALERTS] == sorted(path.name for path in FOLDER.iterdir())
    places = Places.load()
    alerts = [rule for group in groups(Thresholds.load()) for rule in group.rules if isinstance(rule, Alert)]
    assert {f"{places.runbooks}/{alert}.md" for alert in ALERTS} == {places.runbook(alert.name) for alert in alerts}


@pytest.mark.parametrize("alert", ALERTS)
def test_a_runbook_has_its_sections(alert: str) -> None:
    """The same everywhere, so that a tired eye finds its place; none is empty, and there is a query to begin with."""
    page = runbook(alert)
    assert f"# {alert}" == page.text.splitlines()[0]
    assert SECTIONS == re.findall(r"^## (.+)$", page.text, re.MULTILINE)
    assert all(section.strip() for section in re.split(r"^## .+$", page.text, flags=re.MULTILINE))
    assert page.meaning.strip()
    assert page.queries


@pytest.mark.parametrize("alert", ALERTS)
def test_the_meaning_says_the_threshold(alert: str) -> None:
    """All of its figures and no other: a threshold that was changed makes the runbook stale."""
    assert thresholds_of(alert) == said_by(alert)


@pytest.mark.parametrize("alert", ALERTS)
def test_no_other_share_stands_in_a_runbook(alert: str) -> None:
    """What is said once cannot contradict itself."""
    shares = set(re.findall(r"[\d.]+ %", " ".join(runbook(alert).prose.split())))
    assert set() == shares - thresholds_of(alert)


def test_a_changed_threshold_makes_a_runbook_stale(tmp_path: Path) -> None:
    """Any of its figures."""
    changed = tmp_path / "thresholds.toml"
    begin = "[llm_provider_failing]\nabove = 0.05\nfor = "
    changed.write_text(FILE.read_text().replace(f'{begin}"2m"', f'{begin}"3m"'))
    assert {"3 minutes"} == thresholds_of("LlmProviderFailing", changed) - said_by("LlmProviderFailing")


@pytest.mark.parametrize("alert", ALERTS)
def test_who_copies_a_query_is_told_of_its_job(alert: str) -> None:
    """Queries are of one job, as the alert is; where they name one, the runbook says that it is an example."""
    page = runbook(alert)
    named = any('job="reference-app"' in query.text for query in page.queries)
    assert named == ("`reference-app` stands for the alert's `job`." in page.text)


@pytest.mark.parametrize("alert", ALERTS)
def test_links_lead_somewhere(alert: str) -> None:
    """To files and headings of this repository."""
    broken = []
    for link in LINK.findall(runbook(alert).text):
        path, _, anchor = link.partition("#")
        target = (FOLDER / path).resolve()
        if not target.exists() or (anchor and anchor not in anchors_of(target.relative_to(ROOT))):
            broken.append(link)
    assert [] == broken


@pytest.mark.parametrize("alert", ALERTS)
def test_who_is_sent_to_somebody_finds_out_who_that_is(alert: str) -> None:
    """The last section links the table of owners."""
    assert OWNERS in LINK.findall(runbook(alert).text.partition("## When to escalate")[2])


@pytest.mark.parametrize("alert", ALERTS)
def test_who_changes_a_setting_is_told_how_in_containers(alert: str) -> None:
    """A restart alone takes no new setting there."""
    mitigation = runbook(alert).text.partition("## Mitigation")[2].partition("\n## ")[0]
    assert not (SETTING.search(mitigation) or KEYS.search(mitigation)) or CONTAINERS in LINK.findall(mitigation)


@pytest.mark.parametrize("alert", ALERTS)
def test_commands_run_where_their_programs_are(alert: str) -> None:
    """In containers: the machine around them has Docker alone."""
    assert [] == [command for command in runbook(alert).commands if CONTAINED.fullmatch(command)]


@pytest.mark.parametrize("alert", ALERTS)
def test_what_needs_the_settings_of_the_application_starts_as_it_does(alert: str) -> None:
    """By its entrypoint, which makes settings of files: `exec` comes after that, and has none of them."""
    assert [] == re.findall(r"docker compose exec app techsapo-telemetry \w+", runbook(alert).text)


def test_every_variable_is_read() -> None:
    """By the telemetry, the Collector, the reference app or a provider's SDK."""
    settings = {PREFIX + field.name.upper() for field in fields(Settings)}
    assert set() == everything(VARIABLE) - {variable.name for variable in VARIABLES} - STOCK_VARIABLES
    assert set() == everything(SETTING) - settings
    assert {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"} == everything(KEYS)


def test_defaults_are_the_applications() -> None:
    """Where a runbook says the default of a setting beside its name."""
    defaults = {PREFIX + field.name.upper(): field.default for field in fields(Settings)}
    found = {told for alert in ALERTS for told in DEFAULT.findall(runbook(alert).text)}
    assert len(found) > 5
    assert {(name, _shown(defaults[name])) for name, _ in found} == found


def _shown(default: object) -> str:
    return f"{default:g}" if isinstance(default, int | float) else f'"{default}"'


def test_every_command_is_there() -> None:
    """The Makefile's, and those of `techsapo-telemetry`."""
    pages = [runbook(alert) for alert in ALERTS]
    typed = "\n".join(f"`{command}" for page in pages for command in page.commands)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set() == set(MAKE.findall(typed)) - targets
    named = set(COMMAND.findall(typed))
    assert {"doctor", "validate", "prices", "client-ip-bucket"} <= named
    command = Path(sys.executable).parent / "techsapo-telemetry"
    known = subprocess.run([command, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert set() == {name for name in named if not re.search(rf"^    {name}\b", known, re.MULTILINE)}


def test_every_service_of_compose_is_there() -> None:
    """`docker compose logs app` and the like."""
    services = set(re.findall(r"^  (\w+):$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE))
    text = " ".join(word for alert in ALERTS for word in runbook(alert).text.split())
    named = COMPOSE.findall(text)
    # Of all services `ps -a` by itself tells.
    assert len(re.findall(r"docker compose \w+ (?!-a`)", text)) == len(named) > 40
    assert set() == set(named) - services


def test_every_file_and_every_error_is_there() -> None:
    """Files of this repository, and classes of errors that it raises."""
    assert [] == sorted(place for place in everything(PLACE) if not (ROOT / place).exists())
    sources = "".join(path.read_text() for path in (ROOT / "app_integration" / "reference_app").glob("*.py"))
    errors = everything(OF_THE_PROJECT) - RAISED_ELSEWHERE
    assert {"NoConsensusError", "PoolTimeoutError"} <= errors
    assert set() == {error for error in errors if f"class {error}(" not in sources}


def refused_reasons(page: Runbook) -> set[str]:
    """Return what the table of the runbook has in its first column."""
    rows = re.findall(r"^\| (`.+?`) \|", page.text, re.MULTILINE)
    return {reason for row in rows for reason in re.findall(r"`(\w+)`", row)} - {"reason"}


def test_every_reason_of_a_collector_is_explained() -> None:
    """Those of the processor and of the guard, and what the alert calls the memory limit's."""
    policy = (ROOT / "collector" / "policyprocessor" / "figures.go").read_text()
    points = set(re.findall(r'^\treason\w+ +reason = "(\w+)"', policy, re.MULTILINE))
    guard = (ROOT / "collector" / "otlpguardextension" / "README.md").read_text()
    requests = set(re.findall(r"^\| `(\w+)` \| [45]\d\d", guard, re.MULTILINE))
    # No loss, so no alert.
    wanted = (points - {"duplicate_edition"}) | requests | {"memory_limit"}
    assert wanted == refused_reasons(runbook("CollectorRefusing"))


def test_every_objective_and_every_burn_is_explained() -> None:
    """Each has its row, and the priority is the alert's."""
    told = Thresholds.load()
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", runbook("SloBudgetBurns").meaning, re.MULTILINE))
    alerts = [rule for group in groups(told) for rule in group.rules if isinstance(rule, Alert)]
    burns = {alert.labels["burn"]: alert.priority for alert in alerts if "burn" in alert.labels}
    assert {slo.name for slo in told.named("slo_")} | set(burns) == set(rows) - {"slo", "burn"}
    assert {burn: priority for burn, priority in rows.items() if burn in burns} == burns


def test_contract_metrics_in_the_prose_are_the_contracts() -> None:
    """A name outside of a query can be queried as well."""
    named = {name for alert in ALERTS for name in re.findall(r"`((?:techsapo|nodejs)_\w+)`", runbook(alert).prose)}
    assert set() == named - set(CONTRACT.by_name)
