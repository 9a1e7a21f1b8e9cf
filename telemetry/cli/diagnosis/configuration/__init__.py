"""What is wrong with a Collector's configuration, in sentences."""

from telemetry.cli.diagnosis.configuration.binary import CollectorBinary, CollectorError
from telemetry.cli.diagnosis.configuration.check import check_configuration
from telemetry.cli.diagnosis.configuration.places import Place, place_of

__all__ = ["CollectorBinary", "CollectorError", "Place", "check_configuration", "place_of"]
