"""The catalog of all metrics, checked when it is imported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from telemetry.contract import http, llm, pipeline, runtime, security, storage, wallbounce
from telemetry.contract.check import check_editions, check_metrics
from telemetry.contract.model import Editions, Metric, View


@dataclass(frozen=True)
class Contract:
    """A checked set of metrics, and editions of what their instruments are named.

    Raises ContractError, which names the entry, when one of them is wrong.
    """

    metrics: tuple[Metric, ...]
    editions: tuple[Editions, ...] = ()
    by_name: Mapping[str, Metric] = field(init=False, repr=False)
    views_of: Mapping[str, tuple[tuple[Metric, View], ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_metrics(self.metrics)
        check_editions(self.editions, self.metrics)
        views: dict[str, tuple[tuple[Metric, View], ...]] = {}
        for metric in self.metrics:
            for view in metric.views:
                for instrument in view.instruments:
                    views[instrument] = (*views.get(instrument, ()), (metric, view))
        object.__setattr__(self, "by_name", MappingProxyType({metric.name: metric for metric in self.metrics}))
        object.__setattr__(self, "views_of", MappingProxyType(views))


CONTRACT = Contract(
    (
        *wallbounce.METRICS,
        *llm.METRICS,
        *http.METRICS,
        *storage.METRICS,
        *runtime.METRICS,
        *security.METRICS,
        *pipeline.METRICS,
    ),
    editions=llm.EDITIONS,
)
