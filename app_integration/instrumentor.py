"""The base of this project's instrumentors: OpenTelemetry's, with types."""

import logging
from collections.abc import Callable
from types import ModuleType

import wrapt
from opentelemetry.instrumentation.dependencies import get_dependency_conflicts
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]  # it opts out

_logger = logging.getLogger(__name__)


class Instrumentor(BaseInstrumentor):  # type: ignore[misc]  # an untyped base, see above
    """Instruments a library at `instrument()`, once a process, and gives back what was there at `uninstrument()`.

    `opentelemetry-instrument` finds the subclasses by their entry points (group `opentelemetry_instrumentor`).
    """

    def is_available(self) -> bool:
        """Tell whether the library is installed, in a version that this is made for."""
        return get_dependency_conflicts(self.instrumentation_dependencies()) is None


class WhenImported:
    """Replaces something of a module once an application imports it: now, where it has.

    `replace` gets the module, and returns what gives back what was there. An SDK that an application has installed and
    never uses costs neither time nor memory.
    """

    def __init__(self, module: str, replace: Callable[[ModuleType], Callable[[], None]]) -> None:
        self._replace = replace
        self._restore: Callable[[], None] | None = None
        self._over = False
        wrapt.register_post_import_hook(self._imported, module)

    def undo(self) -> None:
        """Give back what was there, and leave the module alone from now on."""
        self._over = True
        if self._restore is not None:
            self._restore()
            self._restore = None

    def _imported(self, module: ModuleType) -> None:
        if self._over:
            return
        try:
            self._restore = self._replace(module)
        except Exception:  # the application's import must not fail by what wants to measure it
            _logger.exception("%s is not measured", module.__name__)
