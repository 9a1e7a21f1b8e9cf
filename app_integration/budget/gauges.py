"""The gauges of a process: the figures of its guard."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation, get_meter

from app_integration.budget import process

if TYPE_CHECKING:
    from app_integration.budget.guard import BudgetGuard

_observed: list[MeterProvider | None] = []


def observe(meter_provider: MeterProvider | None) -> None:
    """Have the guards of a meter provider observed: at midnight their figures are 0 without anybody's doing."""
    if any(known is meter_provider for known in _observed):
        return
    _observed.append(meter_provider)
    meter = get_meter("techsapo.budget", meter_provider=meter_provider)
    for name, told, description in (
        ("techsapo.budget.daily_limit", _limit, "The day's budget."),
        ("techsapo.budget.spent_today", _spent, "Spent today in the guard's zone."),
    ):
        meter.create_observable_gauge(name, [_observer(meter_provider, told)], unit="usd", description=description)


def _limit(guard: "BudgetGuard") -> float:
    return guard.limit_usd


def _spent(guard: "BudgetGuard") -> float:
    return guard.spent_today_usd


def _observer(
    meter_provider: MeterProvider | None, told: "Callable[[BudgetGuard], float]"
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observe(_: CallbackOptions) -> Iterable[Observation]:
        # A process has one figure of each: those of the guard that is nearest to its limit.
        guards = [each for each in process.guards() if each.meter_provider is meter_provider and not each.is_closed]
        if guards:
            yield Observation(told(max(guards, key=lambda each: each.share_spent)))

    return observe
