"""The models that the tests ask for at each provider, and those that answer."""

from dataclasses import dataclass

from tests.support.providers.script import Reply
from tests.support.providers.surface import VERDICT, Surface

# Stands for the model of each provider that has another price, and for its tier that has one; any other name is what
# it says.
ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class Models:
    """Who is asked; the snapshot by whose name it answers; one of another price; who is asked for embeddings.

    `tier` is one with prices of its own.
    """

    asked: str
    snapshot: str
    another: str
    embeds: str
    tier: str


MODELS = {
    "openai": Models("gpt-5", "gpt-5-2025-08-07", "gpt-5-other", "text-embedding-3-small", "flex"),
    "openrouter": Models("openai/gpt-5", "openai/gpt-5", "openai/gpt-5-other", "", ""),
    "anthropic": Models("claude-sonnet-4-20250514", "claude-sonnet-4-20250514", "claude-other", "", "priority"),
    "gcp.gemini": Models("gemini-2.5-pro", "gemini-2.5-pro", "gemini-other", "gemini-embedding-001", "flex"),
}
# By which name of the price file a model is billed that it does not have.
SNAPSHOT_OF = {"gpt-5-2025-08-07": "gpt-5", "claude-sonnet-4-20250514": "claude-sonnet-4"}


def asked_by(surface: Surface) -> str:
    """Return the model that a way to ask is used with."""
    models = MODELS[surface.provider]
    return models.embeds if surface.embeds else models.asked


def fitted(reply: Reply, surface: Surface) -> Reply:
    """Return a reply with what it answers with, and in whose name, at a surface's provider."""
    models = MODELS[surface.provider]
    if reply.model == ANOTHER:
        reply = reply.but(model=models.another)
    elif reply.model is None and not surface.embeds:
        reply = reply.but(model=models.snapshot)
    if reply.tier == ANOTHER:
        reply = reply.but(tier=models.tier)
    return reply.but(text=VERDICT.model_dump_json()) if surface.parses else reply
