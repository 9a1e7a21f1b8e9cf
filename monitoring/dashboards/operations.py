"""The operations dashboard: what is wrong, where, and since when."""

from monitoring.dashboards import overview, vitals
from monitoring.dashboards.model import Dashboard, Row
from monitoring.dashboards.rows import infrastructure, llm, pipeline, trends, wallbounce
from monitoring.dashboards.signals import Signals


def dashboard(signals: Signals) -> Dashboard:
    """Return it."""
    everything = f"{signals.felt()}\nor {signals.held()}"
    now = Row(
        "Now",
        (
            overview.near("How near each alert is", everything, 9, 7),
            overview.called(6, 7),
            overview.firing(9, 7),
            vitals.failed_requests(signals, 4, 5),
            vitals.consensus(signals, 4, 5),
            vitals.failing_providers(signals, 4, 5),
            infrastructure.breakers_open(4, 5),
            pipeline.targets(4, 5),
            pipeline.age(signals, 4, 5),
        ),
    )
    return Dashboard(
        overview.OPERATIONS,
        "TechSapo: operations",
        "What is wrong, where, and since when?",
        (
            now,
            wallbounce.row(signals),
            llm.row(signals),
            trends.row(signals),
            infrastructure.row(signals),
            pipeline.row(),
        ),
        since="now-1h",
        refresh="30s",
    )
