"""Who else measures a request: FastAPI's own telemetry, or the middleware of opentelemetry-instrumentation-asgi."""

from typing import TYPE_CHECKING, Final, NamedTuple

from opentelemetry.metrics import MeterProvider, get_meter_provider

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp

# FastAPI (0.165 and later) keeps its telemetry of a request here, None where it was told to look away.
NATIVE_KEY: Final = "fastapi.telemetry"

# By name, as neither need be installed.
_CONTRIB = ("opentelemetry.instrumentation.asgi", "OpenTelemetryMiddleware")
_WHOLE_STACK = ("starlette.middleware.errors", "ServerErrorMiddleware")
_REMEMBERED = "_techsapo_contrib_middleware"


def native_measures(app: object, provider: MeterProvider | None) -> bool:
    """Tell whether FastAPI's telemetry of `app`, which is at work, records metrics into `provider` (None: the global).

    It may be at work for traces or logs only, or record into a provider of the application's own.
    """
    config = getattr(app, "_telemetry", None)
    if not isinstance(config, dict) or not config.get("metrics"):
        return False
    theirs = config.get("meter_provider")
    return theirs is provider or (theirs or get_meter_provider()) is (provider or get_meter_provider())


class Contrib(NamedTuple):
    """Contrib's middleware in an application's stack.

    Whether it is there, whether it records the duration under the stable conventions' name (opted in by
    `OTEL_SEMCONV_STABILITY_OPT_IN=http`; active requests it records in any case), and what can be called in its place.
    """

    present: bool
    stable: bool
    below: "ASGIApp | None"


def contrib_middleware(app: "Starlette") -> Contrib:
    """Look for contrib's middleware in the built stack of `app`.

    The stack is looked at, and not contrib's flag, as the flag is also set where contrib came too late. Its
    middleware can be passed over where FastAPIInstrumentor put it: above the whole of the application's own stack.
    """
    stack = app.middleware_stack
    if stack is None:
        # As Starlette itself does at the first request.
        stack = app.middleware_stack = app.build_middleware_stack()
    remembered: tuple[object, Contrib] | None = getattr(app, _REMEMBERED, None)
    if remembered is None or remembered[0] is not stack:
        remembered = (stack, _find_contrib(stack))
        setattr(app, _REMEMBERED, remembered)
    return remembered[1]


def _find_contrib(stack: object) -> Contrib:
    seen: set[int] = set()
    while stack is not None and id(stack) not in seen:
        seen.add(id(stack))
        inner: ASGIApp | None = getattr(stack, "app", None)
        if _is_class(stack, _CONTRIB):
            stable = getattr(stack, "duration_histogram_new", None) is not None
            return Contrib(present=True, stable=stable, below=inner if _is_class(inner, _WHOLE_STACK) else None)
        stack = inner
    return Contrib(present=False, stable=False, below=None)


def _is_class(value: object, name: tuple[str, str]) -> bool:
    return (type(value).__module__, type(value).__name__) == name
