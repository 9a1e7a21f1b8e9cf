"""Where an analysis holds: the part of OpenTelemetry's context that says so, and how it is given back.

A context is a stack only as long as blocks end in the order, the thread and the task that they began in. Generators do
not keep to it: two that take turns end crosswise, and one that is left open ends wherever it is collected. An analysis
that ends so is passed over by the next that begins or ends.
"""

from collections.abc import Hashable
from contextvars import ContextVar, Token
from typing import Final

from opentelemetry import context
from opentelemetry.context import Context, get_value, set_value

from app_integration import spending
from app_integration.exact_sum import ExactSum
from telemetry.context import TASK_TYPE_KEY

_here: ContextVar["Scope | None"] = ContextVar("techsapo_analysis", default=None)


class Scope:
    """One `with` block of an analysis: an account in the context, and what is around it.

    Attributes:
        analysis: what tells the scopes of one analysis from those of another.
        around: the context that it began in.
        costs: the sums of its analysis and of those around it, each once.
        other: an account around them that is no analysis'.
        is_in_vain: its end could not reach the context that it is still in.
    """

    def __init__(self, analysis: Hashable, task_type: str, cost: ExactSum) -> None:
        self.analysis: Final = analysis
        self.is_in_vain = False
        self.around: Final = _without_those_in_vain(context.get_current())
        outer = spending.account_of(self.around)
        self.costs: tuple[ExactSum, ...] = (cost,)
        self.other = outer
        if isinstance(outer, Scope):
            self.costs += tuple(other for other in outer.costs if other is not cost)
            self.other = outer.other
        self._token: Token[Scope | None] = _here.set(self)
        context.attach(spending.on_account_of(self, set_value(TASK_TYPE_KEY, task_type, self.around)))

    def __call__(self, spent: spending.Spent) -> None:
        """Put a call to the account of this analysis and of those around it."""
        for cost in self.costs:
            cost.add(spent.picodollars)
        if self.other is not None:
            self.other(spent)

    def end(self) -> bool:
        """Give back the context; return whether this is the thread and the task in which it began."""
        try:
            _here.reset(self._token)
            is_at_home = True
        except (ValueError, RuntimeError):
            is_at_home = False
        is_innermost = spending.account_of(context.get_current()) is self
        if is_innermost:
            context.attach(_without_those_in_vain(self.around))
        self.is_in_vain = not (is_at_home and is_innermost)
        return is_at_home


def scope_here(analysis: Hashable) -> Scope | None:
    """Return the innermost scope of the current context if it is one of this analysis'."""
    account = spending.account_of(context.get_current())
    return account if isinstance(account, Scope) and account.analysis is analysis else None


def _without_those_in_vain(here: Context) -> Context:
    while isinstance(account := spending.account_of(here), Scope) and account.is_in_vain:
        around = account.around
        here = spending.on_account_of(spending.account_of(around), here)
        here = set_value(TASK_TYPE_KEY, get_value(TASK_TYPE_KEY, around), here)
    return here
