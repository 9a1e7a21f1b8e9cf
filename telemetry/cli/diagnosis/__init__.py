"""What `doctor` and `validate` look at: settings, packages, a started process, what answers, configurations."""

from telemetry.cli.diagnosis.endpoints import check_otlp, check_page
from telemetry.cli.diagnosis.environment import check_environment
from telemetry.cli.diagnosis.finding import Finding, Level
from telemetry.cli.diagnosis.live import Live, check_live
from telemetry.cli.diagnosis.packages import Package, check_packages, packages
from telemetry.cli.diagnosis.shown import aligned, finding_lines, told

__all__ = [
    "Finding",
    "Level",
    "Live",
    "Package",
    "aligned",
    "check_environment",
    "check_live",
    "check_otlp",
    "check_packages",
    "check_page",
    "finding_lines",
    "packages",
    "told",
]
