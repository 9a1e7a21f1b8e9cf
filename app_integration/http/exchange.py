"""One HTTP request and its response: the bytes that went through, and when it was over."""

from collections.abc import Awaitable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from app_integration.http.instruments import HttpInstruments, request_attributes
from app_integration.http.measurers import NATIVE_KEY, native_measures
from app_integration.http.routes import mount_prefix, route_template

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

# RFC 9110: these responses have no content, whatever the application hands to the server.
_NO_CONTENT = frozenset((204, 304))


class Exchange:
    """Counts what passes through `receive` and `send`, and records it once, when the response is complete.

    Sizes are the bytes really transferred: of a request, what the application read (what it declared, if the
    application read nothing; nothing is recorded for a body of unknown size that nobody read); of a response,
    what the application sent. Each exchange is recorded once, however it ends.

    Duration and active requests are recorded only after `measure`, for requests that nobody else measures.
    `native` is FastAPI's own telemetry of the request, `owner` the Starlette application that serves it.
    """

    __slots__ = (
        "_active", "_attributes", "_disconnected", "_finished", "_instruments", "_measured", "_owner", "_read",
        "_receive", "_received", "_scope", "_send", "_sent", "_started", "_status", "_trailers",
        "measured_by_others", "native",
    )  # fmt: skip  # one name a line would hide the class below its slots

    def __init__(
        self, instruments: HttpInstruments, owner: object, scope: "Scope", receive: "Receive", send: "Send"
    ) -> None:
        self._instruments = instruments
        self._owner = owner
        self._scope = scope
        self._receive = receive
        self._send = send
        self._attributes = request_attributes(scope["method"], scope.get("scheme", "http"))
        self._received = 0
        self._sent = 0
        self._status: int | None = None
        self._read = False
        self._trailers = False
        self._disconnected = False
        self._finished = False
        self._active = False
        self._measured = False
        self._started = 0.0
        self.measured_by_others = False
        self.native: object = None

    def measure(self, *, active: bool) -> None:
        """Record the duration too, and with `active` the request as an active one."""
        self._measured = True
        self._started = perf_counter()
        if active:
            self._active = True
            self._instruments.active_requests.add(1, self._attributes)

    def leave_to_others(self) -> None:
        """Somebody further in measures this request: take back what `measure` began."""
        self.measured_by_others = True
        self._measured = False
        self._end_active()

    def _end_active(self) -> None:
        if self._active:
            self._active = False
            self._instruments.active_requests.add(-1, self._attributes)

    def look_for_native(self, app: object) -> None:
        """Leave the request to FastAPI's own telemetry, if that began within this exchange, for `app`."""
        native = self._scope.get(NATIVE_KEY)
        if native is None or native is self.native or self.measured_by_others:
            return
        self.native = native
        if native_measures(app, self._instruments.provider):
            self.leave_to_others()
            prefix = mount_prefix(self._scope)
            if prefix and hasattr(native, "_mount_prefix"):
                # FastAPI 0.165 leaves out the mount that leads to it: two mounts would share their routes.
                native._mount_prefix = prefix  # noqa: SLF001  # nothing public takes it

    async def receive(self) -> "Message":
        """Pass on the next event, and count the body in it."""
        message = await self._receive()
        kind = message["type"]
        if kind == "http.request":
            self._read = True
            self._received += len(message.get("body") or b"")
        elif kind == "http.disconnect":
            self._disconnected = True
        return message

    def send(self, message: "Message") -> Awaitable[None]:
        """Pass on an event of the response, and count the body in it. Not a coroutine function: that costs one less."""
        kind = message["type"]
        if kind == "http.response.body":
            self._sent += len(message.get("body") or b"")
            last = not self._trailers and not message.get("more_body", False)
        elif kind == "http.response.start":
            self._status = message.get("status")
            self._trailers = message.get("trailers", False)
            if self._measured:
                # A FastAPI application below a middleware of ours that stands outside of it.
                self.look_for_native(self._owner)
            last = False
        elif kind == "http.response.pathsend":
            self._sent += _file_size(message)
            last = not self._trailers
        else:
            last = kind == "http.response.trailers" and not message.get("more_trailers", False)
        return self._send_last(message) if last else self._send(message)

    async def _send_last(self, message: "Message") -> None:
        await self._send(message)
        self.finish()

    def finish(self, error_type: str | None = None) -> None:
        """Record the exchange, unless that has been done. `error_type` is what ended it before its time."""
        if self._finished:
            return
        self._finished = True
        instruments, attributes = self._instruments, self._attributes
        received = self._received if self._read else _declared_size(self._scope)
        if received is not None:
            instruments.request_size.record(received, attributes)
        empty = self._status in _NO_CONTENT or self._scope["method"] == "HEAD"
        instruments.response_size.record(0 if empty else self._sent, attributes)
        if self._measured:
            instruments.duration.record(perf_counter() - self._started, self._final_attributes(error_type))
            self._end_active()

    def fail(self, error: BaseException) -> None:
        """Record an exchange that an exception ended, unless it is recorded.

        Whoever is further out, in the end the server, answers 500 to what is no cancellation.
        """
        if self._status is None and isinstance(error, Exception):
            self._status = 500
        self.finish(type(error).__qualname__)

    def abandon(self) -> None:
        """Record an exchange that the application left without a complete response, unless it is recorded."""
        if not self._finished:
            self.finish("ConnectionError" if self._disconnected else "incomplete_response")

    def _final_attributes(self, error_type: str | None) -> dict[str, str | int]:
        attributes: dict[str, str | int] = {**self._attributes}
        if version := self._scope.get("http_version"):
            attributes["network.protocol.version"] = version
        if route := getattr(self.native, "route", None) or route_template(self._scope):
            attributes["http.route"] = route
        if self._status is not None:
            attributes["http.response.status_code"] = self._status
            if self._status >= 500:
                error_type = error_type or str(self._status)
        if error_type is not None:
            attributes["error.type"] = error_type
        return attributes


def _declared_size(scope: "Scope") -> int | None:
    """Size of a body that was not read, from Content-Length: 0 without a body, None for one of unknown size."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
        if name == b"transfer-encoding":
            return None
    return 0


def _file_size(message: "Message") -> int:
    """Size of the file that the server sends by itself (ASGI extension `http.response.pathsend`)."""
    try:
        return Path(message["path"]).stat().st_size
    except (OSError, KeyError, TypeError, ValueError):
        return 0
