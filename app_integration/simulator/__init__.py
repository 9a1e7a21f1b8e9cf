"""Simulated providers that the real SDKs speak to: `python -m app_integration.simulator --port 9500`.

OpenAI's Chat Completions, OpenRouter's, Anthropic's Messages and Gemini's generateContent, whole and streamed, with
settable latency, failures and disagreement. What they answer can be computed again, what they served is told exactly.
"""

from app_integration.simulator.behaviour import PROVIDERS, Behaviour, BehaviourError, behaviours
from app_integration.simulator.prompts import Prompt, Reply
from app_integration.simulator.simulator import SNAPSHOTS, UNPRICED_MODEL, Simulator
from app_integration.simulator.thread import running
from app_integration.simulator.verdicts import tokens, verdict

__all__ = [
    "PROVIDERS",
    "SNAPSHOTS",
    "UNPRICED_MODEL",
    "Behaviour",
    "BehaviourError",
    "Prompt",
    "Reply",
    "Simulator",
    "behaviours",
    "running",
    "tokens",
    "verdict",
]
