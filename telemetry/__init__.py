"""OpenTelemetry metrics for TechSapo: exact names, nothing personal, bounded whatever the traffic.

`start()` in code does what `opentelemetry-instrument` does with this package installed; see README.md.
"""

from typing import TYPE_CHECKING

from telemetry.variables import SettingsError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from opentelemetry.metrics import MeterProvider

    from telemetry.settings import Settings

__all__ = ["SettingsError", "force_flush", "shutdown", "start", "watch_event_loop"]

# The engine and the SDK are imported when they are used: `telemetry.contract` and the like do without.


def start(settings: "Settings | None" = None) -> "MeterProvider":
    """Start the telemetry of this process and return its meter provider, which is the global one too.

    The settings are the environment's unless given: `Settings.from_environ({**os.environ, "OTEL_SERVICE_NAME": "x"})`.
    Ports and threads start now, not with the first measurement. Calling it again does nothing; after `shutdown` it
    begins again.

    Raises:
        SettingsError: a setting is wrong, the port of the page is taken, or another meter provider was set before. The
            message is one line that names the variable, what it got and what it accepts.
    """
    from telemetry import lifecycle

    return lifecycle.start(settings)


def shutdown() -> None:
    """Push what was recorded last to every endpoint, within 5 s, and end threads and port.

    It runs by itself at a normal exit, at SIGTERM and with the ASGI lifespan. Calling it again does nothing.
    """
    from telemetry import lifecycle

    lifecycle.shutdown()


def force_flush(timeout_seconds: float = 5.0) -> bool:
    """Push what was recorded until now to every endpoint; return whether all of them took it in time."""
    from telemetry import lifecycle

    return lifecycle.force_flush(timeout_seconds)


def watch_event_loop(loop: "AbstractEventLoop | None" = None) -> None:
    """Measure how late an asyncio loop runs what is due, by default the one that runs here, until it is closed.

    Under uvicorn, gunicorn and with the ASGI lifespan this happens by itself.

    Raises:
        RuntimeError: no loop is given and none runs in this thread.
    """
    from telemetry import runtime

    runtime.watch_event_loop(loop)
