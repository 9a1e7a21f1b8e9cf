"""The wire protocols of the providers."""

from app_integration.simulator.protocols.anthropic import ANTHROPIC
from app_integration.simulator.protocols.gemini import GEMINI
from app_integration.simulator.protocols.openai import OPENAI, OPENROUTER
from app_integration.simulator.protocols.protocol import Json, Protocol, RequestError

__all__ = ["ANTHROPIC", "GEMINI", "OPENAI", "OPENROUTER", "Json", "Protocol", "RequestError"]
