"""The weights that other packages offer: factors that views of the contract name, such as `model_price`."""

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points

from telemetry.engine import Weight
from telemetry.settings import Settings, SettingsError

# Each entry point of this group is called with the settings once, when the pipeline is made, and returns its weight.
ENTRY_POINTS = "techsapo_telemetry_weights"


def weights(settings: Settings) -> Mapping[str, Weight]:
    """Make every weight that is installed, by the name of its entry point.

    Raises:
        SettingsError: a weight cannot be imported, or what it reads, such as a file of prices, is wrong.
    """
    made: dict[str, Weight] = {}
    for entry_point in entry_points(group=ENTRY_POINTS):
        try:
            make: Callable[[Settings], Weight] = entry_point.load()
        except Exception as error:  # another package's module may raise anything
            got = f"{type(error).__name__}: {' '.join(str(error).split())}"
            accepts = "a function that can be imported"
            raise SettingsError(f"the weight {entry_point.name} ({entry_point.value})", got, accepts) from error
        made[entry_point.name] = make(settings)
    return made
