"""Alertmanager as code: who is told of which alert, when, and in which words."""

from monitoring.alertmanager.configuration import SECRETS, configuration, rendered_files
from monitoring.alertmanager.quiet_hours import QuietHours
from monitoring.alertmanager.receivers import Receivers
from monitoring.alertmanager.tables import ReceiversError

__all__ = ["SECRETS", "QuietHours", "Receivers", "ReceiversError", "configuration", "rendered_files"]
