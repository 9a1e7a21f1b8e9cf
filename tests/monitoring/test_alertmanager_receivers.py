"""receivers.toml: what is taken, and what is said of what is not."""

from pathlib import Path

import pytest

from monitoring.alertmanager import SECRETS, Receivers, ReceiversError, configuration
from monitoring.alertmanager.receivers import FILE
from tests.support.alertmanager import amtool

LEAST = '[priorities]\nP0 = ["webhook"]\nP1 = ["webhook"]\nP2 = ["webhook"]\n'
TEXT = FILE.read_text()


def load(directory: Path, text: str) -> Receivers:
    """Return what a file of this text says."""
    path = directory / "receivers.toml"
    path.write_text(text)
    return Receivers.load(path)


def test_a_webhook_needs_no_more_than_its_name(tmp_path: Path) -> None:
    """Ways that nobody uses need no table; without quiet hours nothing is muted."""
    config = tmp_path / "alertmanager.yml"
    config.write_text(configuration(load(tmp_path, LEAST), secrets=SECRETS))
    assert "mute_time_intervals" not in config.read_text()
    assert "4 receivers" in amtool("check-config", config)


def test_nights_and_days_off_are_those_of_the_time_zone(tmp_path: Path) -> None:
    """Alertmanager takes UTC for what has no zone, and a day off begins at another hour there."""
    text = configuration(load(tmp_path, TEXT.replace('"UTC"', '"Asia/Tokyo"')), secrets=SECRETS)
    assert 2 == text.count('location: "Asia/Tokyo"') == text.count("location:")


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("[priorities]", "[priorities", "receivers.toml: got no TOML: "),
        ("[priorities]", "[priority]", "receivers.toml: got priority; known are priorities, slack, pagerduty, email, "),
        ('P1 = ["pagerduty", "slack"]', "", "priorities: got no P1; needed are P0, P1, P2"),
        ('P1 = ["pagerduty", "slack"]', 'P1 = []\n"P3" = []', "priorities: got P3; known are P0, P1, P2"),
        ('P0 = ["pagerduty", "slack"]', "P0 = []", "priorities.P0: got []; a list with 1 or more is needed, such as "),
        ('P0 = ["pagerduty", "slack"]', 'P0 = "slack"', "priorities.P0: got 'slack'; a list with 1 or more is needed"),
        ('P0 = ["pagerduty", "slack"]', 'P0 = ["pager"]', "priorities.P0: got 'pager'; known are slack, pagerduty, "),
        ('P2 = ["slack", "email"]', 'P2 = ["slack", "slack"]', "priorities.P2: got ['slack', 'slack']; each once"),
        ('[slack]\nchannel = "#techsapo-alerts"', "", "priorities.P0: got slack; a table [slack] is needed for it"),
        ('"#techsapo-alerts"', '"two words"', "slack.channel: got 'two words'; something like '#alerts' is needed"),
        ('"#techsapo-alerts"', '"#{{.Name}}"', "slack.channel: got '#{{.Name}}'; something like '#alerts' is needed"),
        ("https://events.pagerduty", "events.pagerduty", "pagerduty.url: got 'events.pagerduty.com/v2/enqueue'; "),
        (":587", "", "email.smarthost: got 'smtp.example.org'; something like 'smtp.example.org:587' is needed"),
        (
            '["techsapo-oncall@example.org"]',
            '["oncall"]',
            "email.to: got 'oncall'; something like 'oncall@example.org'",
        ),
        ("require_tls = true", 'require_tls = "no"', "email.require_tls: got 'no'; true or false is needed"),
        ("require_tls = true", "password = 1", "email: got password; known are smarthost, from, to, user, require_tls"),
        ('"UTC"', '"Mars/Base"', "quiet_hours.time_zone: got 'Mars/Base'; a name that this system knows is needed"),
        ('"20:00"', '"8 pm"', "quiet_hours.from: got '8 pm'; something like '20:00' is needed"),
        ('"20:00"', '"24:00"', "quiet_hours.from: got '24:00'; something like '20:00' is needed"),
        ('"08:00"', '"20:00"', "quiet_hours.to: got '20:00', as from; another time is needed"),
        ('"sunday"', '"sun"', "quiet_hours.days_off: got 'sun'; known are monday, tuesday, "),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, right: str, wrong: str, expected: str) -> None:
    """The message names the setting, what it got and what would be right."""
    assert right in TEXT
    with pytest.raises(ReceiversError) as raised:
        load(tmp_path, TEXT.replace(right, wrong, 1))
    assert expected == str(raised.value)[: len(expected)]
