"""A Prometheus with our rules over the demo's traffic, for what can only be seen of real series."""

from collections.abc import Iterator

import pytest

from tests.conftest import NO_COLLECTOR, NO_MARIADB, NO_PROMETHEUS, NO_REDIS
from tests.support import mariadb_server, redis_server, wait
from tests.support.alertmanager import ALERTMANAGER, Alertmanager
from tests.support.collector import COLLECTOR
from tests.support.prometheus import PROMETHEUS, Prometheus
from tests.support.ruled_prometheus import LANES, Pages, RuledPrometheus
from tests.support.running_demo import Demo

NO_ALERTMANAGER = "build/alertmanager is not there: make tools"
TELLS_NOBODY = {"alertmanager.yml": '{"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}'}
# What comes last: rules that are seldom evaluated, and rules that are built on others.
LAST = ("history:llm_requests:increase5m", "job:budget_left:seconds", "job:slo_errors:ratio_rate3d")


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has evaluated every rule over the demo's figures, told by two lanes."""
    needed = {
        NO_REDIS: redis_server.installed(),
        NO_MARIADB: mariadb_server.missing() is None,
        NO_COLLECTOR: COLLECTOR.exists(),
        NO_PROMETHEUS: PROMETHEUS.exists(),
        NO_ALERTMANAGER: ALERTMANAGER.exists(),
    }
    for reason, there in needed.items():
        if not there:
            pytest.skip(reason)
    # A short path: a server's socket must fit into the 108 bytes of its address.
    demo = Demo(tmp_path_factory.mktemp("d"), "--mode", "collector", "--rate", "25", "--json")
    try:
        demo.until("traffic begins")
        told = demo.child("techsapo-collector").environ()
        telemetry = f"127.0.0.1:{told['TECHSAPO_COLLECTOR_TELEMETRY_PORT']}"
        pages = Pages(told["TECHSAPO_COLLECTOR_PROMETHEUS"], telemetry)
        directory = tmp_path_factory.mktemp("live")
        with (
            Alertmanager(directory / "alertmanager", TELLS_NOBODY) as alertmanager,
            RuledPrometheus(directory, dict.fromkeys(LANES, pages), f"127.0.0.1:{alertmanager.port}") as prometheus,
        ):
            wait.until(lambda: _evaluated(prometheus), 120, "a value of every history")
            yield prometheus
    finally:
        demo.kill()


def _evaluated(prometheus: Prometheus) -> bool:
    return all(prometheus.query(each) for each in LAST)
