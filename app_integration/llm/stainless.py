"""The SDKs of OpenAI and Anthropic, which one generator makes: every request passes through their clients' `request`.

So each surface is measured by one replacement: create, parse, the helpers for streams, raw responses. The SDK's retries
are within. What it returns and raises stays what it is.
"""

import functools
import logging
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from typing import Final, ParamSpec, Protocol, TypeVar, cast

from app_integration.llm.call import Call, Calls
from app_integration.llm.fields import field, text
from app_integration.llm.naming import provider_of
from app_integration.llm.usage import Usage

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_logger = logging.getLogger(__name__)


class Answer(Protocol):
    """What the parts of an answer have told so far."""

    model: str | None
    error_type: str | None

    @property
    def usage(self) -> Usage | None:
        """The tokens."""

    def read(self, part: object) -> None:
        """Read one part."""


class _Url(Protocol):
    host: str
    port: int | None
    scheme: str


class Api:
    """What is particular to an SDK: where answers come from, and how they are read."""

    def __init__(
        self, calls: Calls, provider: str, operations: Sequence[tuple[str, str]], answer: Callable[[], Answer]
    ) -> None:
        self._calls = calls
        self._provider = provider
        self._operations = operations
        self._answer = answer

    def begin(self, client: object, options: object) -> "Watch | None":
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
            return Watch(self._calls.begin(operation, provider, model, url.host, port), self._answer())
        except Exception:  # the SDK says itself what is wrong with a request
            _logger.debug("A request could not be read", exc_info=True)
            return None


class Watch:
    """A call under way, and what its answer has told. None of its methods raises."""

    def __init__(self, call: Call, answer: Answer) -> None:
        self._call = call
        self._answer = answer

    def saw(self, part: object) -> None:
        """Read an answer or one part of it."""
        try:
            self._answer.read(part)
            self._call.answered(self._answer.model)
        except Exception:  # whatever an answer holds, the application gets it
            _logger.exception("An answer of an LLM provider could not be read")

    def end(self, error: BaseException | None = None) -> None:
        """Record the call; a second end changes nothing."""
        self._tell_usage()
        self._call.end(error, error_type=self._answer.error_type if error is None else None)

    def _tell_usage(self) -> None:
        try:
            if (usage := self._answer.usage) is not None:
                self._call.used(usage)
        except Exception:  # as above
            _logger.exception("The usage that an LLM provider told could not be read")

    def abandon(self) -> None:
        """Record a call whose answer nobody wants to hear to its end: it lasted until the last part of it."""
        self._tell_usage()
        self._call.abandon()

    def follow(self, returned: object) -> None:
        """Read what `request` returned: an answer, a stream of its parts, or a response whose body is read later."""
        try:
            if hasattr(returned, "_iterator"):
                self._follow_stream(returned)
            elif hasattr(returned, "http_response") and hasattr(returned, "parse"):
                self._follow_response(returned)
            else:
                self.saw(returned)
                self.end()
        except Exception:  # as above
            _logger.exception("An answer of an LLM provider could not be followed")
            self.end()

    def _follow_stream(self, stream: object) -> None:
        watched = cast(_Stream, stream)
        if hasattr(stream, "__anext__"):
            watched._iterator = self._parts_async(cast("AsyncGenerator[object, None]", watched._iterator))  # noqa: SLF001  # the SDK's own place for it, a test pins it
        else:
            watched._iterator = self._parts(cast("Generator[object, None, None]", watched._iterator))  # noqa: SLF001  # as above
        reference = weakref.ref(watched)  # a stream that held itself would live until it is looked for

        def close() -> object:
            self.abandon()
            alive = reference()
            return None if alive is None else type(alive).close(alive)

        watched.close = close  # type: ignore[method-assign]  # of this stream only
        # Of one that nobody reads to its end or closes.
        weakref.finalize(stream, self.abandon).atexit = False

    def _follow_response(self, response: object) -> None:
        """Of a raw response: the body, where it is there, else what the application has parsed of it."""
        raw = cast(_Response, response)
        if raw.http_response.is_closed and raw.http_response.is_stream_consumed:
            self.saw(raw.http_response.json())
            self.end()
            return
        reference = weakref.ref(raw)

        def parse(*args: object, **kwargs: object) -> object:
            alive = reference()
            try:
                found = None if alive is None else type(alive).parse(alive, *args, **kwargs)
            except BaseException as error:
                self.end(error)
                raise
            if isinstance(found, Awaitable):
                return self._awaited(found)
            self.follow(found)
            return found

        raw.parse = parse  # type: ignore[method-assign]  # of this response only
        weakref.finalize(response, self.abandon).atexit = False

    async def _awaited(self, parsed: Awaitable[T]) -> T:
        try:
            found = await parsed
        except BaseException as error:
            self.end(error)
            raise
        self.follow(found)
        return found

    def _parts(self, parts: Generator[T, None, None]) -> Generator[T, None, None]:
        try:
            for part in parts:
                self.saw(part)
                yield part
        except GeneratorExit:  # the application has heard enough
            self.abandon()
            raise
        except BaseException as error:
            self.end(error)
            raise
        finally:
            parts.close()
        self.end()

    async def _parts_async(self, parts: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        try:
            async for part in parts:
                self.saw(part)
                yield part
        except GeneratorExit:
            self.abandon()
            raise
        except BaseException as error:
            self.end(error)
            raise
        finally:
            await parts.aclose()
        self.end()


class _Stream(Protocol):
    _iterator: object

    def close(self) -> object: ...


class _Body(Protocol):
    is_closed: bool
    is_stream_consumed: bool

    def json(self) -> object: ...


class _Response(Protocol):
    http_response: _Body

    def parse(self, *args: object, **kwargs: object) -> object: ...


_METHOD: Final = "request"


def replace(api: Api, synchronous: type, asynchronous: type) -> Callable[[], None]:
    """Measure every request of an SDK's two base clients; return what gives back what was there."""
    originals = {client: getattr(client, _METHOD) for client in (synchronous, asynchronous)}
    setattr(synchronous, _METHOD, measured(api, originals[synchronous]))
    setattr(asynchronous, _METHOD, measured_async(api, originals[asynchronous]))

    def restore() -> None:
        for client, original in originals.items():
            setattr(client, _METHOD, original)

    return restore


def measured(api: Api, original: Callable[P, R]) -> Callable[P, R]:
    """Wrap the method `request` of a synchronous client."""

    @functools.wraps(original)
    def request(*args: P.args, **kwargs: P.kwargs) -> R:
        if (watch := api.begin(args[0], _options(args, kwargs))) is None:
            return original(*args, **kwargs)
        try:
            returned = original(*args, **kwargs)
        except BaseException as error:
            watch.end(error)
            raise
        watch.follow(returned)
        return returned

    return request


def measured_async(api: Api, original: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Wrap the method `request` of an asynchronous client."""

    @functools.wraps(original)
    async def request(*args: P.args, **kwargs: P.kwargs) -> R:
        if (watch := api.begin(args[0], _options(args, kwargs))) is None:
            return await original(*args, **kwargs)
        try:
            returned = await original(*args, **kwargs)
        except BaseException as error:
            watch.end(error)
            raise
        watch.follow(returned)
        return returned

    return request


def _options(args: tuple[object, ...], kwargs: dict[str, object]) -> object:
    """Return the request, as `request(self, cast_to, options, ...)` has it."""
    return kwargs.get("options", args[2] if len(args) > 2 else None)
