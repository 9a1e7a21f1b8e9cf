"""What `opentelemetry-instrument` finds by its entry points, with OTEL_PYTHON_DISTRO=techsapo."""

import importlib.machinery
import importlib.util
import logging
from importlib.metadata import EntryPoint

from opentelemetry.instrumentation.dependencies import DependencyConflictError
from opentelemetry.instrumentation.distro import BaseDistro  # type: ignore[attr-defined]  # a module without types

from telemetry import lifecycle
from telemetry.lifecycle.exits import exit_refused
from telemetry.settings import Settings, SettingsError, name_configurator, opt_in_stable_conventions

# FastAPI measures its requests itself, at a third of what contrib's middleware costs, which would silence it.
MEASURED_BY_FASTAPI = frozenset({"fastapi", "starlette", "asgi"})

_logger = logging.getLogger(__name__)


class Distro(BaseDistro):  # type: ignore[misc]  # the base class has no types
    """Names our configurator, opts in to the stable conventions, and loads instrumentors one by one."""

    def _configure(self, **_: object) -> None:
        name_configurator("techsapo")
        opt_in_stable_conventions()

    def load_instrumentor(self, entry_point: EntryPoint, **kwargs: object) -> None:
        """Instrument a library. One that fails is told in the log, and the others go on."""
        if entry_point.name in MEASURED_BY_FASTAPI and fastapi_measures_itself() and not _contrib_is_wanted():
            _logger.debug("FastAPI measures itself: contrib's %s is left out", entry_point.name)
            return
        try:
            super().load_instrumentor(entry_point, **kwargs)
        except (ImportError, DependencyConflictError):
            raise  # what is not installed is skipped by who called
        except Exception:  # an instrumentor may raise anything
            _logger.exception("Instrumenting %s failed, the others go on", entry_point.name)


class Configurator:
    """Configures the telemetry from the environment. A wrong setting ends the process: one line, status 2."""

    def configure(self, **_: object) -> None:
        """Read the settings and set the global providers."""
        try:
            lifecycle.configure(Settings.from_environ())
        except SettingsError as error:
            exit_refused(str(error))


def fastapi_measures_itself() -> bool:
    """Tell whether the FastAPI that is installed has its own instrumentation, without importing it."""
    package = importlib.util.find_spec("fastapi")
    places = package.submodule_search_locations if package else None
    return places is not None and importlib.machinery.PathFinder.find_spec("fastapi.telemetry", places) is not None


def _contrib_is_wanted() -> bool:
    pipeline = lifecycle.pipeline()
    return pipeline is not None and pipeline.settings.http_instrumentation == "contrib"
