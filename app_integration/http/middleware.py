"""The middleware for those who add it themselves."""

from typing import TYPE_CHECKING, cast

from opentelemetry.metrics import MeterProvider

from app_integration.http.instruments import HttpInstruments
from app_integration.http.server import KEY, serve

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send


class HttpMetricsMiddleware:
    """ASGI middleware that measures requests, body sizes and open WebSockets.

    Added by `app.add_middleware(HttpMetricsMiddleware)`. Not needed under `opentelemetry-instrument` or after
    `app_integration.instrument()`; where both are there, each request is still measured once. `meter_provider` is
    the global one where none is given.
    """

    def __init__(self, app: "ASGIApp", meter_provider: MeterProvider | None = None) -> None:
        self.app = app
        self._instruments = HttpInstruments(meter_provider)
        self._below = _application_below(app)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one request or connection."""
        if KEY in scope:
            await self.app(scope, receive, send)
        else:
            await serve(self._instruments, self.app, scope.get("app", self._below), scope, receive, send)


def _application_below(app: "ASGIApp | None") -> "Starlette | None":
    """Find the Starlette application that a middleware outside of it wraps."""
    while app is not None and not hasattr(app, "build_middleware_stack"):
        app = getattr(app, "app", None)
    return cast("Starlette | None", app)
