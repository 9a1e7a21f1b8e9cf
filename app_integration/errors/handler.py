"""Errors that are logged: a handler for Python's logging that counts the exceptions which records carry."""

import logging
import re
from typing import Final

from app_integration.errors.counting import Severity, count_error

_SEVERITIES: Final[tuple[tuple[int, Severity], ...]] = (
    (logging.CRITICAL, "critical"),
    (logging.ERROR, "error"),
    (logging.WARNING, "warning"),
)
_NOT_OF_A_NAME: Final = re.compile(r"[^a-z0-9._-]+")
_LONGEST_NAME: Final = 64  # as the contract's names are


class ErrorHandler(logging.Handler):
    """Counts the exception of each record that carries one, by the record's level: `logger.addHandler(ErrorHandler())`.

    `service` is the part of the application; where none is given it is the first part of the logger's name. What was
    counted elsewhere is not counted again. Behind a `QueueHandler` there are no exceptions any more: add it before.
    """

    def __init__(self, service: str | None = None, level: int = logging.WARNING) -> None:
        super().__init__(level)
        self._service = service

    def emit(self, record: logging.LogRecord) -> None:
        """Count. A record that somebody made by hand may carry anything."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) and len(record.exc_info) > 1 else None
        if isinstance(error, BaseException):
            service = self._service or _service_of(str(record.name))
            count_error(error, severity=_severity_of(record.levelno), service=service)


def _severity_of(level: int) -> Severity:
    return next((severity for least, severity in _SEVERITIES if level >= least), "info")


def _service_of(logger: str) -> str:
    name = _NOT_OF_A_NAME.sub("-", logger.partition(".")[0].lower())
    return name.lstrip("-._")[:_LONGEST_NAME].rstrip("-._") or "app"
