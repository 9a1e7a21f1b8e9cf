"""How each way is told: the settings of Alertmanager's integrations. Secrets are paths of files, never values."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from monitoring.alertmanager.receivers import Email, Pagerduty, Receivers, Slack
from monitoring.alertmanager.routes import WATCHDOG
from monitoring.model import Priority

# The files under the directory of secrets.
SLACK_URL: Final = "slack_api_url"
PAGERDUTY_KEY: Final = "pagerduty_routing_key"
SMTP_PASSWORD: Final = "smtp_password"  # noqa: S105  the name of a file
WEBHOOK_URL: Final = "webhook_url"
WATCHDOG_URL: Final = "watchdog_url"

# A receiver that hangs must not hold the next try up.
_TIMEOUT: Final = "10s"
# What is left out is counted in `truncatedAlerts`.
_ALERTS: Final = 200
_SEVERITIES: Final[dict[Priority, str]] = {"P0": "critical", "P1": "error", "P2": "warning"}


def receiver(priority: Priority, receivers: Receivers, secrets: PurePosixPath) -> dict[str, object]:
    """Return the receiver of a priority, with all its ways."""
    told: dict[str, object] = {"name": priority}
    for way in receivers.ways[priority]:
        match way:
            case "slack" if receivers.slack:
                told["slack_configs"] = [_slack(receivers.slack, secrets)]
            case "pagerduty" if receivers.pagerduty:
                told["pagerduty_configs"] = [_pagerduty(receivers.pagerduty, secrets, _SEVERITIES[priority])]
            case "email" if receivers.email:
                told["email_configs"] = [_email(receivers.email, secrets)]
            case "webhook":
                told["webhook_configs"] = [_webhook({"url_file": str(secrets / WEBHOOK_URL)})]
    return told


def watchdog(secrets: PurePosixPath) -> dict[str, object]:
    """Return the receiver of the watchdog. It is silence that counts there: an end is not told."""
    url = {"url_file": str(secrets / WATCHDOG_URL)}
    return {"name": WATCHDOG, "webhook_configs": [_webhook(url, send_resolved=False)]}


def one_webhook(name: str, url: str) -> dict[str, object]:
    """Return a receiver that tells one address, as it stands."""
    return {"name": name, "webhook_configs": [_webhook({"url": url}, send_resolved=name != WATCHDOG)]}


def _webhook(url: Mapping[str, object], *, send_resolved: bool = True) -> dict[str, object]:
    return {**url, "send_resolved": send_resolved, "max_alerts": _ALERTS, "timeout": _TIMEOUT}


def _slack(slack: Slack, secrets: PurePosixPath) -> dict[str, object]:
    return {
        "api_url_file": str(secrets / SLACK_URL),
        "channel": slack.channel,
        "send_resolved": True,
        "color": _template("slack.color"),
        "title": _template("slack.title"),
        "title_link": _template("runbook_url"),
        # What a phone shows of a message with attachments.
        "fallback": _template("slack.title"),
        "text": _template("slack.text"),
        "timeout": _TIMEOUT,
    }


def _pagerduty(pagerduty: Pagerduty, secrets: PurePosixPath, severity: str) -> dict[str, object]:
    return {
        "routing_key_file": str(secrets / PAGERDUTY_KEY),
        "url": pagerduty.url,
        "send_resolved": True,
        "description": _template("title"),
        "client_url": "{{ .ExternalURL }}",
        "severity": severity,
        "source": '{{ or .CommonLabels.instance .CommonLabels.job "techsapo" }}',
        "class": "{{ .CommonLabels.alertname }}",
        "component": "{{ or .CommonLabels.provider .CommonLabels.component }}",
        "group": "{{ .CommonLabels.service }}",
        # Without these Alertmanager sends its own: everything, as JSON.
        "details": {"firing": _template("pagerduty.firing"), "resolved": _template("pagerduty.resolved")},
        "links": [
            {"href": _template("runbook_url"), "text": "What to do"},
            {"href": _template("dashboard_url"), "text": "Dashboard"},
            {"href": _template("silence_url"), "text": "Silence"},
        ],
        "timeout": _TIMEOUT,
    }


def _email(email: Email, secrets: PurePosixPath) -> dict[str, object]:
    account: dict[str, object] = {}
    if email.user:
        account = {"auth_username": email.user, "auth_password_file": str(secrets / SMTP_PASSWORD)}
    return {
        "to": ", ".join(email.recipients),
        "from": email.sender,
        "smarthost": email.smarthost,
        **account,
        "require_tls": email.require_tls,
        "send_resolved": True,
        "headers": {"Subject": _template("title")},
        "text": _template("text"),
        "html": _template("email.html"),
        # What one incident brings in a day stands together.
        "threading": {"enabled": True, "thread_by_date": "daily"},
    }


def _template(name: str) -> str:
    return f'{{{{ template "techsapo.{name}" . }}}}'
