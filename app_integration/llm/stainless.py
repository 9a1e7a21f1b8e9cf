"""The SDKs of OpenAI and Anthropic, which one generator makes: every request passes through their clients' `request`.

So each surface is measured by one replacement: create, parse, the helpers for streams, raw responses. The SDK's retries
are within. What it returns and raises stays what it is.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from app_integration.llm.call import Calls
from app_integration.llm.fields import field, text
from app_integration.llm.following import follow
from app_integration.llm.measuring import measured, measured_async, put
from app_integration.llm.naming import provider_of
from app_integration.llm.watch import Answer, Watch

_logger = logging.getLogger(__name__)


class _Url(Protocol):
    host: str
    port: int | None
    scheme: str


class _Options(Protocol):
    """`FinalRequestOptions`: the third argument of `request`."""

    post_parser: Callable[[object], object]


class Api:
    """What is particular to an SDK: where answers come from, and how they are read."""

    def __init__(
        self, calls: Calls, provider: str, operations: Sequence[tuple[str, str]], answer: Callable[[], Answer]
    ) -> None:
        self._calls = calls
        self._provider = provider
        self._operations = operations
        self._answer = answer

    def begin(self, client: object, options: object) -> Watch | None:
        """Begin a call; None where the request asks no model to answer, or cannot be read."""
        try:
            path = (text(options, "url") or "").partition("?")[0].rstrip("/")
            operation = next((name for end, name in self._operations if path.endswith(end)), None)
            if operation is None or (text(options, "method") or "").lower() != "post":
                return None
            url = cast(_Url, field(client, "base_url"))
            port = url.port or {"https": 443, "http": 80}.get(url.scheme)
            provider = provider_of(client, str(url), self._provider)
            model = text(field(options, "json_data"), "model")
            watch = Watch(self._calls.begin(operation, provider, model, url.host, port), self._answer())
        except Exception:  # the SDK says itself what is wrong with a request
            _logger.debug("A request could not be read", exc_info=True)
            return None
        _read_before_parsed(watch, options)
        return watch


def replace(api: Api, synchronous: type, asynchronous: type) -> Callable[[], None]:
    """Measure every request of an SDK's two base clients; return what gives back what was there."""

    def begin(*args: object, **kwargs: object) -> Watch | None:
        return api.begin(args[0], _options(args, kwargs))

    restores = [
        put({"request": measured(begin, follow, getattr(synchronous, "request"))}, synchronous),  # noqa: B009
        put({"request": measured_async(begin, follow, getattr(asynchronous, "request"))}, asynchronous),  # noqa: B009
    ]

    def restore() -> None:
        for each in restores:
            each()

    return restore


def _read_before_parsed(watch: Watch, options: object) -> None:
    """Read an answer before the SDK makes of it what the application asked for: where that raises, it is paid for.

    The call ends with what was raised, as any other: its status is an error.
    """
    parse = field(options, "post_parser")
    if not callable(parse):  # the SDKs' mark for none
        return

    def parsed(answer: object) -> object:
        watch.saw(answer)
        return parse(answer)

    cast(_Options, options).post_parser = parsed


def _options(args: tuple[object, ...], kwargs: dict[str, object]) -> object:
    """Return the request, as `request(self, cast_to, options, ...)` has it."""
    return kwargs.get("options", args[2] if len(args) > 2 else None)
