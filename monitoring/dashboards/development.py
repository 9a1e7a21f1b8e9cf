"""The development dashboard: which endpoint, query, cache or error is it."""

from monitoring.dashboards import overview, vitals
from monitoring.dashboards.model import Dashboard, Row
from monitoring.dashboards.rows import caches, databases, endpoints, errors
from monitoring.dashboards.signals import Signals


def dashboard(signals: Signals) -> Dashboard:
    """Return it."""
    now = Row(
        "Now",
        (
            vitals.requests(4, 6),
            vitals.failed_requests(signals, 4, 6),
            vitals.response_time(signals, 4, 6),
            errors.rate(4, 6),
            caches.hits(signals, 4, 6),
            vitals.databases(4, 6),
        ),
    )
    return Dashboard(
        overview.DEVELOPMENT,
        "TechSapo: development",
        "Which endpoint, query, cache or error is it?",
        (now, endpoints.row(signals), databases.row(signals), caches.row(signals), errors.row()),
        since="now-1h",
        refresh="30s",
    )
