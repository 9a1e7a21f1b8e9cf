"""A Prometheus with our rules, over two lanes of a Collector."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monitoring.pace import Pace
from monitoring.render import RENDERED, RULES, rules, write_to
from tests.support import ports
from tests.support.prometheus import Prometheus

LANES = ("a", "b")
# A second where production has fifteen.
PACE = Pace(15)


@dataclass(frozen=True)
class Pages:
    """Where a Collector tells (`host:port`): the page of services, and that of its own figures."""

    services: str
    collector: str


class RuledPrometheus(Prometheus):
    """It scrapes every second, Collectors' pages by their lanes, and evaluates the rules at a pace of 15."""

    def __init__(self, directory: Path, pages: Mapping[str, Pages], alertmanager: str) -> None:
        super().__init__(directory, [])
        # An alert that fires before the Alertmanager is known is told a minute later; this is a minute at the pace.
        self.command.append(f"--rules.alert.resend-delay={PACE.time('1m')}")
        self.rules = directory / RULES.relative_to(RENDERED)
        write_to(directory, rules(PACE))
        own = {"prometheus": f"{ports.LOOPBACK}:{self.port}", "alertmanager": alertmanager}
        configuration = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(self.rules / "*.yaml")],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
            "scrape_configs": [
                _job("services", {lane: each.services for lane, each in pages.items()}, honor_labels=True),
                _job("collector", {lane: each.collector for lane, each in pages.items()}),
                *(_job(name, {"": address}) for name, address in own.items()),
            ],
        }
        (directory / "prometheus.yml").write_text(json.dumps(configuration))


def _job(name: str, lanes: dict[str, str], *, honor_labels: bool = False) -> dict[str, object]:
    """Return a scrape job with a target for each lane; without a lane a target has no such label."""
    targets = [{"targets": [address], "labels": {"lane": lane} if lane else {}} for lane, address in lanes.items()]
    return {"job_name": name, "honor_labels": honor_labels, "static_configs": targets}
