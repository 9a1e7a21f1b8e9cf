"""What Grafana reads at its start."""

import json
from typing import TypedDict, cast

from monitoring.dashboards import rendered_files
from monitoring.render import ROOT

FOLDER = "monitoring/rendered/grafana/provisioning"


class Provisioned(TypedDict):
    """A file of Grafana's: data sources, or providers of dashboards."""

    apiVersion: int
    datasources: list[dict[str, object]]
    providers: list[dict[str, object]]


def file(path: str) -> Provisioned:
    """Return a file, which is JSON behind a line of comment."""
    (text,) = [text for each, text in rendered_files().items() if each.as_posix() == f"{FOLDER}/{path}"]
    comment, _, body = text.partition("\n")
    assert comment.startswith("# ")
    return cast("Provisioned", json.loads(body))


def test_there_are_two_sources_and_one_is_the_default() -> None:
    """Prometheus for what is now, VictoriaMetrics for what was; each with a name of its own."""
    told = file("datasources/techsapo.yaml")
    assert 1 == told["apiVersion"]
    assert [True, False] == [source["isDefault"] for source in told["datasources"]]
    assert ["techsapo-prometheus", "techsapo-victoriametrics"] == [source["uid"] for source in told["datasources"]]


def test_a_source_knows_the_interval_of_scrapes() -> None:
    """$__rate_interval is made of it: a shorter one would leave rates without two samples."""
    (interval,) = [
        line.split()[-1]
        for line in (ROOT / "deploy" / "prometheus.yml").read_text().splitlines()
        if "scrape_interval" in line
    ][:1]
    for source in file("datasources/techsapo.yaml")["datasources"]:
        told = source["jsonData"]
        assert isinstance(told, dict)
        assert interval == told["timeInterval"]


def test_dashboards_come_from_their_folder() -> None:
    """And what is changed in Grafana would be gone with the next rendering: it refuses."""
    (provider,) = file("dashboards/techsapo.yaml")["providers"]
    assert ("file", False) == (provider["type"], provider["allowUiUpdates"])
    assert {"path": "/etc/grafana/dashboards"} == provider["options"]
    assert "/etc/grafana/dashboards" in (ROOT / "docs" / "dashboards.md").read_text()
