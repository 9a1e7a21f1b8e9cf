"""`techsapo-telemetry demo --mode stack`: everything comes up, an alert comes and goes, and nothing is left behind."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypedDict, cast

import httpx
import pytest

from app_integration.demo import memory_group
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.conftest import NO_COLLECTOR, NO_MARIADB, NO_PROMETHEUS, NO_REDIS
from tests.support import mariadb_server, redis_server, wait
from tests.support.alertmanager import ALERTMANAGER
from tests.support.collector import COLLECTOR
from tests.support.prometheus import BUILD, PROMETHEUS
from tests.support.running_demo import Demo

NO_ALERTMANAGER: Final = "build/alertmanager is not there: make tools"
NO_VICTORIAMETRICS: Final = "build/victoria-metrics is not there: make tools"
# A quarter passes until the trouble, and a quarter is left for its end to be told.
SECONDS: Final = 64

NO_GROUP: Final = memory_group.missing()

pytestmark = [
    pytest.mark.skipif(NO_GROUP is not None, reason=NO_GROUP or ""),
    pytest.mark.skipif(not redis_server.installed(), reason=NO_REDIS),
    pytest.mark.skipif(mariadb_server.missing() is not None, reason=NO_MARIADB),
    pytest.mark.skipif(not COLLECTOR.exists(), reason=NO_COLLECTOR),
    pytest.mark.skipif(not PROMETHEUS.exists(), reason=NO_PROMETHEUS),
    pytest.mark.skipif(not ALERTMANAGER.exists(), reason=NO_ALERTMANAGER),
    pytest.mark.skipif(not (BUILD / "victoria-metrics").exists(), reason=NO_VICTORIAMETRICS),
]


class _Rule(TypedDict):
    name: str
    health: str
    lastError: str


class _Group(TypedDict):
    name: str
    rules: list[_Rule]


class _Dashboard(TypedDict):
    title: str
    rows: list[object]


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    """Demos that are ended with the test, whatever becomes of it."""
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.kill()


@pytest.fixture
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short path: a server's socket must fit into the 108 bytes of its address."""
    return tmp_path_factory.mktemp("d")


def test_an_alert_comes_and_goes_while_everything_can_be_looked_at(directory: Path, demos: list[Demo]) -> None:
    """The addresses answer, all rules are evaluated, the dashboards are served, and the figures are exact as ever."""
    demos.append(demo := Demo(directory, "--mode", "stack", "--scenario", "memory", "--seconds", str(SECONDS)))
    names = ("prometheus", "alertmanager", "dashboards")
    found = [httpx.URL(demo.until(rf"{name} +(http://\S+)").group(1)) for name in names]
    prometheus, alertmanager, dashboards = found
    # Whoever asks the application itself is counted.
    assert re.search(r"\ndocs +http://\S+/docs\n", demo.output)
    demo.until("times are a fifteenth of those in production")
    for address in (prometheus, alertmanager.join("/api/v2/status"), dashboards):
        assert 200 == httpx.get(address, trust_env=False).status_code
    served = cast("list[_Dashboard]", _json(dashboards.join("/vmui/custom-dashboards"))["dashboardsSettings"])
    assert (3, True) == (len(served), all(board["rows"] for board in served))
    wait.until(lambda: _evaluated(prometheus), 30, "an evaluation of each rule")
    query = dashboards.join("/api/v1/query?query=techsapo_http_requests_total")
    wait.until(lambda: cast("dict[str, object]", _json(query)["data"])["result"], 20, "what Prometheus writes on")
    demo.until(r"\nalert +P0 MemoryNearLimit: \S+ of \S+ has 9\d(\.\d+)?% of its memory in use\n")
    demo.until(r"\nend +P0 MemoryNearLimit: has ended\n")
    assert (0, "") == (demo.end(), demo.errors)
    assert "all that was sent was counted, once, and increase()" in demo.output
    summary = demo.output.partition("\nalert ")[2].rpartition("\nalert ")[2]
    assert "P0 MemoryNearLimit" in summary


def test_a_signal_stops_the_stack_too(directory: Path, demos: list[Demo]) -> None:
    """Also while it is being started there is nothing that is left running."""
    demos.append(demo := Demo(directory, "--mode", "stack"))
    demo.until("starting VictoriaMetrics")
    demo.process.send_signal(signal.SIGINT)
    assert 130 == demo.end()


def _json(address: httpx.URL) -> dict[str, object]:
    found: dict[str, object] = json.loads(httpx.get(address, trust_env=False).raise_for_status().text)
    return found


def _evaluated(prometheus: httpx.URL) -> bool:
    """Tell whether each rule that there is was evaluated, and see that none could not be."""
    data = cast("dict[str, list[_Group]]", _json(prometheus.join("/api/v1/rules"))["data"])
    rules = {(group["name"], rule["name"]): rule for group in data["groups"] for rule in group["rules"]}
    assert [] == [rule for rule in rules.values() if rule["health"] == "err"]
    wanted = {group.name for group in groups(Thresholds.load())}
    return {name for name, _ in rules} == wanted and all(rule["health"] == "ok" for rule in rules.values())
