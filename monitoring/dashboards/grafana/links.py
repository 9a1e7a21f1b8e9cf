"""Links: to the dashboard with the detail, with time and variables kept, and to the runbook."""

from collections.abc import Iterator
from typing import Final

from grafana_foundation_sdk.models.dashboard import DashboardLink, DashboardLinkType

from monitoring.dashboards.model import Limit, Panel
from monitoring.dashboards.overview import DEVELOPMENT, EXECUTIVE, OPERATIONS
from monitoring.places import Places

TITLES: Final = {EXECUTIVE: "Executive", OPERATIONS: "Operations", DEVELOPMENT: "Development"}

_KEPT: Final = "${__url_time_range}&${__all_variables}"


def links_of(panel: Panel, uid: str, places: Places) -> list[DashboardLink]:
    """Return the links of a panel on the dashboard `uid`."""
    return list(_links(panel, uid, places))


def _links(panel: Panel, uid: str, places: Places) -> Iterator[DashboardLink]:
    if panel.drill and panel.drill != uid:
        yield _link(f"{TITLES[panel.drill]}: the detail", f"/d/{panel.drill}?{_KEPT}", blank=False)
    for limit in limits_of(panel):
        yield _link(f"Runbook: {limit.alert}", places.runbook(limit.alert), blank=True)


def limits_of(panel: Panel) -> tuple[Limit, ...]:
    """Return the limits that are drawn on a panel, its columns' included, each once."""
    every = (panel.limit, *(query.limit for query in panel.queries))
    return tuple(dict.fromkeys(limit for limit in every if limit is not None))


def navigation(uid: str) -> list[DashboardLink]:
    """Return the links at the top of a dashboard: to the others, with time and variables kept."""
    return [
        DashboardLink(
            title=title,
            type_val=DashboardLinkType.LINK,
            icon="dashboard",
            tooltip=f"The {title.lower()} dashboard, at the same time and for the same selection",
            url=f"/d/{other}",
            tags=[],
            include_vars=True,
            keep_time=True,
        )
        for other, title in TITLES.items()
        if other != uid
    ]


def _link(title: str, url: str, *, blank: bool) -> DashboardLink:
    return DashboardLink(
        title=title,
        type_val=DashboardLinkType.LINK,
        icon="external link",
        tooltip=title,
        url=url,
        tags=[],
        target_blank=blank,
    )
