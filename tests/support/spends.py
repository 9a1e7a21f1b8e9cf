"""Calls that cost something, without an SDK."""

from opentelemetry import context

from app_integration import spending


def spend(picodollars: int) -> None:
    """Tell of a call that ends now and began in the current context."""
    spending.tell(spending.Spent(picodollars, "openai", "gpt-5", context.get_current()))
