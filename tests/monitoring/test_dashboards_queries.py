"""The queries of the dashboards: they parse, and name what the contract and the rules have."""

from collections.abc import Iterator

import pytest

from monitoring.dashboards import UNSHOWN
from telemetry.contract import CONTRACT, MetricType
from tests.conftest import NO_PROMETHEUS
from tests.monitoring import panels
from tests.monitoring.panels import Asked
from tests.monitoring.parsed import Json, parsed, recorded, samples, selected, wrong
from tests.support.prometheus import PROMETHEUS, Prometheus

MACROS = {"__rate_interval": "1m", "__interval": "15s", "__range": "1h"}
ALL = [*panels.asked(), *panels.drawn()]
OVER_COUNTERS = {"rate", "increase"}
# Counters of the programs themselves, of which the contract tells nothing.
THEIR_OWN = ("otelcol_", "prometheus_", "alertmanager_")
OVER_OTHERS = {"sum_over_time", "max_over_time"}


@pytest.fixture(scope="module")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that scrapes nothing."""
    if not PROMETHEUS.exists():
        pytest.skip(NO_PROMETHEUS)
    with Prometheus(tmp_path_factory.mktemp("parser"), []) as prometheus:
        yield prometheus


def tree_of(query: Asked, parser: Prometheus) -> Json:
    """Return what the parser makes of a query."""
    return parsed(parser, panels.sent(query.expr, MACROS))


@pytest.mark.parametrize("query", ALL, ids=str)
def test_a_query_names_what_there_is(query: Asked, parser: Prometheus) -> None:
    """Metrics of the contract, recordings, and labels that those have where they are asked for."""
    assert [] == wrong(tree_of(query, parser))


@pytest.mark.parametrize("query", ALL, ids=str)
def test_a_query_treats_a_series_as_its_type_needs(query: Asked, parser: Prometheus) -> None:
    """What only rises is read as a rate; a rate that is recorded is not rated again."""
    for each in selected(tree_of(query, parser)):
        metric = samples().get(each.name)
        if metric is None:
            assert each.function not in OVER_COUNTERS or each.name.startswith(THEIR_OWN)
        elif metric.type is MetricType.GAUGE:
            assert each.function not in OVER_COUNTERS
        else:
            assert each.function in OVER_COUNTERS


def test_every_metric_is_on_a_panel(parser: Prometheus) -> None:
    """Or it is left out with a reason."""
    names = {each.name for query in panels.asked() for each in selected(tree_of(query, parser))}
    shown = {samples()[sample].name for name in names if (sample := recorded().get(name, name)) in samples()}
    assert set(CONTRACT.by_name) - set(UNSHOWN) == shown


@pytest.mark.parametrize(
    ("expr", "finding"),
    [
        ("sum(rate(techsapo_http_request_total{}[1m]))", "no techsapo_http_request_total"),
        ("sum(job:http_requests:rate3m)", "no job:http_requests:rate3m"),
        ('techsapo_queue_size{queue="x"}', "techsapo_queue_size has no queue"),
        ("sum by (provider) (techsapo_queue_size)", "nothing has provider there"),
        ("sum by (le) (rate(techsapo_http_request_size_bytes_sum[1m]))", "nothing has le there"),
        ("job:llm_requests:rate5m / on (route) job:http_requests:rate5m", "nothing has route there"),
        ("max by (service) (job:budget_left:seconds)", "nothing has service there"),
    ],
)
def test_what_is_not_there_is_found(expr: str, finding: str, parser: Prometheus) -> None:
    """Each kind of mistake that would show an empty panel, or a sum of everything."""
    assert finding in wrong(parsed(parser, expr))


@pytest.mark.parametrize(
    ("chosen", "matcher"),
    [
        ({}, 'provider=~".*"'),
        ({"provider": ("openai",)}, 'provider=~"openai"'),
        ({"provider": ("openai", "gcp.gemini")}, r'provider=~"(openai|gcp\\.gemini)"'),
    ],
)
def test_variables_are_sent_as_grafana_sends_them(chosen: dict[str, tuple[str, ...]], matcher: str) -> None:
    """All of them, one, or several, with what a regular expression would take for its own escaped."""
    assert f"x{{{matcher}}}[1m]" == panels.sent('x{provider=~"$provider"}[$__rate_interval]', MACROS, **chosen)
