"""What a simulator of the providers has served, as it tells it over HTTP."""

import json
from urllib.request import urlopen

from app_integration.simulator import SNAPSHOTS


def told(url: str, provider: str) -> list[dict[str, object]]:
    """Return what the simulator says that it served for a provider, without the zeros."""
    with urlopen(f"{url}/simulator/stats") as response:
        calls = json.load(response)["calls"]
    return [{name: value for name, value in call.items() if value} for call in calls if call["provider"] == provider]


def served(provider: str, model: str, outcome: str, calls: int, **tokens_told: int) -> dict[str, object]:
    """Return a row of the statistics."""
    answered = {"response_model": SNAPSHOTS.get(model, model)} if outcome in {"success", "cut"} else {}
    return {"provider": provider, "model": model, **answered, "outcome": outcome, "calls": calls, **tokens_told}
