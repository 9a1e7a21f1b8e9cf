"""When notifications come: once and at the end, by incident, again for the watchdog, and never P2 in quiet hours."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitoring.alertmanager import QuietHours
from monitoring.alertmanager.quiet_hours import DAYS
from monitoring.model import Priority
from tests.monitoring.notified import Notified, alert, ended, notified
from tests.support import wait

HOOK = "/hook?key=" + "key-of-hook"
WATCHDOG = "/watchdog/" + "key-of-watchdog"
WAYS: dict[Priority, tuple[str, ...]] = {"P0": ("webhook",), "P1": ("webhook",), "P2": ("webhook",)}


@pytest.fixture
def hooked(tmp_path: Path) -> Iterator[Notified]:
    """Return an Alertmanager that tells all to one webhook, but for the watchdog; a minute takes a second."""
    with notified(tmp_path, ways=WAYS) as everything:
        yield everything


def incidents(everything: Notified, status: str = "firing") -> list[tuple[str, ...]]:
    """Return the labels that tell each notification's group from others, in the order of arrival."""
    found = [each for each in everything.webhook.notifications(HOOK) if each["status"] == status]
    return [tuple(each["groupLabels"].get(name, "") for name in ("alertname", "provider", "slo")) for each in found]


def test_an_incident_is_told_once_and_its_end_once(hooked: Notified) -> None:
    """Prometheus tells an alert again and again; whoever is paged hears of it twice, at its ends."""
    fired = alert()
    hooked.alertmanager.post(fired)
    wait.until(lambda: incidents(hooked), what="the first notification")
    hooked.alertmanager.post(fired)
    hooked.alertmanager.post(ended(fired))
    wait.until(lambda: incidents(hooked, "resolved"), what="the last notification")
    # A later incident is told, so nothing of the first is on its way any more.
    hooked.alertmanager.post(alert(alertname="Another"))
    wait.until(lambda: ("Another", "", "") in incidents(hooked), what="another incident")
    assert [("HttpServerErrors", "", ""), ("Another", "", "")] == incidents(hooked)
    assert [("HttpServerErrors", "", "")] == incidents(hooked, "resolved")


def test_instances_of_one_incident_are_one_notification(hooked: Notified) -> None:
    """Eight workers near their limit are one page; another component is another one."""
    workers = [alert(alertname="MemoryNearLimit", component="process", instance=str(number)) for number in range(8)]
    hooked.alertmanager.post(*workers, alert(alertname="MemoryNearLimit", component="redis", instance="0"))
    wait.until(lambda: len(incidents(hooked)) >= 2, what="two notifications")
    sizes = [len(each["alerts"]) for each in hooked.webhook.notifications(HOOK)]
    assert [1, 8] == sorted(sizes)


def test_providers_and_objectives_are_incidents_of_their_own(hooked: Notified) -> None:
    """PagerDuty pages once an incident: a second provider that fails must page again."""
    providers = [alert(alertname="LlmProviderFailing", provider=name) for name in ("anthropic", "openai")]
    objectives = [alert(alertname="SloBudgetBurns", burn="fast", slo=slo) for slo in ("availability", "latency")]
    hooked.alertmanager.post(*providers, *objectives)
    expected = [
        ("LlmProviderFailing", "anthropic", ""),
        ("LlmProviderFailing", "openai", ""),
        ("SloBudgetBurns", "", "availability"),
        ("SloBudgetBurns", "", "latency"),
    ]
    wait.until(lambda: len(incidents(hooked)) >= len(expected), what="four notifications")
    assert expected == sorted(incidents(hooked))


@pytest.mark.parametrize("priority", WAYS)
def test_what_another_team_has_to_mend_is_another_notification(hooked: Notified, priority: Priority) -> None:
    """At every priority another job, service or objective is its own incident; another instance or model is not."""
    others = {"job": "other", "service": "other", "slo": "other", "instance": "other", "model": "other"}
    alerts = [alert(priority=priority), *(alert(priority=priority, **{name: told}) for name, told in others.items())]
    hooked.alertmanager.post(*alerts)
    expected = sorted(map(sorted, ({"instance", "model", "first"}, {"job"}, {"service"}, {"slo"})))

    def groups() -> list[list[str]]:
        return sorted(
            sorted(next((name for name in others if labels.get(name) == "other"), "first") for labels in group)
            for group in hooked.alertmanager.groups(priority)
        )

    wait.until(lambda: sum(map(len, groups())) == len(alerts), what="every alert in a group")
    assert expected == groups()


def test_the_watchdog_comes_again_and_again_and_never_ends(hooked: Notified) -> None:
    """It is told to its own address alone, repeatedly; an end would look like a sign of life."""
    watchdog = alert(alertname="Watchdog", priority="P2")
    hooked.alertmanager.post(watchdog)
    wait.until(lambda: len(hooked.webhook.notifications(WATCHDOG)) >= 3, what="the third sign of life")
    hooked.alertmanager.post(ended(watchdog))
    wait.until(lambda: "Watchdog" not in hooked.alertmanager.get("/api/v2/alerts/groups"), what="the watchdog's end")
    assert {"firing"} == {each["status"] for each in hooked.webhook.notifications(WATCHDOG)}
    assert [] == incidents(hooked)


def zone_where_it_is(hour: int, now: datetime) -> tuple[str, timedelta]:
    """Return a time zone in which it is this hour, and how far it is ahead of UTC."""
    ahead = (hour - now.hour + 12) % 24 - 12
    # The names of these zones count westwards.
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC", timedelta(hours=ahead)


@pytest.mark.parametrize(
    ("hour", "starts", "ends", "off", "quiet"),
    [
        (23, "20:00", "08:00", (), True),
        (3, "20:00", "08:00", (), True),
        (12, "20:00", "08:00", (), False),
        (3, "00:00", "08:00", (), True),
        (23, "20:00", "00:00", (), True),
        (12, "00:00", "08:00", (), False),
        (12, "20:00", "08:00", (0,), True),
        (12, "20:00", "08:00", (1, 2, 3, 4, 5, 6), False),
    ],
)
def test_quiet_hours_hold_p2_back_and_nothing_else(
    tmp_path: Path, hour: int, starts: str, ends: str, off: tuple[int, ...], quiet: bool
) -> None:
    """In a zone where it is night, or a day off, P2 waits; P0, P1 and the watchdog come as ever."""
    now = datetime.now(UTC)
    zone, ahead = zone_where_it_is(hour, now)
    days = tuple(DAYS[((now + ahead).weekday() + day) % 7] for day in off)
    with notified(tmp_path, ways=WAYS, pace=3_000, quiet_hours=QuietHours(zone, starts, ends, days)) as all_:
        all_.alertmanager.post(*(alert(alertname=priority, priority=priority) for priority in WAYS))
        all_.alertmanager.post(alert(alertname="Watchdog", priority="P2"))
        wait.until(lambda: {("P0", "", ""), ("P1", "", "")} <= set(incidents(all_)), what="P0 and P1")
        wait.until(lambda: all_.webhook.notifications(WATCHDOG), what="the watchdog")
        wait.until(lambda: ("P2", "", "") in incidents(all_) or all_.alertmanager.muted("P2"), what="P2, or its rest")
        expected = [["quiet-hours"], [], [], []] if quiet else [[], [], [], []]
        assert expected == [all_.alertmanager.muted(receiver) for receiver in ("P2", "P1", "P0", "watchdog")]
        assert quiet is (("P2", "", "") not in incidents(all_))


@pytest.mark.parametrize(
    ("missing", "integration", "counted"),
    [
        # The next try is that of the group's interval.
        ("slack_api_url", "slack", "notifications"),
        ("pagerduty_routing_key", "pagerduty", "notifications"),
        ("webhook_url", "webhook", "notifications"),
        # A mail is tried again at once, for ten seconds, and counted as not delivered after them.
        ("smtp_password", "email", "notification_requests"),
    ],
)
def test_a_missing_secret_costs_its_own_way_only(tmp_path: Path, missing: str, integration: str, counted: str) -> None:
    """The other ways are told; the failure names the file and is counted; the next try reads the file anew."""
    with notified(tmp_path, missing=missing) as everything:
        everything.alertmanager.post(alert())
        ways: dict[str, Callable[[], Sequence[object]]] = {
            "slack": everything.slack,
            "pagerduty": everything.pagerduty,
            "email": everything.inbox.mails,
            "webhook": lambda: everything.webhook.notifications(HOOK),
        }
        late = ways.pop(integration)
        wait.until(lambda: all(came() for came in ways.values()), what="the other ways")
        wait.until(lambda: f"secrets/{missing}: no such file" in everything.alertmanager.output, what="the log line")
        wait.until(lambda: everything.alertmanager.failures(integration, counted), what="the count")
        assert [] == late()
        (tmp_path / "secrets" / missing).write_text(everything.secrets[missing])
        wait.until(late, what="the notification")


def test_no_password_goes_to_a_server_without_tls(tmp_path: Path) -> None:
    """With require_tls, which is the default, a mail server that has none is told nothing."""
    with notified(tmp_path, require_tls=True) as everything:
        everything.alertmanager.post(alert())
        wait.until(lambda: "does not advertise the STARTTLS" in everything.alertmanager.output, what="the refusal")
        assert {"EHLO", "QUIT"} >= {command.split()[0] for command in everything.inbox.commands()}
