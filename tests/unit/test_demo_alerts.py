"""The alerts that the demo is told of by Alertmanager's webhooks."""

import asyncio
import io
import json
from collections.abc import Mapping

import httpx
import pytest
from rich.console import Console

from app_integration.demo.alert_receiver import AlertReceiver
from app_integration.demo.alerts import Alert, Alerts, Heard
from app_integration.demo.alerts_table import alerts_table
from app_integration.demo.command import SCENARIOS_BRING
from app_integration.demo.outcome import Outcome
from monitoring.model import Alert as Rule
from monitoring.rules import groups
from monitoring.thresholds import Thresholds

BEGAN = "2026-01-01T10:00:00.5Z"


def told(name: str, status: str = "firing", **labels: str) -> dict[str, object]:
    """Return an alert as a message has it."""
    return {
        "status": status,
        "labels": {"alertname": name, "priority": "P1", **labels},
        "annotations": {"summary": f"{name} is {status}"},
        "startsAt": BEGAN,
        "endsAt": "0001-01-01T00:00:00Z",
    }


def message(*alerts: Mapping[str, object]) -> bytes:
    """Return a message of Alertmanager's."""
    return json.dumps({"version": "4", "status": "firing", "alerts": alerts}).encode()


def heard(*messages: bytes) -> tuple[Alert, ...]:
    """Return what is known after these messages, which come a second apart from each other."""
    alerts = Alerts()
    for second, body in enumerate(messages, start=1):
        alerts.take(body, float(second))
    return tuple(alerts.all())


def test_an_alert_comes_and_goes_once() -> None:
    """It is the same one by its labels, in whatever message; what is told of it last counts."""
    (alert,) = heard(message(told("Slow", job="a")), message(told("Slow", "resolved", job="a")))
    assert ("Slow", "P1", "Slow is resolved") == (alert.name, alert.priority, alert.summary)
    assert ((1.0, True), (2.0, False)) == alert.told
    assert (False, 2.0, 0) == (alert.firing, alert.changed, alert.repeats)
    assert "2026-01-01T10:00:00.500000+00:00" == alert.began.isoformat()


def test_what_is_repeated_is_counted_apart() -> None:
    """A repeated notification is no second arrival."""
    (alert,) = heard(*[message(told("Slow"))] * 3)
    assert (((1.0, True),), 2) == (alert.told, alert.repeats)


def test_alerts_of_other_labels_are_others() -> None:
    """Two providers that fail are two alerts, in the order in which they came."""
    alerts = heard(message(told("Failing", provider="b"), told("Failing", provider="a")))
    assert ["b", "a"] == [alert.labels["provider"] for alert in alerts]


def test_the_watchdog_is_no_alert() -> None:
    """It fires always: that it is there says that alerts arrive."""
    alerts = Alerts()
    assert alerts.watchdog is None
    alerts.take(message(told("Watchdog")), 1.0)
    assert (True, []) == (alerts.watchdog is not None, list(alerts.all()))


@pytest.mark.parametrize(
    "body",
    [
        b"no JSON",
        b"[]",
        json.dumps({"version": "3", "alerts": []}).encode(),
        message({**told("Slow"), "status": "suppressed"}),
        message({"status": "firing"}),
    ],
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    """Nothing of it is kept, and the receiver answers 400."""
    alerts = Alerts()
    with pytest.raises(ValueError, match=r"Alertmanager|alert without|Expecting value"):
        alerts.take(body, 1.0)
    with AlertReceiver() as receiver:
        assert 400 == httpx.post(receiver.url, content=body, trust_env=False).status_code
        assert () == receiver.heard().alerts


def test_the_receiver_takes_what_is_posted() -> None:
    """Whoever posts to its address is heard."""

    async def post(url: str) -> int:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.post(url, content=message(told("Slow"), told("Watchdog")))).status_code

    with AlertReceiver() as receiver:
        before = receiver.heard()
        assert 204 == asyncio.run(post(receiver.url))
        after = receiver.heard()
    assert ((), False) == (before.alerts, before.watchdog)
    assert (["Slow"], True) == ([alert.name for alert in after.alerts], after.watchdog)


def drawn(known: Heard, most: int) -> list[str]:
    """Return the lines that a terminal of 80 columns shows."""
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    table, height = alerts_table(known, "times are a fifteenth", most)
    with console.capture() as captured:
        console.print(table)
    lines = captured.get().splitlines()
    assert height == len(lines)
    return [" ".join(line.split()) for line in lines]


def test_what_fires_is_shown_first() -> None:
    """By priority, with the seconds since it came; what has ended comes after it, and what has no room is counted."""
    alerts = heard(
        message(told("Ended")),
        message({**told("Late"), "labels": {"alertname": "Late", "priority": "P2"}}),
        message(told("Slow"), told("Ended", "resolved")),
    )
    known = Heard(alerts, watchdog=True, now=10.4)
    lines = ["alerts 2 firing, 1 ended times are a fifteenth", "P1 Slow 7 s Slow is firing"]
    assert [*lines, "P2 Late 8 s Late is firing", "P1 Ended ended Ended is resolved"] == drawn(known, 3)
    assert [*lines, "and 2 more"] == drawn(known, 2)


def test_a_long_sentence_leaves_the_names_as_they_are() -> None:
    """In 80 columns it is the sentence that loses its end."""
    long = {**told("LlmProviderFailing"), "annotations": {"summary": "a quarter of the calls of anthropic " * 3}}
    known = Heard(heard(message(long)), watchdog=True, now=10.4)
    assert drawn(known, 3)[1].startswith("P1 LlmProviderFailing 9 s a quarter of the calls of anthropic")


@pytest.mark.parametrize(("watchdog", "said"), [(True, "none firing, 0 ended"), (False, "Alertmanager has not spoken")])
def test_silence_is_told_from_quiet(watchdog: bool, said: str) -> None:
    """As long as the watchdog was not heard nobody knows whether an alert would arrive."""
    assert said in drawn(Heard((), watchdog, 1.0), 2)[0]


def test_no_time_is_cut_in_the_summary() -> None:
    """Where there are 80 columns the sentence loses its end, and what still fires is told so."""
    long = {**told("LlmProviderFailing"), "annotations": {"summary": "a quarter of the calls of anthropic " * 3}}
    alerts = heard(message(told("Slow")), message(told("Slow", "resolved")), message(long))
    outcome = Outcome(
        mode="stack",
        scenario="usual",
        seconds=120.0,
        requests=0,
        rows=(),
        notes=(),
        excused={},
        unmoved=(),
        unwitnessed=(),
        unknown=(),
        heard=Heard(alerts, watchdog=True, now=130.0),
        begun=-100.0,
    )
    console = Console(file=io.StringIO(), width=80, color_system=None)
    with console.capture() as captured:
        console.print(outcome.alerts_table())
    _, slow, failing = (" ".join(line.split()) for line in captured.get().splitlines())
    assert "P1 Slow 101 s 102 s Slow is resolved" == slow
    assert failing.startswith("P1 LlmProviderFailing 103 s fires a quarter of the calls")


def test_the_alerts_that_scenarios_are_said_to_bring_are_those_of_the_rules() -> None:
    """A name in --help that no rule has would be looked for in vain."""
    rules = [rule for group in groups(Thresholds.load()) for rule in group.rules if isinstance(rule, Rule)]
    urgent = {rule.name for rule in rules if rule.priority in ("P0", "P1")}
    assert set() == {name for brings in SCENARIOS_BRING.values() for name in brings} - urgent
