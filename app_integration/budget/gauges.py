"""A guard's figures as gauges."""

import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, Observation, get_meter

from app_integration.budget import process

if TYPE_CHECKING:
    from app_integration.budget.guard import BudgetGuard


def observe(guard: "BudgetGuard") -> None:
    """Have a guard's figures observed for as long as it lives: at midnight they are 0 without anybody's doing."""
    reference = weakref.ref(guard)
    meter = get_meter("techsapo.budget", meter_provider=guard.meter_provider)
    for name, told, description in (
        ("techsapo.budget.daily_limit", _limit, "The day's budget."),
        ("techsapo.budget.spent_today", _spent, "Spent today in the guard's zone."),
    ):
        meter.create_observable_gauge(name, [_observer(reference, told)], unit="usd", description=description)


def _limit(guard: "BudgetGuard") -> float:
    return guard.limit_usd


def _spent(guard: "BudgetGuard") -> float:
    return guard.spent_today_usd


def _observer(
    reference: "weakref.ref[BudgetGuard]", told: "Callable[[BudgetGuard], float]"
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observe(_: CallbackOptions) -> Iterable[Observation]:
        guard = reference()
        if guard is not None and _is_nearest(guard):
            yield Observation(told(guard))

    return observe


def _is_nearest(guard: "BudgetGuard") -> bool:
    """Whether it is open, and no other one nearer to its limit: a process has one figure of each."""
    rivals = [each for each in process.guards() if each.meter_provider is guard.meter_provider and not each.is_closed]
    return max(rivals, key=lambda each: each.share_spent, default=None) is guard
