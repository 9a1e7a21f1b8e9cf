"""The files that the dashboards are rendered to."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from monitoring.dashboards import development, executive, grafana, operations, vmui
from monitoring.dashboards.model import Dashboard
from monitoring.dashboards.signals import Signals
from monitoring.pace import Pace
from monitoring.places import Places
from monitoring.thresholds import Thresholds

GRAFANA: Final = Path("monitoring", "rendered", "grafana")
VMUI: Final = Path("monitoring", "rendered", "vmui")

_AS_WRITTEN: Final = Pace()


def dashboards(thresholds: Thresholds | None = None) -> tuple[Dashboard, ...]:
    """Return all of them, with the thresholds of the alerts."""
    signals = Signals(thresholds or Thresholds.load())
    return tuple(each.dashboard(signals) for each in (executive, operations, development))


def rendered_files(pace: Pace = _AS_WRITTEN) -> Mapping[Path, str]:
    """Return the text of every file, by its path from the project's root.

    `pace` is that of the rules beside which they are shown.
    """
    places = Places.load()
    pages = dashboards(Thresholds.load(pace=pace))
    return {
        **{GRAFANA / f"{page.uid}.json": grafana.rendered(page, places) for page in pages},
        **{GRAFANA / "provisioning" / path: text for path, text in grafana.provisioning().items()},
        **{
            # Its tabs come in the order of the files' names.
            VMUI / f"{number}-{page.uid.removeprefix('techsapo-')}.json": vmui.rendered(page, pace)
            for number, page in enumerate(pages, 1)
        },
    }
