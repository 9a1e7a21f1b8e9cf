"""Measures each request, body and WebSocket of an ASGI application once, beside whoever else measures it."""

from typing import TYPE_CHECKING, Final

from app_integration.http.exchange import Exchange
from app_integration.http.instruments import HttpInstruments
from app_integration.http.measurers import NATIVE_KEY, contrib_middleware, native_measures
from app_integration.http.request_errors import count_request_error
from app_integration.http.websocket import WebSocket

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

# Where what is measured of a request travels with it: an application mounted in another finds it.
KEY: Final = "techsapo.http"

_ABSENT: Final = object()


async def serve(
    instruments: HttpInstruments,
    call: "ASGIApp",
    owner: "Starlette | None",
    scope: "Scope",
    receive: "Receive",
    send: "Send",
) -> None:
    """Serve a request or connection that nothing of ours has seen, and measure it.

    Body sizes and WebSockets are always recorded here. Duration and active requests come from FastAPI's own
    telemetry or from contrib's middleware where one of them is at work, and are recorded here where neither is.
    `owner` is the Starlette application that routes the request, if it is one.
    """
    native = scope.get(NATIVE_KEY, _ABSENT)
    if scope["type"] == "websocket":
        await _serve_websocket(instruments, call, scope, receive, send)
        return
    if scope["type"] != "http" or native is None:
        # With None the application told FastAPI's telemetry to look away from this request: so do we.
        await call(scope, receive, send)
        return
    exchange = Exchange(instruments, owner, scope, receive, send)
    held_off = False
    if native is not _ABSENT:
        exchange.native = native
    if native is not _ABSENT and native_measures(owner, instruments.provider):
        exchange.measured_by_others = True
    elif owner is not None and (contrib := contrib_middleware(owner)).present:
        exchange.measured_by_others = contrib.stable
        if not contrib.stable:
            exchange.measure(active=False)
        if native is _ABSENT:
            # Else a FastAPI application mounted in this one would count the request again.
            scope[NATIVE_KEY] = None
            held_off = True
    else:
        exchange.measure(active=True)
    scope[KEY] = exchange
    try:
        await call(scope, exchange.receive, exchange.send)
    except BaseException as error:
        exchange.fail(error)
        count_request_error(error)
        raise
    finally:
        exchange.abandon()
        scope.pop(KEY, None)
        if held_off:
            scope.pop(NATIVE_KEY, None)


async def serve_mounted(
    call: "ASGIApp",
    owner: "Starlette",
    scope: "Scope",
    receive: "Receive",
    send: "Send",
) -> None:
    """Serve a request in an application mounted in one that measures it: see that nobody counts it again."""
    outer = scope[KEY]
    if not isinstance(outer, Exchange):
        await call(scope, receive, send)
        return
    outer.look_for_native(owner)
    contrib = contrib_middleware(owner)
    if not contrib.present:
        await call(scope, receive, send)
    elif contrib.below is not None and (outer.measured_by_others or not contrib.stable):
        # Contrib records a request again for each application that it passes: go past its middleware.
        scope["app"] = owner
        await contrib.below(scope, receive, send)
    else:
        outer.leave_to_others()
        await call(scope, receive, send)


async def _serve_websocket(
    instruments: HttpInstruments, call: "ASGIApp", scope: "Scope", receive: "Receive", send: "Send"
) -> None:
    connection = WebSocket(instruments.connections, receive, send)
    scope[KEY] = connection
    try:
        await call(scope, connection.receive, connection.send)
    except Exception as error:
        count_request_error(error)
        raise
    finally:
        connection.close()
        scope.pop(KEY, None)
