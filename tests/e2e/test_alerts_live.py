"""Each alert of P0 and P1 arrives at a webhook once, and ends once: of real services in real trouble.

Ten events happen at the same time in one stack, whose times are a fifteenth of those in production.
"""

import asyncio
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

import pytest

from app_integration.demo import memory_group
from monitoring.model import Alert
from monitoring.places import Places
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.conftest import NO_COLLECTOR, NO_MARIADB, NO_PROMETHEUS, NO_REDIS
from tests.monitoring.conftest import NO_ALERTMANAGER
from tests.support import alert_pipeline_events, alert_service_events, alert_stack, mariadb_server, redis_server
from tests.support.alert_stack import AlertStack
from tests.support.alertmanager import ALERTMANAGER
from tests.support.collector import COLLECTOR
from tests.support.prometheus import PROMETHEUS
from tests.support.told_alerts import ToldAlert, matching, told_alerts

NO_GROUP: Final = memory_group.missing()

pytestmark = [
    pytest.mark.skipif(NO_GROUP is not None, reason=NO_GROUP or ""),
    pytest.mark.skipif(not redis_server.installed(), reason=NO_REDIS),
    pytest.mark.skipif(mariadb_server.missing() is not None, reason=NO_MARIADB),
    pytest.mark.skipif(not COLLECTOR.exists(), reason=NO_COLLECTOR),
    pytest.mark.skipif(not PROMETHEUS.exists(), reason=NO_PROMETHEUS),
    pytest.mark.skipif(not ALERTMANAGER.exists(), reason=NO_ALERTMANAGER),
]

EVENTS: Final = (*alert_service_events.EVENTS, *alert_pipeline_events.EVENTS)
# What somebody is woken by, or looks at within a quarter of an hour.
ALERTS: Final = [
    rule
    for group in groups(Thresholds.load())
    for rule in group.rules
    if isinstance(rule, Alert) and rule.priority in ("P0", "P1")
]


@dataclass(frozen=True)
class Told:
    """What the webhook was told, and the events that did not go as they should have."""

    alerts: Sequence[ToldAlert]
    failures: Sequence[str]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """What was told while all the events happened."""
    # A short path: a server's socket must fit into the 108 bytes of its address.
    directory = tmp_path_factory.mktemp("a")
    with alert_stack.running(directory) as stack:
        yield asyncio.run(_happen(stack, directory))


async def _happen(stack: AlertStack, directory: Path) -> Told:
    async with AsyncExitStack() as exits:
        happening = (event.happen(stack, directory / event.name, exits) for event in EVENTS)
        ends = await asyncio.gather(*happening, return_exceptions=True)
        alerts = told_alerts(stack.webhook.notifications())
    errors = [end for end in ends if isinstance(end, BaseException)]
    return Told(alerts, ["".join(traceback.format_exception(error)) for error in errors])


def test_all_that_was_to_happen_happened(told: Told) -> None:
    """Each alert was told of in its time, and so was its end."""
    assert [] == told.failures


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert.name}-{alert.priority}")
def test_it_arrives_once_and_ends_once(alert: Alert, told: Told) -> None:
    """With its labels, words without a gap, and links to its runbook and to the dashboard of what it is about."""
    own = {"alertname": alert.name, "priority": alert.priority, "service": alert.service, **alert.labels}
    expected = [
        labels
        for event in EVENTS
        for labels in event.brings
        if (alert.name, alert.priority) == (labels["alertname"], labels["priority"])
    ]
    assert expected, f"no event brings {alert.name} of {alert.priority}"
    for labels in expected:
        (found,) = matching(told.alerts, labels)
        assert ("firing", "resolved") == found.states
        assert own.items() <= found.labels.items()
        assert found.labels["job"]
        for annotations in found.annotations:
            _see_words(annotations)
            _see_links(annotations, found.labels, alert)


def _see_words(annotations: Mapping[str, str]) -> None:
    summary, description = annotations["summary"], annotations["description"]
    assert summary
    assert description.startswith(f"{summary}. ")
    gaps = ("<no value>", "<nil>", "<error", "NaN", "Inf", "%!", "  ")
    assert [] == [(gap, text) for text in annotations.values() for gap in gaps if gap in text]


def _see_links(annotations: Mapping[str, str], labels: Mapping[str, str], alert: Alert) -> None:
    places = Places.load()
    assert places.runbook(alert.name) == annotations["runbook_url"]
    place, _, query = annotations["dashboard_url"].partition("?")
    assert places.dashboard(alert.dashboard) == place
    narrowed = {f"var-{label}": [labels[label]] for label in alert.narrows}
    assert narrowed == parse_qs(query, keep_blank_values=True, strict_parsing=bool(narrowed))
