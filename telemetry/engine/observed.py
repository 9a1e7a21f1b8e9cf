"""Observations: what the callbacks of asynchronous instruments tell in one collection."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from telemetry.engine.editions import Gate
from telemetry.engine.one_hot import excluded
from telemetry.engine.plan import Operation, Plan
from telemetry.engine.record import accepted
from telemetry.engine.refusals import Refusals
from telemetry.engine.series import Labels, Number, Series, combined

_NOTHING: Mapping[Series, Number] = MappingProxyType({})


class Observed:
    """The values that one collection has observed, by metric and series. Nothing of it outlives the collection."""

    def __init__(self, refusals: Refusals, resolved: Callable[[Sequence[str]], None]) -> None:
        self._refusals = refusals
        self._resolved = resolved
        self._values: defaultdict[str, dict[Series, Number]] = defaultdict(dict)

    def of(self, metric: str) -> Mapping[Series, Number]:
        """Values of a metric by its series."""
        return self._values.get(metric, _NOTHING)

    def add(self, plan: Plan, observation: object, gate: Gate | None = None) -> None:
        """Add an observation through every view of a plan; one that cannot be read is refused."""
        try:
            if gate is None or gate.admits(getattr(observation, "attributes", None)):
                self._add(plan, observation)
        except Exception:  # noqa: BLE001  # a callback may return objects of any kind
            self._refusals.count("an observation that cannot be read", plan.instrument, "return Observations")

    def _add(self, plan: Plan, observation: object) -> None:
        amount = accepted(getattr(observation, "value", None), plan, self._refusals)
        if amount is None:
            return
        raw = plan.raw(getattr(observation, "attributes", None), getattr(observation, "context", None))
        for operation in plan.operations:
            factor = plan.factor(operation, raw)
            labels = operation.labels(raw) if factor is not None else None
            if factor is not None and labels is not None:
                self._keep(operation, labels, amount * factor)

    def _keep(self, operation: Operation, labels: Labels, amount: Number) -> None:
        metric, table = operation.metric, operation.table
        values = self._values[metric.name]
        series, limited = table.find(labels)
        if limited:
            self._resolved((metric.name,))
        values[series] = combined(metric.combine, (values[series], amount)) if series in values else amount
        if metric.one_hot is not None and amount:
            for labels_excluded in excluded(metric, labels):
                values.setdefault(table.find(labels_excluded)[0], 0)
