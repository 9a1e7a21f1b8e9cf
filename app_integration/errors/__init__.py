"""Errors, each counted once, however many layers see it."""

from app_integration.errors.counting import Severity, count_error, is_counted
from app_integration.errors.handler import ErrorHandler
from app_integration.errors.instrumentor import ErrorsInstrumentor

__all__ = ["ErrorHandler", "ErrorsInstrumentor", "Severity", "count_error", "is_counted"]
