"""docs/alerting.md: its tables are what is rendered, and its commands work."""

import re
import shlex
from pathlib import Path
from typing import cast

from monitoring.alertmanager import Receivers, configuration, notifiers
from monitoring.alertmanager.inhibitions import INHIBITIONS
from monitoring.alertmanager.receivers import WAYS
from monitoring.alertmanager.routes import route
from tests.support.alertmanager import Alertmanager, amtool

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "alerting.md").read_text()
ADDRESS = "http://127.0.0.1:9093"
COMMAND = re.compile(r"^build/amtool ((?:.*\\\n)*.*)$", re.MULTILINE)


def rows(heading: str) -> list[list[str]]:
    """Return the cells of each row of the table whose first heading this is, without the marks of code."""
    table = PAGE.split(f"\n| {heading} |")[1].split("\n\n")[0]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_routes_are_those_of_alertmanager() -> None:
    """Order, matcher and times of each."""
    routes = cast("list[dict[str, object]]", route(quiet=True, pace=1)["routes"])
    expected = [
        [str(each[key]) for key in ("receiver", "group_wait", "group_interval", "repeat_interval")] for each in routes
    ]
    told = rows("Receiver")
    assert expected == [[row[0], *row[2:]] for row in told]
    matchers = [cast("list[str]", each["matchers"]) for each in routes]
    assert matchers == [[row[1].partition(",")[0]] for row in told]


def test_the_inhibitions_are_all_there() -> None:
    """By name, with the alerts on both sides, what has to be the same, and why nothing else is hidden."""
    told = rows("Rule")
    assert [each.name for each in INHIBITIONS] == [row[0] for row in told]
    for each, row in zip(INHIBITIONS, told, strict=True):
        assert list(each.equal) == row[3].split(", ")
        assert all(name in row[1] for values in each.source.values() for name in values)
        hidden = each.target.get("burn", each.target["alertname"])
        assert list(hidden) == re.findall(r"medium|slow|[A-Z]\w+", row[2])
        assert each.reason == row[4]


def test_every_way_and_every_file_of_a_secret_is_there() -> None:
    """Whoever sets a way up finds what its file is called."""
    files = (notifiers.SLACK_URL, notifiers.PAGERDUTY_KEY, notifiers.SMTP_PASSWORD, notifiers.WEBHOOK_URL)
    expected = [*zip(WAYS, files, strict=True), ("the watchdog", notifiers.WATCHDOG_URL)]
    assert expected == [(row[0], re.split("[:,]", row[2])[0]) for row in rows("Way")]


def test_every_command_works(tmp_path: Path) -> None:
    """On a real Alertmanager, one after the other, as a reader would type them."""
    config = configuration(Receivers.load(), secrets=str(tmp_path))
    printed: dict[str, str] = {}
    with Alertmanager(tmp_path, {"alertmanager.yml": config}) as alertmanager:
        for command in COMMAND.findall(PAGE):
            typed = command.replace("\\\n", " ").replace(ADDRESS, alertmanager.url)
            typed = typed.replace(" ID ", f" {printed.get('silence add', '').strip()} ")
            parts = shlex.split(typed.replace("=monitoring/", f"={ROOT}/monitoring/"))
            parts = [str(ROOT / part) if part.startswith("monitoring/") else part for part in parts]
            printed[" ".join(parts[:2])] = amtool(*parts)
        assert ["Try"] == [each["labels"]["alertname"] for each in alertmanager.alerts()]
        assert '"state":"expired"' in alertmanager.get("/api/v2/silences")
    assert "provider" in printed["silence query"]
    assert "P2\n" == printed["config routes"]
