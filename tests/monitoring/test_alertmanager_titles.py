"""What a lock screen shows: the same line on every way, and what it leaves out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from monitoring.model import Priority
from tests.monitoring.notified import Notified, alert, ended, notified
from tests.support import wait
from tests.support.alertmanager import Posted


@dataclass(frozen=True)
class Case:
    """An alert, by its labels and summary, that has fired for so many minutes; and its title, without the name."""

    title: str
    summary: str
    labels: dict[str, str]
    minutes: float = 0


# By the alert's name.
FIRING = {
    "Plain": Case("P0: 5% of all requests fail (app)", "5% of all requests fail", {}),
    "Second": Case("P1: It is slow (app)", "It is slow", {"priority": "P1"}),
    "Third": Case("P2: It is slow (app)", "It is slow", {"priority": "P2"}),
    "NamesTheJob": Case("P0: app has told nothing", "app has told nothing", {}),
    "NamesAnother": Case("P0: my-app, apps and happening (app)", "my-app, apps and happening", {}),
    "Going": Case("P0 for 1h 6m: It is slow (app)", "It is slow", {}, 66),
    "GoingAllNight": Case("P0 for 1d 2h: It is slow (app)", "It is slow", {}, 26 * 60),
    "Begun": Case("P0: It is slow (app)", "It is slow", {}, 14),
    "NoExpression": Case(r"P0: It is slow (\E(a[)", "It is slow", {"job": r"\E(a["}),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notified]:
    """Return what the cases brought."""
    everywhere = ("slack", "pagerduty", "email")
    ways: dict[Priority, tuple[str, ...]] = {"P0": everywhere, "P1": everywhere, "P2": everywhere}
    with notified(tmp_path_factory.mktemp("alertmanager"), ways=ways, pace=300) as everything:
        everything.alertmanager.post(*(posted(name, case) for name, case in FIRING.items()))
        wait.until(lambda: set(FIRING) <= set(titles(everything)), what="every title")
        yield everything


def posted(name: str, case: Case) -> Posted:
    """Return the alert of a case."""
    began = datetime.now(UTC) - timedelta(minutes=case.minutes)
    return {**alert(case.summary, alertname=name, **case.labels), "startsAt": began.isoformat()}


def titles(everything: Notified) -> dict[str, set[str]]:
    """Return what was told on all three ways, without the alert's name at its end, by that name."""
    attachments = [cast("list[dict[str, str]]", each["attachments"])[0] for each in everything.slack()]
    shown = {
        "slack": [each["title"] for each in attachments],
        "pagerduty": [cast("dict[str, str]", each["payload"])["summary"] for each in everything.pagerduty()],
        "email": [str(mail.message["Subject"]) for mail in everything.inbox.mails()],
    }
    found: dict[str, dict[str, str]] = {}
    for way, told in shown.items():
        for title in told:
            text, _, name = title.rpartition(" - ")
            found.setdefault(name, {})[way] = text
    return {name: set(texts.values()) for name, texts in found.items() if len(texts) == len(shown)}


@pytest.mark.parametrize("name", FIRING)
def test_a_title_says_how_bad_and_where(told: Notified, name: str) -> None:
    """The job stands there once, how long it goes on where that is no news, and Slack, mail and pager agree."""
    assert {FIRING[name].title} == titles(told)[name]


@pytest.mark.parametrize(
    ("name", "severity", "in_slack", "in_mail"),
    [
        ("Plain", "critical", "danger", "#b3261e"),
        ("Second", "error", "danger", "#b3261e"),
        ("Third", "warning", "warning", "#b36b00"),
    ],
)
def test_how_urgent_it_is_shows(told: Notified, name: str, severity: str, in_slack: str, in_mail: str) -> None:
    """The pager has a severity for each priority; Slack and mail have a colour for what can wait."""
    ending = f" - {name}"
    payloads = [cast("dict[str, str]", each["payload"]) for each in told.pagerduty()]
    assert {severity} == {each["severity"] for each in payloads if each["summary"].endswith(ending)}
    attachments = [cast("list[dict[str, str]]", each["attachments"])[0] for each in told.slack()]
    assert {in_slack} == {each["color"] for each in attachments if each["title"].endswith(ending)}
    mails = [mail.html for mail in told.inbox.mails() if str(mail.message["Subject"]).endswith(ending)]
    assert {in_mail} == {colour for html in mails for colour in re.findall(r"6px solid (#\w+)", html)}


def test_an_end_says_of_what(told: Notified) -> None:
    """Two providers are two incidents: the end of one names it, and the title of a group what its alerts share."""
    one = alert(alertname="LlmProviderFailing", provider="openai")
    workers = [alert(alertname="MemoryNearLimit", component="process", instance=str(number)) for number in range(2)]
    # Slack would take these for markup, were they not escaped.
    burns = alert(alertname="SloBudgetBurns", burn="fast", slo="<a&b>")
    told.alertmanager.post(one, *workers, burns)
    names = ("LlmProviderFailing", "MemoryNearLimit", "SloBudgetBurns")
    wait.until(lambda: set(names) <= set(titles(told)), what="the beginnings")
    told.alertmanager.post(*map(ended, (one, *workers, burns)))

    def ends() -> list[str]:
        subjects = [str(mail.message["Subject"]) for mail in told.inbox.mails()]
        return sorted(each.partition(" after ")[0] for each in subjects if each.startswith("Resolved"))

    wait.until(lambda: len(ends()) >= 3, what="the ends")
    expected = [
        "Resolved P0: LlmProviderFailing: openai (app)",
        "Resolved P0: MemoryNearLimit: process (app, 1 more)",
        "Resolved P0: SloBudgetBurns: fast, <a&b> (app)",
    ]
    assert expected == ends()
    slack = "Resolved P0: SloBudgetBurns: fast, &lt;a&amp;b&gt; (app) after "
    wait.until(lambda: slack in str(told.slack()), what="Slack's end")
    assert "6px solid #1b7f3b" in told.inbox.mails()[-1].html
