"""What an alert hides, as a real Alertmanager tells it: what its reason says, and nothing else."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring.alertmanager import SECRETS, Receivers, configuration
from monitoring.alertmanager.inhibitions import INHIBITIONS, Inhibition, Labels
from monitoring.model import Alert as Rule
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.support import ports, wait
from tests.support.alertmanager import Alertmanager, Posted, amtool

EQUAL = {"job": "app", "service": "api", "instance": "10.0.0.1:8888", "slo": "availability"}
NOWHERE = f"http://{ports.LOOPBACK}:1/"

# The labels that tell one thing from another: where one differs, it is another thing.
SAME = {
    "target-down": ("job", "service", "instance"),
    "burns-fast": ("job", "service", "slo"),
    "burns-medium": ("job", "service", "slo"),
    "budget-running-out": ("job", "service"),
    "service-silent": ("job", "service"),
}

# While everything fires at once for one job and one instance.
HIDDEN = {
    ("CollectorRefusing", ""),
    ("CollectorExportFailing", ""),
    ("SloBudgetBurns", "medium"),
    ("SloBudgetBurns", "slow"),
    ("BudgetNearlySpent", ""),
    ("DataStale", ""),
}


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[Alertmanager]:
    """Return an Alertmanager with the inhibitions as they are."""
    config = configuration(Receivers.load(), secrets=SECRETS, webhook=NOWHERE)
    with Alertmanager(tmp_path, {"alertmanager.yml": config}) as alertmanager:
        yield alertmanager


def rules() -> list[Rule]:
    """Return every alert that there is."""
    return [rule for group in groups(Thresholds.load()) for rule in group.rules if isinstance(rule, Rule)]


def each(labels: Labels) -> list[dict[str, str]]:
    """Return the labels with each combination of values that is given."""
    return [dict(zip(labels, values, strict=True)) for values in itertools.product(*labels.values())]


def suppressed(alertmanager: Alertmanager) -> set[str]:
    """Return the cases of which the alert is hidden by another one."""
    return {alert["labels"]["case"] for alert in alertmanager.alerts() if alert["status"]["inhibitedBy"]}


@pytest.mark.parametrize("inhibition", INHIBITIONS, ids=lambda inhibition: inhibition.name)
def test_it_hides_the_same_and_nothing_of_another(alertmanager: Alertmanager, inhibition: Inhibition) -> None:
    """An alert with the same labels is hidden; one with another label, or without it, is told, on both sides."""
    equal = {name: EQUAL[name] for name in SAME[inhibition.name]}
    alerts: list[Posted] = []

    def add(case: str, told: dict[str, str], common: dict[str, str]) -> None:
        alerts.append({"labels": {**told, **common, "case": case}})

    sources, targets = each(inhibition.source), each(inhibition.target)
    for number, source in enumerate(sources):
        add(f"source {number}", source, equal)
        for name in equal:
            add(f"source {number} without {name}", source, {key: equal[key] for key in equal if key != name})
    for number, target in enumerate(targets):
        add(f"same {number}", target, equal)
        for name in equal:
            add(f"other {name} {number}", target, {**equal, name: f"another {number}"})
            add(f"without {name} {number}", target, {key: equal[key] for key in equal if key != name})
    alertmanager.post(*alerts)
    expected = {f"same {number}" for number in range(len(targets))}
    wait.until(lambda: expected <= suppressed(alertmanager), what=f"the inhibition of {sorted(expected)}")
    assert expected == suppressed(alertmanager)


def test_all_at_once(alertmanager: Alertmanager) -> None:
    """When every alert of one job and one instance fires, those are hidden that the table says, and no others."""
    common = {key: EQUAL[key] for key in ("job", "instance", "slo")}
    fired: dict[tuple[str, ...], dict[str, str]] = {
        (rule.name, rule.labels.get("burn", ""), rule.labels.get("change", "")): {
            "alertname": rule.name,
            "priority": rule.priority,
            "service": rule.service,
            **rule.labels,
            **common,
        }
        for rule in rules()
    }
    alertmanager.post(*(Posted(labels=labels) for labels in fired.values()))

    def hidden() -> set[tuple[str, str]]:
        labels = [alert["labels"] for alert in alertmanager.alerts() if alert["status"]["inhibitedBy"]]
        return {(told["alertname"], told.get("burn", "")) for told in labels}

    wait.until(lambda: hidden() >= HIDDEN, what=f"the inhibition of {sorted(HIDDEN)}")
    assert HIDDEN == hidden()
    assert len(fired) == len(alertmanager.alerts())


@pytest.mark.parametrize("inhibition", INHIBITIONS, ids=lambda inhibition: inhibition.name)
def test_it_can_happen(inhibition: Inhibition) -> None:
    """Both sides are alerts that there are, with the labels asked for, and of the same service."""
    by_labels = [({"alertname": rule.name, **rule.labels}, rule.service) for rule in rules()]
    services = set()
    for wanted in [*each(inhibition.source), *each(inhibition.target)]:
        found = [service for labels, service in by_labels if wanted.items() <= labels.items()]
        assert found, wanted
        services.update(found)
    assert 1 == len(services)


def test_a_silence_does_not_end_an_inhibition(alertmanager: Alertmanager) -> None:
    """Who silences an alert hides what it inhibits too: why HttpServerErrors inhibits no burn."""
    common = {**EQUAL, "case": "burn"}
    labels = {"alertname": "SloBudgetBurns", **common}
    alertmanager.post({"labels": {**labels, "burn": "fast"}}, {"labels": {**labels, "burn": "medium"}})
    matchers = ("alertname=SloBudgetBurns", "burn=fast")
    to = f"--alertmanager.url={alertmanager.url}"
    amtool("silence", "add", to, "--author=test", "--comment=known", "--duration=1h", *matchers)

    def state() -> dict[str, tuple[bool, bool]]:
        return {
            alert["labels"]["burn"]: (bool(alert["status"]["silencedBy"]), bool(alert["status"]["inhibitedBy"]))
            for alert in alertmanager.alerts()
        }

    wait.until(lambda: state().get("fast") == (True, False), what="the silence")
    assert (False, True) == state()["medium"]
