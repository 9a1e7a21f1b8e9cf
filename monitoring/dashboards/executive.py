"""The executive dashboard: is it well, how much is it used, what does it cost, does it keep its promises."""

from monitoring.dashboards import overview, vitals
from monitoring.dashboards.model import Dashboard, Row
from monitoring.dashboards.rows import cost, promises, requests
from monitoring.dashboards.signals import Signals


def dashboard(signals: Signals) -> Dashboard:
    """Return it."""
    now = Row(
        "Now",
        (
            overview.health(signals, 4, 6),
            overview.near("What the score is made of", signals.felt(), 8, 6),
            vitals.failed_requests(signals, 4, 6),
            vitals.consensus(signals, 4, 6),
            vitals.budget(signals, 4, 6),
            overview.called(6, 6),
            overview.firing(18, 6),
        ),
    )
    return Dashboard(
        overview.EXECUTIVE,
        "TechSapo: executive",
        "Is it well, how much is it used, what does it cost, and does it keep its promises?",
        (now, requests.row(), cost.row(signals), promises.row(signals)),
        since="now-24h",
        refresh="1m",
    )
