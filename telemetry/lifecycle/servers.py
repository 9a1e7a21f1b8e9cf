"""uvicorn and gunicorn: when a server starts and stops, and how many processes it is going to start.

Asked of the servers themselves: their number of workers may come from the command line, a configuration file, the
environment or a call in code.
"""

import contextlib
import inspect
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Protocol

import wrapt

from telemetry.lifecycle import pages
from telemetry.lifecycle.exits import exit_refused
from telemetry.lifecycle.pipeline import Occasion, Pipeline
from telemetry.runtime import watch_event_loop
from telemetry.settings import Page, SettingsError


class _Config(Protocol):
    workers: int


class _HasConfig(Protocol):
    config: _Config


class _GunicornApp(Protocol):
    cfg: _Config


def watch(pipeline: Pipeline) -> None:
    """Follow the servers that this process imports from now on, or has imported."""

    def uvicorn_server(module: ModuleType) -> None:
        _wrap(module, "Server.startup", _begins(pipeline))
        _wrap(module, "Server.shutdown", _flushes(pipeline))

    wrapt.register_post_import_hook(uvicorn_server, "uvicorn.server")
    if pipeline.settings.serves_page:
        wrapt.register_post_import_hook(
            lambda module: _wrap(module, "Multiprocess.run", _refuses_uvicorn_workers),
            "uvicorn.supervisors.multiprocess",
        )
    wrapt.register_post_import_hook(
        lambda module: _wrap(module, "Arbiter.__init__", _supervises(pipeline)), "gunicorn.arbiter"
    )


def begin_with_server(pipeline: Pipeline) -> None:
    """Begin as a server starts; a page that cannot be had ends the process with one line and status 2."""
    try:
        pipeline.begin(Occasion.SERVER)
    except SettingsError as error:
        exit_refused(str(error))
    with contextlib.suppress(RuntimeError):  # a server whose start is no coroutine
        watch_event_loop()


Arguments = tuple[object, ...]
Keywords = Mapping[str, object]


def _begins(pipeline: Pipeline) -> Callable[..., Awaitable[None]]:
    async def startup(
        wrapped: Callable[..., Awaitable[None]], _: object, arguments: Arguments, keywords: Keywords
    ) -> None:
        begin_with_server(pipeline)
        await wrapped(*arguments, **keywords)

    return startup


def _flushes(pipeline: Pipeline) -> Callable[..., Awaitable[None]]:
    async def shutdown(
        wrapped: Callable[..., Awaitable[None]], _: object, arguments: Arguments, keywords: Keywords
    ) -> None:
        try:
            await wrapped(*arguments, **keywords)
        finally:
            # A worker of gunicorn is ended by its signal after this: nothing else would push its last figures.
            pipeline.flush_at_stop()

    return shutdown


def _refuses_uvicorn_workers(
    _wrapped: Callable[..., None], supervisor: _HasConfig, _arguments: Arguments, _keywords: Keywords
) -> None:
    exit_refused(str(pages.several("uvicorn", supervisor.config.workers)))


def _supervises(pipeline: Pipeline) -> Callable[..., None]:
    def arbiter(
        wrapped: Callable[..., None], _: object, arguments: tuple[_GunicornApp, ...], keywords: Keywords
    ) -> None:
        pipeline.supervise()
        if pipeline.settings.serves_page:
            workers = arguments[0].cfg.workers
            if workers > 1:
                exit_refused(str(pages.several("gunicorn", workers)))
            _refuse_taken_port(pipeline.settings.page)
        wrapped(*arguments, **keywords)

    return arbiter


def check_worker(pipeline: Pipeline) -> None:
    """Look whether this process is a server's worker, where the supervisor knew nothing of the telemetry.

    Raises:
        SettingsError: each of several workers would need the page. uvicorn would start this one again for ever: its
            supervisor is asked to end. gunicorn's ends by itself when a worker cannot load the application.
    """
    frame = inspect.currentframe()
    while frame is not None:
        name = frame.f_globals.get("__name__")
        if name == "uvicorn.supervisors.multiprocess" and "self" in frame.f_locals:
            workers = frame.f_locals["self"].config.workers
            if workers > 1:
                os.kill(os.getppid(), signal.SIGTERM)
                raise pages.several("uvicorn", workers)
        if name == "gunicorn.arbiter" and "self" in frame.f_locals:
            arbiter = frame.f_locals["self"]
            if arbiter.cfg.workers > 1:
                raise pages.several("gunicorn", arbiter.cfg.workers)
            pipeline.replaces_worker = arbiter.worker_age > 1
        frame = frame.f_back


def _refuse_taken_port(page: Page) -> None:
    # A worker that ended for this would be started again, for ever: the arbiter looks before it starts one.
    family = socket.AF_INET6 if ":" in page.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((page.host, page.port))
    except (OSError, UnicodeError) as error:
        exit_refused(str(pages.taken(page, error)))


def _wrap(module: ModuleType, name: str, wrapper: Callable[..., object]) -> None:
    try:
        wrapt.wrap_function_wrapper(module, name, wrapper)
    except AttributeError:
        print(f"techsapo-telemetry: {module.__name__} has no {name}, its starts are not seen", file=sys.stderr)
