"""Weights that packages offer by entry points: made once at the start, from the settings."""

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from app_integration.llm import prices
from telemetry.lifecycle import weights
from telemetry.settings import Settings, SettingsError

SETTINGS = Settings.from_environ({})


def offer(monkeypatch: pytest.MonkeyPatch, *offered: tuple[str, str]) -> None:
    """Have these entry points be the ones that are installed."""
    points = EntryPoints(EntryPoint(name, value, weights.ENTRY_POINTS) for name, value in offered)
    monkeypatch.setattr(weights, "entry_points", lambda group: points.select(group=group))


def test_a_weight_that_is_offered_is_made_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is the one that the contract's views use."""
    monkeypatch.setattr(prices, "_in_force", None)
    offer(monkeypatch, ("model_price", "app_integration.llm.prices:weight"))
    made = weights.weights(SETTINGS)
    assert (list(made), "gen_ai.response.model" in made["model_price"].attributes) == (["model_price"], True)


def test_without_an_offer_there_is_no_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    """All calls are unpriced then."""
    offer(monkeypatch)
    assert weights.weights(SETTINGS) == {}


@pytest.mark.parametrize("value", ["no_such_module:weight", "app_integration.llm.prices:no_such_function"])
def test_a_weight_that_cannot_be_imported_stops_the_start(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line: figures without it would look as if nothing cost anything."""
    offer(monkeypatch, ("model_price", value))
    with pytest.raises(SettingsError, match=r"^the weight model_price \(.*\): got .*; accepts a function that can be"):
        weights.weights(SETTINGS)
