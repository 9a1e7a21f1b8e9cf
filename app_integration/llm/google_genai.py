"""Records the calls of Google's Gen AI SDK: of the Gemini API and of Vertex AI, streams and embeddings included.

Source: OpenTelemetry semantic conventions for generative AI, client metrics.
"""

import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Generator
from types import ModuleType
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from urllib.parse import urlsplit

from opentelemetry.metrics import MeterProvider

from app_integration.instrumentor import Instrumentor, WhenImported
from app_integration.llm import contrib, interactions
from app_integration.llm.call import Calls
from app_integration.llm.following import WatchedAsync, watched
from app_integration.llm.google_answers import Answer, asked_tier, operation_of
from app_integration.llm.measuring import measured, measured_async, put
from app_integration.llm.usage import Usage
from app_integration.llm.watch import Watch

if TYPE_CHECKING:
    from google.genai._api_client import BaseApiClient

P = ParamSpec("P")
R = TypeVar("R")

_PORTS = {"https": 443, "http": 80}

_logger = logging.getLogger(__name__)


class GoogleGenAiInstrumentor(Instrumentor):
    """Instruments google-genai at its API clients, through which every request passes, whoever made it.

    An operation is a request that asks a model to answer: `generate_content` (chats send these, too), `embed_content`
    and `interactions.create`. The SDK's retries are part of it; each request that automatic function calling sends, or
    a continuation, is one. What the SDK returns and raises stays what it is.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Packages without which there is nothing to instrument."""
        return ("google-genai >= 1.60",)

    def _instrument(self, *, meter_provider: MeterProvider | None = None, **_: object) -> None:
        calls = Calls(meter_provider)

        def replace(module: ModuleType) -> Callable[[], None]:
            return _replace(calls, module.BaseApiClient)

        self._replaced = (
            WhenImported("google.genai._api_client", contrib.ignored_by(replace, contrib.GOOGLE_GENAI, meter_provider)),
            WhenImported(interactions.MODULE, lambda module: interactions.replace(calls, module)),
            WhenImported(interactions.OLDER, lambda module: interactions.replace_older(calls, module)),
        )

    def _uninstrument(self, **_: object) -> None:
        for each in self._replaced:
            each.undo()


def _replace(calls: Calls, client: type["BaseApiClient"]) -> Callable[[], None]:
    def begin(*args: object, **kwargs: object) -> Watch | None:
        return _begun(calls, *args, **kwargs)

    return put(
        {
            "request": measured(begin, _saw, client.request),
            "async_request": measured_async(begin, _saw, client.async_request),
            "request_streamed": _measured_stream(calls, client.request_streamed),
            "async_request_streamed": _measured_async_stream(calls, client.async_request_streamed),
        },
        client,
    )


class _Parts:
    """An answer of the SDK, read part by part: each has a body of JSON and headers."""

    def __init__(self, tier: str | None) -> None:
        self._answer = Answer(tier)
        self.error_type: str | None = None

    @property
    def model(self) -> str | None:
        """The model that answered."""
        return self._answer.model

    @property
    def usage(self) -> Usage | None:
        """The tokens that were told."""
        return self._answer.usage

    def read(self, part: object) -> None:
        """Read one part; what is no JSON the SDK reads next, and raises the same to the application."""
        try:
            self._answer.read(getattr(part, "body", None), getattr(part, "headers", None))
        except ValueError as error:
            self.error_type = type(error).__qualname__


def _begin(
    calls: Calls,
    client: object = None,
    http_method: object = None,  # noqa: ARG001  # as the SDK's methods name and order them
    path: str = "",
    request_dict: dict[str, object] | None = None,
    http_options: object = None,
) -> Watch | None:
    request = request_dict or {}
    if (found := operation_of(path, request)) is None:
        return None
    operation, model = found
    provider = "gcp.vertex_ai" if getattr(client, "vertexai", False) else "gcp.gemini"
    url = urlsplit(_base_url(http_options) or _base_url(getattr(client, "_http_options", None)) or "")
    port = url.port or _PORTS.get(url.scheme)
    return Watch(calls.begin(operation, provider, model, url.hostname, port), _Parts(asked_tier(request)))


def _base_url(options: object) -> str | None:
    url = options.get("base_url") if isinstance(options, dict) else getattr(options, "base_url", None)
    return url if isinstance(url, str) else None


def _begun(calls: Calls, *args: object, **kwargs: object) -> Watch | None:
    try:
        return _begin(calls, *args, **kwargs)  # type: ignore[arg-type]  # the SDK's arguments, whatever it was given
    except Exception:  # the SDK says itself what is wrong with them
        _logger.debug("A request of google-genai could not be read", exc_info=True)
        return None


def _saw(watch: Watch, response: object) -> None:
    watch.saw(response)
    watch.end()


def _measured_stream(
    calls: Calls, original: Callable[P, Generator[R, None, None]]
) -> Callable[P, Generator[R, None, None]]:
    @functools.wraps(original)
    def request_streamed(*args: P.args, **kwargs: P.kwargs) -> Generator[R, None, None]:
        watch = _begun(calls, *args, **kwargs)
        parts = original(*args, **kwargs)
        yield from parts if watch is None else watched(watch, parts)

    return request_streamed


def _measured_async_stream(
    calls: Calls, original: Callable[P, Awaitable[AsyncIterator[R]]]
) -> Callable[P, Awaitable[AsyncIterator[R]]]:
    @functools.wraps(original)
    async def async_request_streamed(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[R]:
        if (watch := _begun(calls, *args, **kwargs)) is None:
            return await original(*args, **kwargs)
        try:
            parts = await original(*args, **kwargs)
        except BaseException as error:
            watch.end(error)
            raise
        return WatchedAsync(watch, parts)

    return async_request_streamed
