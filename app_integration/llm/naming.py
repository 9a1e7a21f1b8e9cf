"""Which provider a client speaks to: by its class, or as the application says of an address."""

import logging
import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

# Clients for clouds that host models and bill for them, by the class' name. Names: the GenAI conventions', and those
# that Anthropic's SDK gives its own clients; its clients for AWS, Foundry and Google Cloud are `anthropic` to it.
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
}
# Addresses that applications name; more are made up as they go.
_MOST_NAMED: Final = 100
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

_logger = logging.getLogger(__name__)

_named: dict[str, str] = {}


def name_provider(base_url: str, provider: str) -> None:
    """Have clients with this `base_url` counted under `provider`: a gateway, a proxy or a simulator.

    `https://openrouter.ai/api/v1` needs no name, it is known by its host.

    Raises:
        ValueError: `base_url` has no host. A password within it is in no message and in no log.
    """
    if not _has_host(base_url):
        msg = f"a provider's address: got {_shown(base_url)!r}; such as https://gateway.example.com/v1"
        raise ValueError(msg)
    if _key(base_url) in _named or len(_named) < _MOST_NAMED:
        _named[_key(base_url)] = provider
    else:
        _logger.warning("More than %d addresses of providers are named; %s is not taken", _MOST_NAMED, _shown(base_url))


def provider_of(client: object, base_url: str, default: str) -> str:
    """Return the provider that a client speaks to, an application's own subclasses included."""
    if (named := _named.get(_key(base_url))) is not None:
        return named
    return next((_HOSTED[kind.__name__] for kind in type(client).__mro__ if kind.__name__ in _HOSTED), default)


def _has_host(base_url: str) -> bool:
    try:
        parts = urlsplit(base_url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # urllib's message quotes what may be a part of a password
        return False


def _shown(base_url: str) -> str:
    """Return an address without what may be secret in it: user, password and query."""
    scheme = _SCHEME.match(base_url)
    user, at, rest = base_url[scheme.end() if scheme else 0 :].rpartition("@")
    return f"{scheme[0] if scheme else ''}{'***@' if user or at else ''}{rest.partition('?')[0].partition('#')[0]}"


@lru_cache(maxsize=256)  # asked at every call, of the few addresses that a process has clients for
def _key(base_url: str) -> str:
    """Return an address as others write it, too: the port told or not, in any case, with a slash at the end or not."""
    parts = urlsplit(base_url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}{parts.path.rstrip('/')}"
