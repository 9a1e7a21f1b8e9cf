"""The scenes of each alert."""

from tests.monitoring.cases import budget, gauges, means, pipeline, providers, services, shares, slos, volume
from tests.monitoring.scenes import Scene

__all__ = ["SCENES"]

SCENES: tuple[Scene, ...] = tuple(
    scene
    for part in (shares, means, gauges, budget, services, pipeline, providers, volume, slos)
    for scene in part.scenes()
)
