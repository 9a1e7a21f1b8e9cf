"""Run by `doctor` under `opentelemetry-instrument`: tells what is live in that process, on one line of its output."""

import json
import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, cast

from opentelemetry import metrics
from opentelemetry.instrumentation.dependencies import get_dependency_conflicts, get_dist_dependency_conflicts

from telemetry import lifecycle
from telemetry.cli.diagnosis.report import MARK, Instrumentation, Report
from telemetry.settings import describe


class _Instrumentor(Protocol):
    is_instrumented_by_opentelemetry: bool

    def instrumentation_dependencies(self) -> list[str]:
        """Packages that it instruments."""


def report() -> Report:
    """Look at this process. Nothing is recorded, so that no port is opened and nothing is sent."""
    provider = metrics.get_meter_provider()
    pipeline = lifecycle.pipeline()
    return {
        "provider": f"{type(provider).__module__}.{type(provider).__name__}",
        "ours": pipeline is not None and provider is pipeline.provider,
        "opt_in": {name: value for name, value, _ in describe()}["OTEL_SEMCONV_STABILITY_OPT_IN"],
        "instrumentations": [_look_at(point) for point in sorted(entry_points(group="opentelemetry_instrumentor"))],
    }


def _look_at(point: EntryPoint) -> Instrumentation:
    package, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
    live, why = _live(point)
    return {"name": point.name, "package": package, "version": version, "live": live, "why": why}


def _live(point: EntryPoint) -> tuple[bool, str]:
    conflict = get_dist_dependency_conflicts(point.dist) if point.dist else None
    if conflict is not None:
        return False, str(conflict) if conflict.found or conflict.found_any else "not installed"
    try:
        instrumentor = cast("type[_Instrumentor]", point.load())()
        if instrumentor.is_instrumented_by_opentelemetry:
            return True, ""
        conflict = get_dependency_conflicts(instrumentor.instrumentation_dependencies())
    except ModuleNotFoundError:
        return False, "not installed"
    except Exception as error:  # noqa: BLE001  # what a package raises at its import is what is asked for
        return False, f"{type(error).__name__}: {error}"
    if conflict is None:
        return False, "left out"
    return False, str(conflict) if conflict.found or conflict.found_any else "not installed"


if __name__ == "__main__":
    sys.stdout.write(f"\n{MARK}{json.dumps(report())}\n")
