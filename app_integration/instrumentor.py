"""The base of this project's instrumentors: OpenTelemetry's, with types."""

from opentelemetry.instrumentation.dependencies import get_dependency_conflicts
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]  # it opts out


class Instrumentor(BaseInstrumentor):  # type: ignore[misc]  # an untyped base, see above
    """Instruments a library at `instrument()`, once a process, and gives back what was there at `uninstrument()`.

    `opentelemetry-instrument` finds the subclasses by their entry points (group `opentelemetry_instrumentor`).
    """

    def is_available(self) -> bool:
        """Tell whether the library is installed, in a version that this is made for."""
        return get_dependency_conflicts(self.instrumentation_dependencies()) is None
