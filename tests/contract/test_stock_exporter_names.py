"""What the stock Prometheus exporter makes of the contract's names: the documents and `doctor` tell it."""

from collections.abc import Mapping

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import Meter
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry

from telemetry.contract import CONTRACT, Metric, View
from telemetry.engine import MeterProvider, Weight
from telemetry.engine.kinds import Kind


def record(meter: Meter, instrument: str, kind: Kind, attributes: Mapping[str, str]) -> None:
    """Record 1 by an instrument of a synchronous kind."""
    match kind:
        case Kind.COUNTER:
            meter.create_counter(instrument).add(1, attributes)
        case Kind.HISTOGRAM:
            meter.create_histogram(instrument).record(1, attributes)
        case _:
            meter.create_gauge(instrument).set(1, attributes)


def kind_for(views: tuple[tuple[Metric, View], ...]) -> Kind:
    """Return a synchronous kind that feeds all views on an instrument."""
    kinds = (Kind.COUNTER, Kind.HISTOGRAM, Kind.GAUGE)
    return next(kind for kind in kinds if all(kind.feeds(metric, view) for metric, view in views))


def selected_by(view: View) -> dict[str, str]:
    """Return attributes that a view's conditions want."""
    return {name: values[0] for name, values in view.where.items()}


def test_only_the_cost_counter_is_renamed() -> None:
    """The stock exporter appends `_total` to the one counter that has none, and keeps every other name."""

    def price(values: Mapping[str, object]) -> float | None:
        return 2.0 if values["gen_ai.request.model"] == "gpt-5" else None

    weights = {"model_price": Weight(("gen_ai.request.model",), price)}
    provider = MeterProvider(CONTRACT, resource=Resource({}), salt=b"a salt of tests.", weights=weights)
    registry = CollectorRegistry()
    provider.add_metric_reader(
        PrometheusMetricReader(disable_target_info=True, scope_info_enabled=False, registry=registry)
    )
    meter = provider.get_meter("tests")
    for instrument, views in CONTRACT.views_of.items():
        for _, view in views:
            for model in ("gpt-5", "unpriced"):
                attributes = {**selected_by(view), "gen_ai.request.model": model}
                record(meter, instrument, kind_for(views), attributes)
    meter.create_counter("techsapo.telemetry.overflow").add(1, {"metric": "techsapo_errors_total"})
    suffixes = {"counter": "_total"}
    shown = {family.name + suffixes.get(family.type, "") for family in registry.collect()}
    assert {"techsapo_wallbounce_cost_usd_total"} == shown - set(CONTRACT.by_name)
    assert {"techsapo_wallbounce_cost_usd"} == set(CONTRACT.by_name) - shown
