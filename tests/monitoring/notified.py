"""A real Alertmanager whose ways all end on loopback, and alerts as the rules make them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from monitoring.alertmanager import QuietHours, Receivers, configuration, rendered_files
from monitoring.alertmanager.receivers import WAYS, Email, Pagerduty, Slack
from monitoring.model import Priority
from tests.support.alertmanager import Alertmanager, Posted
from tests.support.smtp_inbox import SmtpInbox
from tests.support.webhook import Webhook

USER: Final = "alertmanager@example.org"
RUNBOOK: Final = "https://example.org/runbooks/HttpServerErrors.md"
DASHBOARD: Final = "https://grafana.example.org/d/techsapo-operations?var-job=app&var-route=/a|/b"
ALL_WAYS: Final[Mapping[Priority, tuple[str, ...]]] = {"P0": WAYS, "P1": ("webhook",), "P2": ("webhook",)}


@dataclass(frozen=True)
class Notified:
    """An Alertmanager, and where its notifications come: secrets are what stands in its files."""

    alertmanager: Alertmanager
    webhook: Webhook
    inbox: SmtpInbox
    secrets: Mapping[str, str]

    def slack(self) -> list[dict[str, object]]:
        """Return what Slack was told."""
        return self.webhook.received("/services/T0/B0/" + "not-a-real-token")

    def pagerduty(self) -> list[dict[str, object]]:
        """Return what PagerDuty was told."""
        return self.webhook.received("/v2/enqueue")


@contextmanager
def notified(
    directory: Path,
    *,
    ways: Mapping[Priority, tuple[str, ...]] = ALL_WAYS,
    pace: float = 60,
    quiet_hours: QuietHours | None = None,
    require_tls: bool = False,
    missing: str = "",
) -> Iterator[Notified]:
    """Start one. `missing` is the secret whose file is not there."""
    with Webhook() as webhook, SmtpInbox() as inbox:
        secrets = {
            "slack_api_url": webhook.url("/services/T0/B0/" + "not-a-real-token"),
            "pagerduty_routing_key": "0123456789abcdef" + "fedcba9876543210",
            "smtp_password": "swordfish" + "-of-smtp",
            "webhook_url": webhook.url("/hook?key=" + "key-of-hook"),
            "watchdog_url": webhook.url("/watchdog/" + "key-of-watchdog"),
        }
        place = directory / "secrets"
        place.mkdir()
        for name, value in secrets.items():
            if name != missing:
                (place / name).write_text(f"{value}\n")
        receivers = Receivers(
            ways,
            Slack("#alerts"),
            Pagerduty(webhook.url("/v2/enqueue")),
            Email(inbox.smarthost, USER, ("oncall@example.org", "lead@example.org"), USER, require_tls),
            quiet_hours,
        )
        files = {str(path): text for path, text in rendered_files(to=Path()).items()}
        files["alertmanager.yml"] = configuration(receivers, secrets=str(place), pace=pace)
        with Alertmanager(directory, files) as alertmanager:
            yield Notified(alertmanager, webhook, inbox, secrets)


def alert(summary: str = "5.3% of all requests end in 5xx", **labels: str) -> Posted:
    """Return an alert that has begun to fire now."""
    now = datetime.now(UTC)
    return {
        "labels": {"alertname": "HttpServerErrors", "priority": "P0", "service": "api", "job": "app", **labels},
        "annotations": {
            "summary": summary,
            "description": f"{summary}. Users see errors now.",
            "runbook_url": RUNBOOK,
            "dashboard_url": DASHBOARD,
        },
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
    }


def ended(fired: Posted) -> Posted:
    """Return the alert as one that has ended now."""
    return {**fired, "endsAt": datetime.now(UTC).isoformat()}
