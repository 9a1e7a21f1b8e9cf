"""The life of the telemetry in a process: configured, begun, flushed, forked, ended."""

import os
import threading
from collections.abc import Callable

from opentelemetry import metrics

from telemetry.engine import MeterProvider
from telemetry.lifecycle import exits, servers
from telemetry.lifecycle.pipeline import Occasion, Pipeline
from telemetry.settings import Settings, SettingsError, opt_in_stable_conventions

__all__ = [
    "configure",
    "force_flush",
    "pipeline",
    "server_starts",
    "server_stops",
    "shutdown",
    "start",
    "when_configured",
]

_lock = threading.Lock()
_pipeline: Pipeline | None = None
# Not _lock: an import may come here while `configure` imports.
_waiting_lock = threading.Lock()
_waiting: list[Callable[[MeterProvider], None]] = []


def pipeline() -> Pipeline | None:
    """Return the pipeline of this process, None before `configure` and where the telemetry is disabled."""
    return _pipeline


def when_configured(work: Callable[[MeterProvider], None]) -> None:
    """Call `work` with the pipeline's meter provider: now, or once it is configured; never where it is disabled."""
    with _waiting_lock:
        if _pipeline is None:
            if work not in _waiting:
                _waiting.append(work)
            return
    work(_pipeline.provider)


def configure(settings: Settings) -> None:
    """Set the global providers and follow the process' life; ports, threads and exporters come later, with its use.

    Raises:
        SettingsError: another meter provider is there already, or this ran before with other settings.
    """
    global _pipeline  # noqa: PLW0603  # a process has one pipeline, as it has one global meter provider
    with _lock:
        if _pipeline is not None:
            if _pipeline.settings != settings:
                raise SettingsError("the telemetry", "other settings than at its start", "one start a process")
            return
        opt_in_stable_conventions()
        if settings.disabled:
            metrics.set_meter_provider(metrics.NoOpMeterProvider())
            return
        made = Pipeline(settings)
        metrics.set_meter_provider(made.provider)
        if (live := metrics.get_meter_provider()) is not made.provider:
            got = f"{type(live).__module__}.{type(live).__name__}, set before it"
            raise SettingsError("the telemetry", got, "no other meter provider: OTEL_PYTHON_DISTRO=techsapo names ours")
        made.traces_and_logs.install()
        exits.install(made)
        servers.watch(made)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=made.before_fork,
                after_in_parent=made.after_fork_in_parent,
                after_in_child=made.after_fork_in_child,
            )
        with _waiting_lock:
            _pipeline = made
    for work in _waiting:
        work(made.provider)


def start(settings: Settings | None = None) -> metrics.MeterProvider:
    """Start the telemetry of this process now, by default as the environment says; return its meter provider.

    Raises:
        SettingsError: a setting is wrong, another meter provider is there already, or the page's port is taken.
    """
    if settings is None:
        settings = Settings.from_environ() if _pipeline is None else _pipeline.settings
    configure(settings)
    if _pipeline is not None:
        if settings.serves_page:
            servers.check_worker(_pipeline)
        _pipeline.begin(Occasion.START)
    return metrics.get_meter_provider()


def shutdown() -> None:
    """Push what was recorded last, to all endpoints within 5 s, and end threads and port; idle when repeated."""
    if _pipeline is not None:
        _pipeline.shutdown()


def force_flush(timeout_seconds: float = 5.0) -> bool:
    """Push what was recorded until now; tell whether all endpoints took it in time."""
    return _pipeline is None or _pipeline.force_flush(timeout_seconds)


def server_starts() -> None:
    """Begin, as a server starts. Where the page cannot be had the process ends with one line and status 2."""
    if _pipeline is not None:
        servers.begin_with_server(_pipeline)


def server_stops() -> None:
    """Push what was recorded until now, before the server's process may end."""
    if _pipeline is not None:
        _pipeline.flush_at_stop()
