"""How a provider's part in an analysis ended."""

from collections.abc import Callable
from types import TracebackType
from typing import Final, Literal, cast, get_args

from app_integration.llm.errors import status_of

Status = Literal["success", "error", "timeout", "rate_limited", "other"]

STATUSES: Final[tuple[Status, ...]] = get_args(Status)


class Participation:
    """A `with` block around a provider's part; `tell` is told the status that its end means."""

    __slots__ = ("_tell",)

    def __init__(self, tell: Callable[[Status], None]) -> None:
        self._tell = tell

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End. An exception goes on its way."""
        self._tell(outcome_of(error))


def outcome_of(error: BaseException | None) -> Status:
    """Return the status of a block that ended so.

    What is no `Exception` says nothing of the provider: the application broke off (a cancelled task, a closed
    generator, an interrupt). Of a group's errors all say the same, those aside, or it is an `error`.
    """
    if isinstance(error, BaseExceptionGroup):
        outcomes = {outcome_of(each) for each in error.exceptions}
        if len(outcomes) > 1:
            outcomes.discard("other")
        return outcomes.pop() if len(outcomes) == 1 else "error"
    if error is not None and not isinstance(error, Exception):
        return "other"
    try:
        return cast("Status", status_of(error))
    except Exception:  # noqa: BLE001  # an error whose own attributes raise is one nevertheless
        return "error"
