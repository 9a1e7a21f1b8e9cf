"""Alertmanager's configuration, put together, and the files that are rendered of it."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from monitoring import yaml
from monitoring.alertmanager import notifiers, routes
from monitoring.alertmanager.inhibitions import INHIBITIONS
from monitoring.alertmanager.receivers import PRIORITIES, Receivers

# Where the files of secrets are in the container.
SECRETS: Final = "/etc/alertmanager/secrets"
RENDERED: Final = Path("monitoring", "rendered", "alertmanager")

_TEMPLATES: Final = Path(__file__).with_name("templates")
_HEADER: Final = (
    "# Rendered from monitoring/receivers.toml and monitoring/alertmanager by `make render`. Change these instead.\n"
)


def configuration(receivers: Receivers, *, secrets: str, pace: float = 1, webhook: str | None = None) -> str:
    """Return alertmanager.yml.

    `secrets` is the directory of the files of secrets. `pace` divides waiting times; none is longer than a minute then,
    but for repetitions. With `webhook` every route leads to that one address, and nothing else is changed.
    """
    directory = PurePosixPath(secrets)
    if webhook is None:
        told = [notifiers.receiver(priority, receivers, directory) for priority in PRIORITIES]
        told.append(notifiers.watchdog(directory))
    else:
        told = [notifiers.one_webhook(name, webhook) for name in (*PRIORITIES, routes.WATCHDOG)]
    quiet_hours = receivers.quiet_hours
    return _HEADER + yaml.dump(
        {
            "templates": ["templates/*.tmpl"],
            "route": routes.route(quiet=quiet_hours is not None, pace=pace),
            "time_intervals": [quiet_hours.rendered()] if quiet_hours else [],
            "inhibit_rules": [inhibition.rendered() for inhibition in INHIBITIONS],
            "receivers": told,
        }
    )


def rendered_files(
    *, secrets: str = SECRETS, pace: float = 1, webhook: str | None = None, to: Path = RENDERED
) -> Mapping[Path, str]:
    """Return the text of each file, by its path: alertmanager.yml in `to`, and the templates under it."""
    files = {to / "alertmanager.yml": configuration(Receivers.load(), secrets=secrets, pace=pace, webhook=webhook)}
    for template in sorted(_TEMPLATES.glob("*.tmpl")):
        header = f"{{{{/* Rendered from monitoring/alertmanager/templates/{template.name} by `make render`. */ -}}}}\n"
        files[to / "templates" / template.name] = header + template.read_text()
    return files
