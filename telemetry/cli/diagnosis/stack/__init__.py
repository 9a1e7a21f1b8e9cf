"""What stands behind a process that pushes: Collectors and Prometheus."""

from telemetry.cli.diagnosis.stack.collectors import check_collectors
from telemetry.cli.diagnosis.stack.prometheus import check_prometheus
from telemetry.cli.diagnosis.stack.where import Where, where

__all__ = ["Where", "check_collectors", "check_prometheus", "where"]
