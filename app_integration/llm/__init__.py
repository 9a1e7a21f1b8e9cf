"""Calls of LLM providers: OpenAI, Anthropic, Google and OpenRouter through their own SDKs, and what they cost."""

from app_integration.llm.anthropic import AnthropicInstrumentor
from app_integration.llm.google_genai import GoogleGenAiInstrumentor
from app_integration.llm.naming import name_provider
from app_integration.llm.openai import OpenAiInstrumentor

__all__ = ["AnthropicInstrumentor", "GoogleGenAiInstrumentor", "OpenAiInstrumentor", "name_provider"]
