"""Fixtures that start real servers. What is not installed skips a test, with the command that installs it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from app_integration.llm import prices
from telemetry.settings import Settings
from tests.support import mariadb_server as mariadb
from tests.support import redis_server as redis
from tests.support.collector import COLLECTOR, Collector
from tests.support.global_figures import begun_anew
from tests.support.mariadb_server import MariaDbServer
from tests.support.measured import Measured
from tests.support.otlp_sink import OtlpSink
from tests.support.prometheus import PROMETHEUS, PROMTOOL, Prometheus
from tests.support.providers import PRICES, Providers, providers
from tests.support.redis_server import RedisServer

NO_REDIS = "redis-server is not installed: apt-get install redis-server"
NO_MARIADB = "MariaDB is not installed: apt-get install mariadb-server"
NO_COLLECTOR = "build/techsapo-collector is not there: make collector"
NO_PROMETHEUS = "build/prometheus is not there: make tools"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew."""
    parser.addoption("--update-golden", action="store_true", help="write golden files instead of comparing with them")


@pytest.fixture
def otlp_sink() -> Iterator[OtlpSink]:
    """An OTLP/HTTP receiver of this test's own, listening."""
    with OtlpSink() as sink:
        yield sink


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that the whole session shares: leave it running."""
    if not redis.installed():
        pytest.skip(NO_REDIS)
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def make_redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., RedisServer]]:
    """Start a Redis of this test's own, to be killed or paused: takes the keywords of `RedisServer`."""
    if not redis.installed():
        pytest.skip(NO_REDIS)
    with ExitStack() as started:

        def make(*, password: str | None = None, options: tuple[str, ...] = ()) -> RedisServer:
            directory = tmp_path_factory.mktemp("redis")
            return started.enter_context(RedisServer(directory, password=password, options=options))

        yield make


@pytest.fixture(scope="session")
def mariadb_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the system tables, installed once a session."""
    if mariadb.missing() is not None:
        pytest.skip(NO_MARIADB)
    return mariadb.install(tmp_path_factory.mktemp("mariadb-template"))


@pytest.fixture(scope="session")
def mariadb_server(tmp_path_factory: pytest.TempPathFactory, mariadb_template: Path) -> Iterator[MariaDbServer]:
    """A MariaDB that the whole session shares: leave it running, and make tables of your own names."""
    with MariaDbServer(tmp_path_factory.mktemp("mariadb"), mariadb_template) as server:
        yield server


@pytest.fixture
def make_mariadb_server(
    tmp_path_factory: pytest.TempPathFactory, mariadb_template: Path
) -> Iterator[Callable[..., MariaDbServer]]:
    """Start a MariaDB of this test's own, to be killed or paused: takes the options of `mariadbd`."""
    with ExitStack() as started:

        def make(*, options: tuple[str, ...] = ()) -> MariaDbServer:
            directory = tmp_path_factory.mktemp("mariadb")
            return started.enter_context(MariaDbServer(directory, mariadb_template, options=options))

        yield make


@pytest.fixture(scope="session")
def promtool() -> Path:
    """The path of promtool."""
    if not PROMTOOL.exists():
        pytest.skip(NO_PROMETHEUS)
    return PROMTOOL


class StartPrometheus(Protocol):
    """What the fixture `start_prometheus` gives: see `Prometheus` for the arguments."""

    def __call__(
        self,
        targets: Sequence[str],
        *,
        protocols: Sequence[str] = (),
        scrape: Sequence[str] = (),
        honor_labels: bool = True,
    ) -> Prometheus:
        """Start a Prometheus and return it when it is ready."""


@pytest.fixture
def start_prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartPrometheus]:
    """Start a Prometheus that scrapes the given targets every second."""
    if not PROMETHEUS.exists():
        pytest.skip(NO_PROMETHEUS)
    with ExitStack() as started:

        def start(
            targets: Sequence[str],
            *,
            protocols: Sequence[str] = (),
            scrape: Sequence[str] = (),
            honor_labels: bool = True,
        ) -> Prometheus:
            directory = tmp_path_factory.mktemp("prometheus")
            made = Prometheus(directory, targets, protocols=protocols, scrape=scrape, honor_labels=honor_labels)
            return started.enter_context(made)

        yield start


class StartCollector(Protocol):
    """What the fixture `make_collector` gives: see `Collector` for the arguments."""

    def __call__(
        self,
        *,
        start: bool = True,
        forward: str | None = None,
        env: Mapping[str, str] | None = None,
        overlay: str | None = None,
    ) -> Collector:
        """Return a Collector of this test's own, ready unless `start` is false."""


@pytest.fixture
def make_collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartCollector]:
    """Start Collectors with options of a test's own."""
    if not COLLECTOR.exists():
        pytest.skip(NO_COLLECTOR)
    with ExitStack() as started:

        def make(
            *,
            start: bool = True,
            forward: str | None = None,
            env: Mapping[str, str] | None = None,
            overlay: str | None = None,
        ) -> Collector:
            made = Collector(tmp_path_factory.mktemp("collector"), forward=forward, env=env, overlay=overlay)
            return started.enter_context(made) if start else made

        yield make


@pytest.fixture
def collector(make_collector: StartCollector) -> Collector:
    """A Collector of this test's own, as it is configured."""
    return make_collector()


@pytest.fixture(scope="module")
def module_collector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A Collector that a module's tests share: each sends as an instance of its own. The module's OVERLAY holds."""
    if not COLLECTOR.exists():
        pytest.skip(NO_COLLECTOR)
    overlay: str | None = getattr(request.module, "OVERLAY", None)
    with Collector(tmp_path_factory.mktemp("collector"), overlay=overlay) as started:
        yield started


@pytest.fixture
def figures() -> Measured:
    """What reaches the global meter provider in this test."""
    return begun_anew()


@pytest.fixture(scope="module")
def stub() -> Iterator[Providers]:
    """A stub of all LLM providers, which a module's tests tell what to answer."""
    with providers() as started:
        yield started


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> Measured:
    """A meter provider of this test's own with the stub's prices, as the start makes it."""
    monkeypatch.setattr(prices, "_in_force", None)
    return Measured({"model_price": prices.weight(Settings.from_environ({"TECHSAPO_PRICES_FILE": str(PRICES)}))})
