"""The page beside opentelemetry-exporter-prometheus: the same figures, fed by the same provider."""

from collections.abc import Iterable, Iterator, Mapping

import pytest
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from prometheus_client import REGISTRY
from prometheus_client import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from telemetry.contract import CONTRACT
from telemetry.engine import MeterProvider
from telemetry.exposition import Page
from telemetry.exposition.syntax import bound
from tests.support import snapshots
from tests.support.recordings import record
from tests.support.snapshots import COST

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

NAMES = tuple({metric.name.removesuffix("_total") for metric in CONTRACT.metrics})


@pytest.fixture
def provider() -> Iterator[MeterProvider]:
    """Our provider with the stock exporter attached, and measurements of every kind."""
    reader = PrometheusMetricReader()
    made = snapshots.provider()
    made.add_metric_reader(reader)
    record(made)
    yield made
    reader.shutdown()


def samples(families: Iterable[Family]) -> Samples:
    """Return the samples of the contract's metrics, `le` as Prometheus stores it however it was spelled."""
    return {
        (sample.name, frozenset(_labels(sample.labels))): sample.value
        for family in families
        for sample in family.samples
        if family.name.startswith(NAMES)
    }


def _labels(labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in labels.items():
        if name == "le":
            yield name, bound(float(value))
        elif not name.startswith("otel_scope_"):  # the stock exporter tells our one scope on each series
            yield name, value


def test_both_pages_show_the_same_series_and_values(provider: MeterProvider) -> None:
    """All names and labels, and each value to the last bit; the cost counter's name apart."""
    stock = samples(REGISTRY.collect())
    page = Page(provider).answer().body.decode()
    # The parser, like the stock exporter, appends `_total` to the cost counter.
    ours = samples(text_string_to_metric_families(page))
    assert ours == stock
    assert len(ours) > 40


def test_only_the_stock_exporter_renames_the_cost_counter(provider: MeterProvider) -> None:
    """On our page its name has no `_total`, there it has one."""
    page = Page(provider).answer().body.decode()
    assert f"# TYPE {COST.name} counter\n{COST.name}{{" in page
    stock = {name for name, _ in samples(REGISTRY.collect())}
    assert f"{COST.name}_total" in stock
    assert COST.name not in stock
