"""Stub servers that speak the wire protocols of the LLM providers, faults included."""

from tests.support.providers.script import ORDINARY, PRICES, Asked, Reply, Tokens
from tests.support.providers.server import Providers, providers

__all__ = ["ORDINARY", "PRICES", "Asked", "Providers", "Reply", "Tokens", "providers"]
