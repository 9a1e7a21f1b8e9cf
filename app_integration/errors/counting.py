"""One count an error: who sees it first counts it, whoever sees it afterwards finds its mark."""

import asyncio
import concurrent.futures
from collections.abc import Iterator
from typing import Final, Literal

from opentelemetry.metrics import get_meter

from app_integration.errors import marks
from app_integration.errors.marks import is_marked, mark

Severity = Literal["critical", "error", "warning", "info"]

# What ends a program, a generator or a task on purpose.
_NO_ERRORS: Final = (
    KeyboardInterrupt,
    SystemExit,
    GeneratorExit,
    asyncio.CancelledError,
    concurrent.futures.CancelledError,
)
# A chain of causes is followed so far; longer ones are made, not met.
_LONGEST_CHAIN: Final = 50

_errors = get_meter("techsapo.errors").create_counter(
    "techsapo.errors", unit="{error}", description="Errors, each counted once."
)


def count_error(error: BaseException, *, severity: Severity = "error", service: str = "app") -> bool:
    """Count an error where it is dealt with, by its class; return whether it was counted now.

    An object is one error: raised again, logged, seen in another thread or as a copy it is counted already. So is what
    is raised `from` it, in whichever order they are seen: the same error in other words. One that is raised while
    another is handled, without `from`, is a second one: the first may have been dealt with, and Python sets
    `__context__` even where the two have nothing to do with each other. Of a group each member that is no group counts.
    Cancellations, `KeyboardInterrupt` and `SystemExit` are no errors. `service` is the part of the application, a name
    in lower case. Never raises.
    """
    try:
        # All of them, whatever the first one comes to.
        return sum(_count(each, severity, service) for each in _members(error)) > 0
    except Exception:  # noqa: BLE001  # an error's class may do anything in what is read of it here
        return False


def is_counted(error: BaseException) -> bool:
    """Tell whether an error has been counted, or one that it was raised from. Never raises."""
    try:
        with marks.lock:
            return any(map(_is_marked, _chain(error)))
    except Exception:  # noqa: BLE001  # as above
        return False


def _count(error: BaseException, severity: Severity, service: str) -> bool:
    if isinstance(error, _NO_ERRORS):
        return False
    with marks.lock:
        chain = list(_chain(error))
        if not chain or any(map(_is_marked, chain)):
            return False
        for each in chain:
            for member in _members(each):
                mark(member)
    _errors.add(1, {"error.type": type(error).__name__, "severity": severity, "service": service})
    return True


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Return the error, what it was raised from, what that was raised from, and so on."""
    each: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if each is None:
            return
        yield each
        each = each.__cause__


def _is_marked(error: BaseException) -> bool:
    errors = [member for member in _members(error) if not isinstance(member, _NO_ERRORS)]
    return bool(errors) and all(map(is_marked, errors))


def _members(error: BaseException) -> list[BaseException]:
    """Return the error, or the members of a group and of groups in it, in their order."""
    waiting, members = [error], list[BaseException]()
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseExceptionGroup):
            waiting += reversed(each.exceptions)
        else:
            members.append(each)
    return members
