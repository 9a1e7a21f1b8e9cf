"""Which provider a client speaks to: by its class, or as the application says of an address."""

from typing import Final
from urllib.parse import urlsplit

# Clients of the SDKs for other hosts than their makers', by the class' name. Names: the GenAI conventions'.
_HOSTED: Final = {
    "AzureOpenAI": "azure.ai.openai",
    "AsyncAzureOpenAI": "azure.ai.openai",
    "BedrockOpenAI": "aws.bedrock",
    "AsyncBedrockOpenAI": "aws.bedrock",
    "AnthropicBedrock": "aws.bedrock",
    "AsyncAnthropicBedrock": "aws.bedrock",
    "AnthropicBedrockMantle": "aws.bedrock",
    "AsyncAnthropicBedrockMantle": "aws.bedrock",
    "AnthropicVertex": "gcp.vertex_ai",
    "AsyncAnthropicVertex": "gcp.vertex_ai",
    "AnthropicFoundry": "azure.ai.inference",
    "AsyncAnthropicFoundry": "azure.ai.inference",
}
# Addresses that applications name; more are made up as they go.
_MOST_NAMED: Final = 100

_named: dict[str, str] = {}


def name_provider(base_url: str, provider: str) -> None:
    """Have clients with this `base_url` counted under `provider`: a gateway, a proxy or a simulator.

    `https://openrouter.ai/api/v1` needs no name, it is known by its host.

    Raises:
        ValueError: `base_url` has no host.
    """
    if not urlsplit(base_url).hostname:
        msg = f"a provider's address: got {base_url!r}; such as https://gateway.example.com/v1"
        raise ValueError(msg)
    if len(_named) < _MOST_NAMED:
        _named[_key(base_url)] = provider


def provider_of(client: object, base_url: str, default: str) -> str:
    """Return the provider that a client speaks to."""
    return _named.get(_key(base_url)) or _HOSTED.get(type(client).__name__, default)


def _key(base_url: str) -> str:
    return base_url.rstrip("/")
