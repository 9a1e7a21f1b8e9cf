"""The weights that other packages offer: factors that views of the contract name, such as `model_price`."""

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points

from telemetry.engine import Weight
from telemetry.settings import Settings

# Each entry point of this group is called with the settings once, when the pipeline is made, and returns its weight.
ENTRY_POINTS = "techsapo_telemetry_weights"


def weights(settings: Settings) -> Mapping[str, Weight]:
    """Make every weight that is installed, by the name of its entry point.

    Raises:
        SettingsError: what a weight reads, such as a file of prices, is wrong.
    """
    made: dict[str, Weight] = {}
    for entry_point in entry_points(group=ENTRY_POINTS):
        make: Callable[[Settings], Weight] = entry_point.load()
        made[entry_point.name] = make(settings)
    return made
