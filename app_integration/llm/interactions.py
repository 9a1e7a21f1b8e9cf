"""Measures the Interactions API of google-genai, which has a client of its own within the SDK.

Every request that asks for an interaction passes through the method `create` of two generated classes, whatever is
built on it: streams, raw responses, and each request with which the SDK continues a long answer; each of these is paid
for, and is an operation. Its retries are part of one. One in the background is answered later: it has no price here.
"""

import logging
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Final, Protocol, cast
from urllib.parse import urlsplit

from app_integration.llm import stainless
from app_integration.llm.call import Calls
from app_integration.llm.fields import field, text
from app_integration.llm.following import follow
from app_integration.llm.interaction_answers import InteractionAnswer
from app_integration.llm.measuring import measured, measured_async, put
from app_integration.llm.watch import Watch

# Private to the SDK; a test pins it, and the names that are used of it.
MODULE: Final = "google.genai._gaos.interactions"

# In older versions (seen in 1.60) it is a client of the generator that makes those of openai and anthropic.
OLDER: Final = "google.genai._interactions._base_client"

_logger = logging.getLogger(__name__)


class _Configuration(Protocol):
    def get_server_details(self) -> tuple[str, Mapping[str, str]]: ...


def replace(calls: Calls, module: ModuleType) -> Callable[[], None]:
    """Measure every interaction; return what gives back what was there."""

    def begin(*args: object, **kwargs: object) -> Watch | None:
        try:
            return _begin(calls, args[0], kwargs)
        except Exception:  # the SDK says itself what is wrong with a request
            _logger.debug("An interaction of google-genai could not be read", exc_info=True)
            return None

    restores = [
        put({"create": measured(begin, follow, module.Interactions.create)}, module.Interactions),
        put({"create": measured_async(begin, follow, module.AsyncInteractions.create)}, module.AsyncInteractions),
    ]

    def restore() -> None:
        for each in restores:
            each()

    return restore


def replace_older(calls: Calls, module: ModuleType) -> Callable[[], None]:
    """Measure every interaction of the older client; return what gives back what was there."""
    api = stainless.Api(calls, "gcp.gemini", (("/interactions", "generate_content"),), InteractionAnswer)
    return stainless.replace(api, module.SyncAPIClient, module.AsyncAPIClient)


def _begin(calls: Calls, resource: object, asked: dict[str, object]) -> Watch:
    body = field(asked["request"], "body") if asked.get("request") else asked
    agent = text(body, "agent")
    configuration = cast(_Configuration, field(resource, "sdk_configuration"))
    url = urlsplit(configuration.get_server_details()[0])
    provider = "gcp.vertex_ai" if field(field(resource, "_api_client"), "vertexai") else "gcp.gemini"
    call = calls.begin(
        "generate_content" if agent is None else "invoke_agent",
        provider,
        text(body, "model") or agent,
        url.hostname,
        url.port or {"https": 443, "http": 80}.get(url.scheme),
    )
    return Watch(call, InteractionAnswer(text(body, "service_tier")))
