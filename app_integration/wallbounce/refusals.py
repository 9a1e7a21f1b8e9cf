"""What an application says of an analysis and cannot be right: said once in the log, counted nowhere, never raised."""

import logging

from telemetry.engine.amounts import exact

_logger = logging.getLogger(__name__)
_said: set[str] = set()


def refuse(what: str, right: str, got: str = "") -> None:
    """Say what was refused, what was got and what would be right, where it was not said before."""
    if what not in _said:
        _said.add(what)
        _logger.warning("%s is refused%s; right is %s. Said once.", what, f": got {got}" if got else "", right)


def share(value: object, what: str) -> float | None:
    """Return a number from 0 to 1, None (said once) for anything else."""
    number = None if isinstance(value, bool) else exact(value)
    if number is not None and 0 <= number <= 1:
        return float(number)
    refuse(what, "a number from 0 to 1", _shown(value, number))
    return None


def _shown(value: object, number: float | None) -> str:
    # A text may be anything, and no log's business.
    if number is None:
        return f"a {type(value).__name__}"
    try:
        return repr(float(number))
    except OverflowError:
        return "a number that no float holds"
