"""What the method `request` of an SDK returns, read beside the application without becoming anything else.

An answer is there; a stream is read as the application reads it; a raw response when the application reads its body.
A stream or a response is over when it is read to its end, when the HTTP response is closed (all that the SDKs have
for streams come down to that), or when it is forgotten.
"""

import json
import logging
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from typing import Final, Protocol, TypeVar, cast

from app_integration.llm.fields import is_model
from app_integration.llm.watch import Watch

T = TypeVar("T")

_logger = logging.getLogger(__name__)

# The SDKs' own places for what a stream is read from: openai's and anthropic's, google-genai's; a test pins them.
_ITERATORS: Final = ("_iterator", "generator")


class _HttpResponse(Protocol):
    """A response of httpx or httpx2."""

    is_stream_consumed: bool
    content: bytes

    def read(self) -> bytes: ...
    def aread(self) -> Awaitable[bytes]: ...
    def close(self) -> None: ...
    def aclose(self) -> Awaitable[None]: ...


class _Stream(Protocol):
    """`Stream` or `AsyncStream`."""

    response: _HttpResponse


class _Raw(Protocol):
    """A response whose body the application asks for: `LegacyAPIResponse`, `APIResponse`, `AsyncAPIResponse`."""

    http_response: _HttpResponse

    def parse(self, *args: object, **kwargs: object) -> object: ...


def follow(watch: Watch, returned: object) -> None:
    """Read what `request` returned, now or later; the call ends with it. Never raises."""
    try:
        if is_model(returned) or isinstance(returned, dict):
            watch.saw(returned)
            watch.end()
        elif _iterator_of(returned) is not None:
            _follow_stream(watch, cast(_Stream, returned))
        elif hasattr(returned, "http_response") and hasattr(returned, "parse"):
            _follow_raw(watch, cast(_Raw, returned))
        elif hasattr(returned, "is_stream_consumed"):  # the HTTP response itself, where `cast_to` asks for it
            _saw_body(watch, cast(_HttpResponse, returned).content)
        else:  # what an SDK makes of a body that is no JSON
            watch.saw(returned)
            watch.end()
    except Exception:  # whatever came, the application gets it
        _logger.exception("An answer of an LLM provider could not be followed")
        watch.end()


def _iterator_of(returned: object) -> str | None:
    return next((name for name in _ITERATORS if hasattr(returned, name)), None)


def _follow_stream(watch: Watch, stream: _Stream) -> None:
    name = _iterator_of(stream) or ""
    inner = getattr(stream, name)
    parts: Generator[object, None, None] | WatchedAsync[object]
    if hasattr(stream, "__anext__"):
        parts = WatchedAsync(watch, inner)
        running = "is_reading"
    else:
        parts = watched(watch, inner)
        running = "gi_running"
    setattr(stream, name, parts)
    # Not held by the response, which they hold: the SDK closes a stream that is dropped when its parts are, at once.
    held = weakref.ref(parts)

    def closed() -> None:
        # The SDK closes at the end, too, from within: how that was, the iterator is about to see.
        if not getattr(held(), running, False):
            watch.abandon()

    _when_closed(stream.response, closed)
    # Of one that nobody reads to its end or closes.
    weakref.finalize(stream, watch.abandon).atexit = False


def watched(watch: Watch, parts: Generator[T, None, None]) -> Generator[T, None, None]:
    """Give the parts of a stream as they come, and read them; the call ends with them."""
    try:
        for part in parts:
            watch.saw(part)
            yield part
    except GeneratorExit:  # the application has heard enough
        watch.abandon()
        raise
    except BaseException as error:
        watch.end(error)
        raise
    finally:
        parts.close()
    watch.end()


class WatchedAsync(AsyncIterator[T]):
    """Does the same for an asynchronous one.

    No generator: a loop closes at once all that were left open, and one that closes another is told that it runs.
    """

    def __init__(self, watch: Watch, parts: AsyncIterator[T]) -> None:
        self._watch = watch
        self._parts = parts
        self.is_reading = False
        # The application has heard enough.
        weakref.finalize(self, watch.abandon).atexit = False

    async def __anext__(self) -> T:
        """Give the next part."""
        self.is_reading = True
        try:
            part = await anext(self._parts)
        except StopAsyncIteration:
            self._watch.end()
            raise
        except GeneratorExit:  # its loop is gone
            self._watch.abandon()
            raise
        except BaseException as error:
            self._watch.end(error)
            raise
        finally:
            self.is_reading = False
        self._watch.saw(part)
        return part


def _follow_raw(watch: Watch, raw: _Raw) -> None:
    response = raw.http_response
    if response.is_stream_consumed:
        _saw_body(watch, response.content)
        return

    def read() -> bytes:
        give_back()  # of what closes from within: reading to the end does
        try:
            content = response.read()
        except BaseException as error:
            watch.end(error)
            raise
        _saw_body(watch, content)
        return content

    async def aread() -> bytes:
        give_back()
        try:
            content = await response.aread()
        except BaseException as error:
            watch.end(error)
            raise
        _saw_body(watch, content)
        return content

    def parse(*args: object, **kwargs: object) -> object:
        give_back_parse()
        # The class' own: google-genai wraps the one of the object around this.
        parsed = type(raw).parse(raw, *args, **kwargs)
        if isinstance(parsed, Awaitable):
            return parse_async(parsed)
        follow_parsed(parsed)
        return parsed

    async def parse_async(parsed: Awaitable[object]) -> object:
        found = await parsed
        follow_parsed(found)
        return found

    def follow_parsed(parsed: object) -> None:
        if _iterator_of(parsed) is not None:  # else its body has been read above
            give_back()
            follow(watch, parsed)

    closing = _when_closed(response, watch.abandon)
    reading = _replace(response, read=read, aread=aread)
    give_back_parse = _replace(raw, parse=parse)

    def give_back() -> None:
        closing()
        reading()

    # Of one that nobody reads: whoever reads, a stream or what has the response without us, holds the response.
    weakref.finalize(response, watch.abandon).atexit = False


def _saw_body(watch: Watch, content: bytes) -> None:
    try:
        body: object = json.loads(content)
    except (ValueError, RecursionError) as error:  # as the SDK would say of it
        watch.end(error)
        return
    watch.saw(body)
    watch.end()


def _when_closed(response: _HttpResponse, then: Callable[[], None]) -> Callable[[], None]:
    """Call `then` when a response is closed; return what ends that."""

    def close() -> None:
        give_back()
        then()
        response.close()

    def aclose() -> Awaitable[None]:
        give_back()
        then()
        return response.aclose()

    give_back = _replace(response, close=close, aclose=aclose)
    return give_back


def _replace(holder: object, **methods: Callable[..., object]) -> Callable[[], None]:
    """Replace methods of one object; return what gives them back, after which neither it nor they hold it any more."""
    vars(holder).update(methods)

    def give_back() -> None:
        for name in tuple(methods):
            method = methods.pop(name, None)  # another thread may give back as well
            if method is not None and vars(holder).get(name) is method:
                vars(holder).pop(name, None)

    return give_back
