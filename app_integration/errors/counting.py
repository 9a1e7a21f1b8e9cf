"""One count an error: who sees it first counts it, whoever sees it afterwards finds its mark."""

import threading
from collections import OrderedDict
from typing import Final, Literal

from opentelemetry.metrics import get_meter

Severity = Literal["critical", "error", "warning", "info"]

_MARK: Final = "_techsapo_counted"
# Errors that take no mark are remembered themselves: so many, for as long as others come after them.
_MOST_REMEMBERED: Final = 100
# A chain of causes is followed so far; longer ones are made, not met.
_LONGEST_CHAIN: Final = 50

_errors = get_meter("techsapo.errors").create_counter(
    "techsapo.errors", unit="{error}", description="Errors, each counted once."
)

_lock = threading.RLock()
_remembered: OrderedDict[int, BaseException] = OrderedDict()


def count_error(error: BaseException, *, severity: Severity = "error", service: str = "app") -> bool:
    """Count an error where it is dealt with, by its class; return whether it was counted now.

    An error that was raised `from` a counted one is the same error in other words. One that was raised while another
    was handled, without `from`, is a second one: the first may have been dealt with. Of a group each member that is
    no group counts. `service` is the part of the application, a name in lower case. Never raises.
    """
    counted = False
    for leaf in _leaves(error):
        with _lock:
            if _is_counted(leaf):
                continue
            _remember(leaf)
        _errors.add(1, {"error.type": type(leaf).__name__, "severity": severity, "service": service})
        counted = True
    if isinstance(error, BaseExceptionGroup):
        with _lock:
            _remember(error)  # what is raised from it has been counted as well
    return counted


def _leaves(error: BaseException) -> list[BaseException]:
    """Return the error, or the members of a group, of groups in it too."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    waiting: list[BaseException] = [error]
    leaves = []
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
        else:
            leaves.append(each)
    return leaves


def _is_counted(error: BaseException) -> bool:
    each: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if each is None:
            return False
        if getattr(each, _MARK, False) is True or _remembered.get(id(each)) is each:
            return True
        each = each.__cause__
    return False


def _remember(error: BaseException) -> None:
    try:
        setattr(error, _MARK, True)
    except Exception:  # noqa: BLE001  # a class may forbid it, by __slots__ or by its __setattr__
        _remembered[id(error)] = error
        while len(_remembered) > _MOST_REMEMBERED:
            _remembered.popitem(last=False)
