"""Errors that are logged: a handler for Python's logging that counts the exceptions which records carry."""

import logging
import re

from app_integration.errors.counting import Severity, count_error

_SEVERITIES: tuple[tuple[int, Severity], ...] = (
    (logging.CRITICAL, "critical"),
    (logging.ERROR, "error"),
    (logging.WARNING, "warning"),
    (logging.NOTSET, "info"),
)
_NOT_OF_A_NAME = re.compile(r"[^a-z0-9._-]+")


class ErrorHandler(logging.Handler):
    """Counts the exception of each record that carries one, by the record's level: `logger.addHandler(ErrorHandler())`.

    `service` is the part of the application; where none is given it is the first part of the logger's name. What was
    counted elsewhere is not counted again.
    """

    def __init__(self, service: str | None = None, level: int = logging.WARNING) -> None:
        super().__init__(level)
        self._service = service

    def emit(self, record: logging.LogRecord) -> None:
        """Count."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            severity = next(severity for level, severity in _SEVERITIES if record.levelno >= level)
            count_error(error, severity=severity, service=self._service or _service_of(record.name))


def _service_of(logger: str) -> str:
    return _NOT_OF_A_NAME.sub("-", logger.partition(".")[0].lower()).strip("-._") or "app"
