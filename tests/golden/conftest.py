"""Golden files: what was written once, read by a person, and is to stay so."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the file of that name in this folder; with `--update-golden` write it instead."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).with_name(name)
        if request.config.getoption("--update-golden"):
            path.write_text(text)
        assert path.read_text() == text, f"{name} differs; where that is meant: pytest tests/golden --update-golden"

    return compare
