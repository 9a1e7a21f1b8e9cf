"""All the ways to ask that the SDKs have."""

from tests.support.providers import anthropic_surfaces, gemini_surfaces, openai_surfaces

SURFACES = (*openai_surfaces.SURFACES, *anthropic_surfaces.SURFACES, *gemini_surfaces.SURFACES)
