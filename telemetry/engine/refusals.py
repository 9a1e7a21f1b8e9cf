"""What the engine refuses: said once, then only counted."""

import contextlib
import logging
import threading

_logger = logging.getLogger("telemetry")

# Reasons times instruments of the contract stay far below this; beyond it a defect would fill memory.
_MAX_KINDS = 1_000


class Refusals:
    """Counts refusals by reason and instrument. Never raises, never keeps an attribute's value."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._counts: dict[tuple[str, str], int] = {}

    def count(self, reason: str, instrument: str, advice: str) -> None:
        """Count one refusal; the first of its kind is logged with what would be right."""
        key = (reason, instrument)
        with self._lock:
            first = key not in self._counts
            if first and len(self._counts) >= _MAX_KINDS:
                return
            self._counts[key] = self._counts.get(key, 0) + 1
        if first:
            say("%s: %s; %s. Said once, counted from here on.", instrument, reason, advice)

    def counts(self) -> dict[tuple[str, str], int]:
        """How often each (reason, instrument) was refused."""
        with self._lock:
            return dict(self._counts)

    def renew_lock(self) -> None:
        """Replace the lock: after a fork another thread of the parent may hold it for ever."""
        self._lock = threading.RLock()


def say(message: str, *arguments: object) -> None:
    """Log a warning; a logging set-up that raises must not reach the application."""
    with contextlib.suppress(Exception):  # an application's broken log handler is not telemetry's to report
        _logger.warning(message, *arguments)
