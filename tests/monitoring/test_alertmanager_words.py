"""What arrives on each way, from a real Alertmanager over each service's own wire."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.monitoring.notified import DASHBOARD, RUNBOOK, Notified, alert, ended, notified
from tests.support import wait

TITLE = "P0: 5.3% of all requests end in 5xx (app, 1 more) - HttpServerErrors"
RESOLVED = r"Resolved P0: HttpServerErrors \(app, 1 more\) after \d+s"
SAYS = "5.3% of all requests end in 5xx. Users see errors now."
SINCE = r"Since \d{4}-\d\d-\d\d \d\d:\d\d UTC \(\d+s\)"
SILENCE = (
    "http://alertmanager.example.org:9093/#/silences/new?filter="
    "%7Balertname%3D%22HttpServerErrors%22%2Cjob%3D%22app%22%2Cpriority%3D%22P0%22%2Cservice%3D%22api%22%7D"
)
HOSTILE = "<!channel> <script>alert(1)</script> & \"'"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notified]:
    """Return what two alerts of one incident brought, first and at their end."""
    with notified(tmp_path_factory.mktemp("alertmanager")) as everything:
        both = [alert(instance="10.0.0.1:9464"), alert(instance="10.0.0.2:9464")]
        everything.alertmanager.post(*both)
        wait.until(everything.inbox.mails, what="the first mail")
        wait.until(lambda: everything.slack() and everything.pagerduty(), what="Slack and PagerDuty")
        everything.alertmanager.post(*map(ended, both))
        wait.until(lambda: len(everything.inbox.mails()) > 1, what="the last mail")
        wait.until(lambda: len(everything.slack()) > 1 < len(everything.pagerduty()), what="the end")
        yield everything


def attachment(message: dict[str, object]) -> dict[str, str]:
    """Return the one attachment of a Slack message."""
    (found,) = cast("list[dict[str, str]]", message["attachments"])
    return found


def test_slack_shows_what_how_bad_since_when_and_what_to_do(told: Notified) -> None:
    """The title is what a lock screen shows; the text has the rest, with its links."""
    message = told.slack()[0]
    shown = attachment(message)
    assert "#alerts" == message["channel"]
    assert TITLE == shown["title"] == shown["fallback"]
    assert (RUNBOOK, "danger") == (shown["title_link"], shown["color"])
    lines = shown["text"].splitlines()
    assert SAYS == lines[0]
    assert re.fullmatch(f"{SINCE}, instance=10.0.0.1:9464, job=app, service=api", lines[1])
    dashboard = DASHBOARD.replace("|", "%7C").replace("&", "&amp;")
    assert f"<{RUNBOOK}|What to do> <{dashboard}|Dashboard> <{SILENCE}|Silence>" == lines[-1]


def test_slack_tells_the_end(told: Notified) -> None:
    """The end says how long it lasted, is green, and offers no silence."""
    shown = attachment(told.slack()[1])
    assert re.fullmatch(RESOLVED, shown["title"])
    assert "good" == shown["color"]
    first = r"Resolved after \d+s: instance=10.0.0.1:9464, job=app, service=api"
    assert re.fullmatch(first, shown["text"].splitlines()[0])
    assert "Silence" not in shown["text"]


def test_pagerduty_opens_an_incident_and_resolves_it(told: Notified) -> None:
    """Both events have the key of the file and name the same incident."""
    first, last = told.pagerduty()
    assert [("trigger", told.secrets["pagerduty_routing_key"]), ("resolve", told.secrets["pagerduty_routing_key"])] == [
        (event["event_action"], event["routing_key"]) for event in (first, last)
    ]
    assert first["dedup_key"] == last["dedup_key"]


def test_pagerduty_has_the_details_and_the_links(told: Notified) -> None:
    """The page says what a lock screen shows; its details have each alert, its links what to do."""
    first, last = told.pagerduty()
    payload = cast("dict[str, object]", first["payload"])
    expected = {"summary": TITLE, "severity": "critical", "source": "app", "class": "HttpServerErrors", "group": "api"}
    assert expected == {name: payload[name] for name in expected}
    details = cast("dict[str, str]", payload["custom_details"])
    lines = details["firing"].strip().splitlines()
    assert SAYS == lines[0]
    assert re.fullmatch(f"{SINCE}, instance=10.0.0.1:9464, job=app, service=api", lines[1])
    links = cast("list[dict[str, str]]", first["links"])
    assert [
        {"href": RUNBOOK, "text": "What to do"},
        {"href": DASHBOARD, "text": "Dashboard"},
        {"href": SILENCE, "text": "Silence"},
    ] == links
    end = cast("dict[str, object]", last["payload"])
    assert re.fullmatch(RESOLVED, str(end["summary"]))
    lines = cast("dict[str, str]", end["custom_details"])["resolved"].strip().splitlines()
    assert re.fullmatch(
        r"Resolved after \d+s: HttpServerErrors, instance=10.0.0.1:9464, job=app, service=api", lines[0]
    )


def test_mail_goes_to_all_with_the_password_of_the_file(told: Notified) -> None:
    """One mail, from the sender, to each recipient, with the account's password."""
    mail = told.inbox.mails()[0]
    assert "alertmanager@example.org" == mail.sender
    assert ("oncall@example.org", "lead@example.org") == mail.recipients
    assert ("alertmanager@example.org", told.secrets["smtp_password"]) == mail.account
    assert TITLE == mail.message["Subject"]
    assert re.fullmatch(RESOLVED, told.inbox.mails()[1].message["Subject"])


def test_mail_of_one_incident_is_one_thread(told: Notified) -> None:
    """The end refers to what the beginning refers to."""
    first, last = (each.message["References"] for each in told.inbox.mails())
    assert first
    assert first == last


def test_mail_of_the_end_offers_no_silence(told: Notified) -> None:
    """There is nothing left to silence; what to do, and the dashboard, are there to look back."""
    last = told.inbox.mails()[1]
    for part in (last.text, last.html):
        assert "Resolved after" in part
        assert RUNBOOK in part
        assert "Silence" not in part


def test_mail_has_a_text_part(told: Notified) -> None:
    """The text part reads without any formatting."""
    lines = told.inbox.mails()[0].text.splitlines()
    assert SAYS == lines[0]
    assert re.fullmatch(f"{SINCE}, instance=10.0.0.1:9464, job=app, service=api", lines[1])
    assert [f"What to do: {RUNBOOK}", f"Dashboard:  {DASHBOARD}", f"Silence:    {SILENCE}"] == lines[-3:]


def test_mail_has_html(told: Notified) -> None:
    """The HTML part says the same, with links; what a lock screen shows of it is not the subject once more."""
    html = told.inbox.mails()[0].html
    shown = re.sub("<[^>]*>", " ", html.partition("</head>")[2])
    assert SAYS == " ".join(shown.split())[: len(SAYS)]
    assert f'<p style="margin:0 0 4px">{SAYS}</p>' in html
    for target, text in ((RUNBOOK, "What to do"), (SILENCE, "Silence")):
        assert f'<a href="{target}">{text}</a>' in html
    assert '?var-job=app&amp;var-route=/a%7c/b">Dashboard</a>' in html


def test_a_webhook_gets_json(told: Notified) -> None:
    """A program is told everything as it is: labels, annotations, the ends of both."""
    first, last = told.webhook.notifications("/hook?key=" + "key-of-hook")
    assert ("firing", "resolved") == (first["status"], last["status"])
    assert ["10.0.0.1:9464", "10.0.0.2:9464"] == [each["labels"]["instance"] for each in first["alerts"]]
    assert alert()["annotations"] == first["commonAnnotations"]


def test_no_secret_is_told(told: Notified) -> None:
    """Neither the configuration, nor what the API says of it, nor the log of every step has a secret."""
    status = told.alertmanager.get("/api/v2/status")
    config = (Path(told.alertmanager.output_path).parent / "alertmanager.yml").read_text()
    assert "slack_api_url" in status
    for name, secret in told.secrets.items():
        for where, text in (("status", status), ("config", config), ("log", told.alertmanager.output)):
            parts = [secret, secret.rsplit("/", 1)[-1], secret.rsplit("=", 1)[-1]]
            assert [] == [part for part in parts if part in text], f"{name} is in {where}"


@pytest.mark.parametrize("summary", ["Spent: four fifths", "{{ broken", "- one", '{"a": "{{ .None }}"}'])
def test_pagerduty_gets_text_whatever_it_says(tmp_path: Path, summary: str) -> None:
    """Details that would be YAML, or a template, arrive as they are."""
    with notified(tmp_path) as everything:
        everything.alertmanager.post(alert(summary))
        event = wait.until(everything.pagerduty, what="the event")[0]
    details = cast("dict[str, dict[str, str]]", event["payload"])["custom_details"]
    assert f"{summary}. Users see errors now." == details["firing"].strip().splitlines()[0]


def test_what_a_label_says_is_text(tmp_path: Path) -> None:
    """A value that is markup, or a call to everybody in Slack, arrives as the text that it is."""
    with notified(tmp_path) as everything:
        everything.alertmanager.post(alert(f"Failing: {HOSTILE}", provider=HOSTILE, job=f"of {HOSTILE}"))
        mail = wait.until(everything.inbox.mails, what="the mail")[0]
        message = wait.until(everything.slack, what="the message")[0]
        shown = str(attachment(message))
    assert "<script" not in mail.html
    assert "<script" not in shown
    assert "<!channel" not in shown
    assert "&lt;!channel&gt;" in attachment(message)["title"]
    assert "&lt;!channel&gt; &lt;script&gt;" in mail.html
    assert f"Failing: {HOSTILE} (of {HOSTILE}) - HttpServerErrors" in mail.message["Subject"]


def test_many_alerts_stay_readable(tmp_path: Path) -> None:
    """Of thirty alerts the first are told, and how many more there are."""
    with notified(tmp_path) as everything:
        everything.alertmanager.post(*(alert(instance=f"10.0.0.{number}:9464") for number in range(30)))
        mail = wait.until(everything.inbox.mails, what="the mail")[0]
        message = wait.until(everything.slack, what="the message")[0]
    assert "P0: 5.3% of all requests end in 5xx (app, 29 more) - HttpServerErrors" == mail.message["Subject"]
    assert (10, 5) == (mail.text.count("Since "), attachment(message)["text"].count("Since "))
    assert "and 20 more" in mail.text
    assert '<p style="margin:0 0 16px">and 20 more</p>' in mail.html
    assert "and 25 more" in attachment(message)["text"]


def test_an_alert_without_annotations_is_told_by_its_name(tmp_path: Path) -> None:
    """Somebody's own alert, with nothing but a name, is told to those who look soon."""
    with notified(
        tmp_path, ways={"P0": ("webhook",), "P1": ("slack", "email", "pagerduty"), "P2": ("webhook",)}
    ) as all_:
        all_.alertmanager.post({"labels": {"alertname": "Own"}})
        mail = wait.until(all_.inbox.mails, what="the mail")[0]
        shown = attachment(wait.until(all_.slack, what="the message")[0])
        event = wait.until(all_.pagerduty, what="the event")[0]
    assert "no priority: Own" == mail.message["Subject"] == shown["title"]
    assert "techsapo" == cast("dict[str, str]", event["payload"])["source"]
    assert ["Silence"] == [link["text"] for link in cast("list[dict[str, str]]", event["links"])]
