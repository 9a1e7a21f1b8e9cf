"""The page as a real Prometheus sees it, in each format that both speak."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry.contract import CONTRACT, MetricType
from telemetry.engine import MeterProvider
from telemetry.exposition import PageServer
from telemetry.exposition.syntax import bound
from tests.conftest import StartPrometheus
from tests.support import ports, snapshots, wait
from tests.support.certificates import Authority
from tests.support.prometheus import Prometheus
from tests.support.recordings import record
from tests.support.snapshots import COST, Fixed, every_metric

DEFAULT: tuple[str, ...] = ()  # protobuf first, since start timestamps are asked for
PROTOBUF = ("PrometheusProto",)
OPENMETRICS = ("OpenMetricsText1.0.0",)
TEXT = ("PrometheusText0.0.4",)

# Everything that Prometheus itself says of a target.
ITS_OWN = {
    "up",
    "scrape_duration_seconds",
    "scrape_samples_post_metric_relabeling",
    "scrape_samples_scraped",
    "scrape_series_added",
}

Labels = frozenset[tuple[str, str]]


@pytest.fixture
def provider() -> MeterProvider:
    """An engine that has measured things of every kind."""
    made = snapshots.provider()
    record(made)
    return made


@pytest.fixture
def page(provider: MeterProvider) -> Iterator[PageServer]:
    """The engine's page, served."""
    served = PageServer(provider, ports.LOOPBACK, 0, service_version="1.2.3")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def every_metric_page() -> Iterator[PageServer]:
    """A page that has every metric of the contract."""
    served = PageServer(Fixed(every_metric()), ports.LOOPBACK, 0, service_version="1.2.3")
    served.start()
    yield served
    served.stop()


def target(page: PageServer) -> str:
    """Return a page's address as Prometheus takes it."""
    return f"{page.address[0]}:{page.address[1]}"


def scraped(prometheus: Prometheus) -> Prometheus:
    """Wait until a Prometheus has the page."""
    wait.until(lambda: prometheus.value("techsapo_telemetry_dropped_instruments") is not None, 30, "the first scrape")
    return prometheus


def series(prometheus: Prometheus) -> set[Labels]:
    """Return all series but Prometheus' own, without the target's labels."""
    return {
        frozenset((name, value) for name, value in labels.items() if name not in {"job", "instance"})
        for labels in prometheus.series('{job="app"}')
        if labels["__name__"] not in ITS_OWN
    }


def expected_series() -> set[Labels]:
    """Return the series of `every_metric`, as Prometheus has to see them."""
    expected = {frozenset({"__name__": "target_info", "service_version": "1.2.3"}.items())}
    for taken in every_metric():
        metric = taken.metric
        for each, _ in taken.points:
            labels = dict(zip(metric.label_names, each.labels, strict=True))
            if metric.type is not MetricType.HISTOGRAM:
                expected.add(frozenset({"__name__": metric.name, **labels}.items()))
                continue
            for le in [*map(bound, metric.boundaries), "+Inf"]:
                expected.add(frozenset({"__name__": f"{metric.name}_bucket", "le": le, **labels}.items()))
            for suffix in ("_sum", "_count"):
                expected.add(frozenset({"__name__": f"{metric.name}{suffix}", **labels}.items()))
    return expected


@pytest.mark.parametrize("protocols", [DEFAULT, PROTOBUF, OPENMETRICS, TEXT])
def test_prometheus_sees_the_contracts_series_in_every_format(
    protocols: tuple[str, ...], every_metric_page: PageServer, start_prometheus: StartPrometheus
) -> None:
    """Names, labels and bounds exactly, nothing beside them, and the types that the contract gives."""
    prometheus = scraped(start_prometheus([target(every_metric_page)], protocols=protocols))
    assert expected_series() == series(prometheus)
    # OpenMetrics declares a counter without its `_total`.
    cut = "_total" if protocols == OPENMETRICS else ""
    for metric in CONTRACT.metrics:
        declared = metric.name.removesuffix(cut) if metric.type is MetricType.COUNTER else metric.name
        assert metric.type.value == prometheus.metric_type(declared)


@pytest.mark.parametrize("protocols", [DEFAULT, PROTOBUF, OPENMETRICS, TEXT])
def test_prometheus_takes_the_cost_counter_as_a_counter_under_its_name(
    protocols: tuple[str, ...], page: PageServer, start_prometheus: StartPrometheus
) -> None:
    """`techsapo_wallbounce_cost_usd`, of type counter, without `_total`: in each format."""
    prometheus = scraped(start_prometheus([target(page)], protocols=protocols))
    (cost,) = prometheus.query(COST.name)
    assert cost.value == pytest.approx(1.234)
    assert prometheus.metric_type(COST.name) == "counter"
    assert prometheus.series(f"{COST.name}_total") == []
    assert prometheus.metric_type(f"{COST.name}_total") is None


@pytest.mark.parametrize(("protocols", "increase"), [(DEFAULT, 5), (PROTOBUF, 5), (OPENMETRICS, 5), (TEXT, 0)])
def test_a_counter_that_is_born_at_5_has_increased_by_5(
    protocols: tuple[str, ...],
    increase: int,
    provider: MeterProvider,
    page: PageServer,
    start_prometheus: StartPrometheus,
) -> None:
    """Where the format has start timestamps; the text format has none, and loses what a series is born with."""
    prometheus = scraped(start_prometheus([target(page)], protocols=protocols))
    provider.get_meter("tests").create_counter("techsapo.redis.connection.failures").add(5)
    name = "techsapo_redis_connection_failures_total"
    wait.until(lambda: prometheus.value(f"count_over_time({name}[1m])"), 30, "the scrape of the new series")
    scrapes = 3 if increase else 2
    wait.until(lambda: (prometheus.value(f"count_over_time({name}[1m])") or 0) >= scrapes, 30, "another scrape of it")
    assert prometheus.value(name) == 5
    assert prometheus.value(f"increase({name}[1m] anchored)") == increase


def test_a_prometheus_without_start_timestamps_stores_no_created_series(
    every_metric_page: PageServer, tmp_path: Path, start_prometheus: StartPrometheus
) -> None:
    """It asks for OpenMetrics first, and would take each `_created` for a metric of its own."""
    del start_prometheus  # skips where there is no Prometheus
    prometheus = Prometheus(tmp_path, [target(every_metric_page)])
    prometheus.command.remove("--enable-feature=created-timestamp-zero-ingestion")
    with prometheus:
        assert expected_series() == series(scraped(prometheus))
        assert prometheus.metric_type(COST.name) == "counter"


def test_prometheus_scrapes_over_tls_with_its_certificate(
    provider: MeterProvider, tmp_path: Path, start_prometheus: StartPrometheus
) -> None:
    """With the certificate that is asked for it gets the page, without it the target is down."""
    authority = Authority(tmp_path, "authority")
    own, scraper = authority.issue("page"), authority.issue("prometheus")
    page = PageServer(
        provider,
        ports.LOOPBACK,
        0,
        certificate=own.certificate,
        key=own.key,
        client_ca=authority.certificate,
    )
    page.start()
    tls = ["scheme: https", "tls_config:", f"  ca_file: {authority.certificate}"]
    with_certificate = [*tls, f"  cert_file: {scraper.certificate}", f"  key_file: {scraper.key}"]
    admitted = scraped(start_prometheus([target(page)], scrape=with_certificate))
    assert admitted.targets_up() == 1
    refused = start_prometheus([target(page)], scrape=tls)
    wait.until(lambda: refused.value("up") == 0, 30, "the failed scrape")
    assert refused.value("techsapo_telemetry_dropped_instruments") is None
    page.stop()
