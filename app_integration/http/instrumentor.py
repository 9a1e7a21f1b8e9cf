"""Measures every Starlette and FastAPI application of the process."""

from collections.abc import Awaitable, Collection
from types import MethodType
from typing import TYPE_CHECKING

from opentelemetry.metrics import MeterProvider

from app_integration.http.instruments import HttpInstruments
from app_integration.http.request_errors import noticing
from app_integration.http.server import KEY, serve, serve_mounted
from app_integration.instrumentor import Instrumentor
from telemetry.lifecycle.asgi import watch

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send


class HttpInstrumentor(Instrumentor):
    """Instruments `starlette.applications.Starlette`, which FastAPI is too; applications that exist are included.

    The application's lifespan begins the telemetry and ends with a last push.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Packages without which there is nothing to instrument."""
        return ("starlette >= 0.36",)

    def _instrument(self, *, meter_provider: MeterProvider | None = None, **_: object) -> None:
        from starlette.applications import Starlette
        from starlette.middleware.exceptions import ExceptionMiddleware

        original = Starlette.__call__
        instruments = HttpInstruments(meter_provider)

        async def measured(self: "Starlette", scope: "Scope", receive: "Receive", send: "Send") -> None:
            call = MethodType(original, self)
            if scope["type"] == "lifespan":
                await call(scope, *watch(receive, send))
            elif KEY in scope:
                await serve_mounted(call, self, scope, receive, send)
            else:
                await serve(instruments, call, self, scope, receive, send)

        handling = ExceptionMiddleware.__call__

        def noticed(self: ExceptionMiddleware, scope: "Scope", receive: "Receive", send: "Send") -> Awaitable[None]:
            return handling(self, scope, receive, noticing(send) if scope["type"] == "http" else send)

        self._original, self._handling = original, handling
        Starlette.__call__ = measured  # type: ignore[method-assign]  # what an instrumentor is for
        ExceptionMiddleware.__call__ = noticed  # type: ignore[method-assign,assignment]  # as above; it need be no coroutine

    def _uninstrument(self, **_: object) -> None:
        from starlette.applications import Starlette
        from starlette.middleware.exceptions import ExceptionMiddleware

        Starlette.__call__ = self._original  # type: ignore[method-assign]  # gives back what was there
        ExceptionMiddleware.__call__ = self._handling  # type: ignore[method-assign]  # as above
